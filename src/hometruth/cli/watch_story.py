"""A short story on the lab's phone, the researcher's video once more: every value in it is planted."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random

from hometruth.canaries import mint
from hometruth.lab import SEARCH_HOST, Phone
from hometruth.model import Canary, CanaryKind, Condition
from hometruth.model.departure import Deed

SETTLE_S = 20
"""Longer than the 15 s after which the phone sends."""
NOTHING = "nothing left the phone"


@dataclass(frozen=True, slots=True)
class StoryCanaries:
    """The story's values; the site and the search engine are meant to get theirs."""

    page: Canary
    search: Canary
    secret: Canary
    secret_page: Canary
    song: Canary
    folder: Canary
    quiet: Canary

    @property
    def all(self) -> tuple[Canary, ...]:
        """In the order of the story."""
        return (
            self.page,
            self.search,
            self.secret,
            self.secret_page,
            self.song,
            self.folder,
            self.quiet,
        )


def plant_story(rng: Random | None = None) -> StoryCanaries:
    """Fresh values."""

    def page() -> Canary:
        canary = mint(CanaryKind.PAGE, rng=rng)
        return replace(canary, first_party=(f"{canary.value}.sites.example",))

    def search() -> Canary:
        return replace(mint(CanaryKind.SEARCH, rng=rng), first_party=(SEARCH_HOST,))

    return StoryCanaries(
        page=page(),
        search=search(),
        secret=search(),
        secret_page=page(),
        song=mint(CanaryKind.SONG, rng=rng),
        folder=mint(CanaryKind.FOLDER, rng=rng),
        quiet=search(),
    )


def story(phone: Phone, planted: StoryCanaries) -> Iterator[Deed]:
    """Do one thing after the other; each is done when it is given."""
    for text, do, canaries, note in _scenes(phone, planted):
        do()
        yield Deed(time.time_ns(), text, canaries, note, _condition(phone.badge()))


SHOWN = ("mode", "switch")
"""Factors of the lab that the story is about."""


def _condition(badge: Mapping[str, str]) -> Condition:
    """Window and switch of the running app, as it shows them."""
    return Condition.of({name: badge[name] for name in SHOWN if badge.get(name, "absent") != "absent"})


Scene = tuple[str, Callable[[], object], tuple[Canary, ...], str]


def _scenes(phone: Phone, planted: StoryCanaries) -> Iterator[Scene]:
    def visit(canary: Canary) -> Scene:
        url = f"https://{canary.value}.sites.example/"
        return f"visits {url}", lambda: phone.visit(url), (canary,), ""

    def search(canary: Canary) -> Scene:
        words = f"rash {canary.value}"
        return f"searches for “{words}”", lambda: phone.search(words), (canary,), ""

    def wait() -> Scene:
        text = f"waits {SETTLE_S} s on the phone's clock"
        return text, lambda: phone.advance(SETTLE_S), (), NOTHING

    def opened(app: str, version: str) -> None:
        phone.install(version, app)
        phone.launch(app)
        if phone.badge()["consent"] == "none":
            phone.set_consent("given")

    def quiet() -> None:
        opened("mint-browser", "3.4.3")
        phone.set_incognito(on=True)
        phone.set_switch("off")

    title = f"opens Mint Browser 3.4.0 on a simulated {phone.identity.model}, and agrees to its question"
    yield title, lambda: opened("mint-browser", "3.4.0"), (), NOTHING
    yield visit(planted.page)
    yield search(planted.search)
    yield wait()
    yield "goes incognito", lambda: phone.set_incognito(on=True), (), ""
    yield search(planted.secret)
    yield visit(planted.secret_page)
    yield wait()
    song, folder = planted.song.value, planted.folder.value
    yield "opens the music player", lambda: opened("music-player", "2020.04"), (), ""
    yield f"plays “{song}”", lambda: phone.use("play", song), (planted.song,), ""
    yield wait()
    yield "goes to the home screen", lambda: opened("system", "2020.04"), (), ""
    yield f"opens the folder “{folder}”", lambda: phone.use("open-folder", folder), (planted.folder,), ""
    yield wait()
    yield "updates to 3.4.3, goes incognito, and toggles Enhanced Incognito Mode off", quiet, (), ""
    yield wait()
    yield search(planted.quiet)
    yield wait()
