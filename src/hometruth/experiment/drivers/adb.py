"""A browser on a real phone at a cable: opened, tapped and typed into over `adb`.

Tried with a stand-in of the phone only, never with a phone in a hand. What it sends comes by its proxy
setting or by a tunnel (`adb_ways`). Nothing is assumed: an action happened if its own host saw it or
the screen shows it, and which mode a window is in, the screen and the canary site's cookie must agree on,
before and after. What is changed on the phone is in its journal first (`adb_journal`), and is put back in the
end.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from hometruth.errors import DriverError
from hometruth.experiment.drivers.adb_device import PROXY, AdbPhone, ScreenItem
from hometruth.experiment.drivers.adb_journal import PhoneJournal
from hometruth.experiment.drivers.adb_kind import AdbOptions
from hometruth.experiment.drivers.adb_package import signers
from hometruth.experiment.drivers.adb_ways import ProxyWay, TunnelWay, WayHere
from hometruth.experiment.drivers.base import ReachedAt
from hometruth.experiment.drivers.desktop.makes import NORMAL
from hometruth.experiment.drivers.desktop.site import (
    PROBE,
    ZONE,
    Arrival,
    Site,
    WindowCookie,
    routes,
    serving,
)
from hometruth.experiment.drivers.desktop.x_display import waited_for
from hometruth.experiment.planned import PlannedSession
from hometruth.model import ActionRecord, Attestation, Canary, Condition, Exchange, is_within

WARM_UP_S = 120.0
"""First-run pages come and go; a phone that has just updated something needs longer."""
LOADS_S = 20.0
"""Within which a page that was asked for reaches its host."""
RECORDS_S = 5.0
"""Within which what reached its host is in the recording."""
SHOWS_S = 10.0
"""Within which the screen shows what was done: to ask a phone for its screen takes some seconds."""
THINKS_S = 2.0
"""A person who types and does not submit looks at what is offered."""
STAY_ON, ON_ANY_POWER = "global.stay_on_while_plugged_in", "7"
READ_ANYWAY = ("global.private_dns_mode", "global.private_dns_specifier", PROXY)
"""Settings that say what goes round the proxy."""
LOG = "phone.jsonl"
KEYS = "keys:"
"""Before keys that are pressed at once, as a step: ``keys:CTRL_LEFT+T``."""
FRESH, KEPT = "fresh", "kept"
_BY_SCREEN = "what the phone's screen shows"
_BY_COOKIE = "the cookie that its window brings to the canary site"
_BY_PHONE = "the phone's own settings"
_BY_PACKAGES = "the phone's list of packages"


@dataclass
class _OnPhone:
    """The session that is under way."""

    mode: str
    levels: tuple[tuple[str, str], ...]
    cookie: WindowCookie


class AdbDriver:
    """Drives the browser of one phone.

    Args:
        folder: Takes what is read of the phone (`LOG`), and pictures of its screen.
        plan_folder: Where the path of an app to install starts.

    Raises:
        DriverError: If the phone is not there, or has no such app.
    """

    def __init__(self, options: AdbOptions, folder: Path, plan_folder: Path) -> None:
        self._options = options
        self._folder = folder.absolute()
        self._apk = None if options.apk is None else plan_folder / options.apk
        self._phone = AdbPhone(options.serial)
        if self._apk is None:
            self._phone.version(options.package)
        elif not self._apk.is_file():
            raise DriverError(f"{self._apk}: there is no such file; the plan wants it installed")
        self._stack = ExitStack()
        self._journal: PhoneJournal | None = None
        self._documents: list[bytes] = []
        """Targets of pages of others that were opened in this session, and answered."""
        self._recorded: set[tuple[str, str]] = set()
        self._session: _OnPhone | None = None
        self._package_hash = self._installation = ""
        self._way: WayHere | None = None
        self._is_kept_on = False
        self._found: dict[str, str | None] = {}
        """Settings that a condition asked for, as they were before."""
        self._n = 0

    def routes(self) -> Mapping[str, str]:
        """Take the phone, put back what an earlier run has left, and start the canaries' site."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._journal = self._stack.enter_context(PhoneJournal(self._phone.identity()))
        self._note("put back of an earlier run", changes=self._journal.restore(self._phone.undo))
        if self._apk is not None and self._phone.has(package := self._options.package):
            raise DriverError(f"{package} is installed already; its owner's is left alone")
        self._site: Site = self._stack.enter_context(serving())
        return routes(self._site)

    def reached_at(self) -> ReachedAt:
        """On loopback, by the cable; with a tunnel, as the phone's own network reaches this machine."""
        one = self._options
        if one.wireguard is None:
            return ReachedAt()
        return ReachedAt(one.listen, wireguard=one.wireguard, package=one.package)

    def connect(self, proxy_url: str, ca_file: Path) -> tuple[Canary, ...]:  # noqa: ARG002 - put there by hand
        """Note where the recorder is. Nothing is led there before the plan is sealed."""
        self._way = ProxyWay(self._phone, self._options.port, urlsplit(proxy_url).port or 0)
        return ()

    def joins(self, configuration: str) -> None:
        """The tunnel is the way."""
        self._way = TunnelWay(self._phone, configuration)

    def saw(self, exchange: Exchange) -> None:
        """Note what of the canaries' site is recorded, and pages of others that were opened and answered."""
        if is_within(exchange.host, ZONE):
            self._recorded.add((exchange.host, exchange.target.partition(b"?")[0].decode("ascii", "replace")))
        elif exchange.request_header("sec-fetch-dest") == b"document" and not exchange.delivered.is_attempt:
            self._documents.append(exchange.target)

    def prepare(self, session: PlannedSession) -> tuple[Attestation, ...]:
        """Bring settings and data into the condition, open the app, and a window of its mode."""
        self._session = None
        self._documents.clear()
        phone, package, condition = self._phone, self._options.package, session.trial.condition
        self._lead_here()
        self._led().check()
        if not self._package_hash:
            self._look_at_package()
        if session.trial.subject_day:
            raise DriverError("its clock cannot be moved to another day")
        mode = condition.get("mode") or NORMAL
        for name in (NORMAL, mode):
            if name not in self._options.windows:
                raise DriverError(f"the plan does not say how a window of mode {name!r} is opened")
        self._set(condition)
        phone.press("WAKEUP")
        profile = condition.get("profile")
        if profile == FRESH or self._installation not in {"", session.trial.installation}:
            if not self._options.may_clear:
                raise DriverError("it would delete what the app keeps, and the plan does not say may_clear")
            phone.clear(self._held(), package)
        self._installation = session.trial.installation
        first = self._started()
        if profile == KEPT and not first.cookie:  # nobody had opened the canaries' site in it yet
            first = self._started()
        self._session = _OnPhone(mode, condition.levels, WindowCookie(first))
        if mode != NORMAL:
            self._steps(self._options.windows[mode])
        self._note("before", trial=session.trial.id, **self._moment())
        return self._attest(self._session)

    def act(self, action: str, canary: Canary | None) -> ActionRecord:
        """Do it in the session's window, and keep a picture of what the screen shows then."""
        if canary is None:
            raise DriverError(f"a phone cannot {action}: nothing is planted by it")
        session = self._ready()
        self._led().check()
        at_ns = time.time_ns()
        do: Mapping[str, Callable[[_OnPhone, Canary], bool]] = {
            "visit": self._visit,
            "open-address": self._open_address,
            "search": self._search,
            "type": self._type,
        }
        happened = do[action](session, canary)
        self._led().check()
        return ActionRecord(action, canary.id, at_ns, happened, self._picture(canary.id))

    def wait(self, seconds: float) -> None:
        """Leave it alone."""
        time.sleep(seconds)

    def settle(self) -> tuple[Attestation, ...]:
        """Leave it alone for a while, ask the witnesses again, and end the app."""
        session = self._ready()
        time.sleep(self._options.idle_s)
        self._led().check()
        seen = self._attest(session)
        self._note("after", **self._moment())
        self._phone.stop(self._options.package)
        self._session = None
        return seen

    def close(self) -> None:
        """Put back what was changed. What cannot be stays in the journal: every later command on phones,
        and `hometruth end --phones`, tries again, and names it until then."""
        with self._stack:
            if self._journal is None:
                return
            try:
                self._note("put back", changes=self._journal.restore(self._phone.undo))
            except DriverError as err:
                self._note("still changed", error=str(err))

    # Beginning

    def _lead_here(self) -> None:
        """Keep the phone awake, and have what it sends come here."""
        phone, journal = self._phone, self._held()
        if not self._is_kept_on:
            phone.set(journal, STAY_ON, ON_ANY_POWER)
            phone.look_at_screen(journal)
            self._is_kept_on = True
        self._led().lead(journal)

    def _look_at_package(self) -> None:
        """Install the app, if the plan has its file, and note what it is and on what it runs."""
        phone, package = self._phone, self._options.package
        before = phone.listening()
        if self._apk is not None and not phone.has(package):
            phone.install(self._held(), package, self._apk.read_bytes())
            phone.start(package)
            time.sleep(self._options.idle_s)
            self._note("ports that listen since the app was installed", ports=phone.listening() - before)
        files = phone.files_of(package)
        base = phone.read_bytes("cat", files[0])
        digest = hashlib.sha256(base).hexdigest()
        if digest != phone.sha256(files[0]):
            raise DriverError(f"{phone.serial}: {files[0]} came other than the phone has it")
        self._signers = signers(base)
        self._note(
            "the phone",
            build=phone.build(),
            package=package,
            version=phone.version(package),
            files={path: phone.sha256(path) for path in files},
            signed_by=self._signers,
            listened=before,
        )
        self._package_hash = digest

    def _set(self, condition: Condition) -> None:
        """Settings as the condition asks for them; those that an earlier one asked for are as they were."""
        wanted = self._found | {name: level for name, level in condition.levels if "." in name}
        for name, level in wanted.items():
            if (now := self._phone.setting(name)) != level:
                self._found.setdefault(name, now)
                self._phone.set(self._held(), name, level)

    # Witnesses

    def _attest(self, session: _OnPhone) -> tuple[Attestation, ...]:
        package = self._options.package
        if self._phone.sha256(self._phone.files_of(package)[0]) != self._package_hash:
            raise DriverError(f"{package} is another one since the run began: it was updated")
        told = [
            Attestation("version", self._phone.version(package), _BY_PACKAGES),
            Attestation("package-sha256", self._package_hash, "the phone's own sha256sum"),
            Attestation("signed-by", " ".join(self._signers), "the package's signature"),
            Attestation("build", self._phone.build(), "the phone's own fingerprint"),
        ]
        cookie = session.cookie.mode(self._opened(PROBE, self._path("mode")))
        shown = self._mode_by_screen()
        if shown and cookie:
            told += [Attestation("mode", shown, _BY_SCREEN), Attestation("mode", cookie, _BY_COOKIE)]
        told.append(Attestation("profile", KEPT if session.cookie.first.cookie else FRESH, _BY_COOKIE))
        for name, _ in session.levels:
            if "." in name and (value := self._phone.setting(name)) is not None:
                told.append(Attestation(name, value, _BY_PHONE))
        return tuple(told)

    def _mode_by_screen(self) -> str | None:
        """The mode whose mark stands on the screen, else the normal one; None if the plan knows no mark."""
        if not self._options.marks:
            return None
        items = self._own_items()
        shown = [mode for mode, mark in self._options.marks.items() if _called(mark, items)]
        return (shown[0] if len(shown) == 1 else None) if shown else NORMAL

    def _moment(self) -> dict[str, object]:
        """What is read of the phone at the beginning and the end of every session."""
        offset_s, doubt_s = self._phone.clock_offset_s()
        return {
            "boot": self._phone.boot(),
            "clock_ahead_s": round(offset_s, 3),
            "clock_doubt_s": round(doubt_s, 3),
            "settings": {name: self._phone.setting(name) for name in READ_ANYWAY},
            "listening": self._phone.listening(),
        }

    def _note(self, what: str, **told: object) -> None:
        row = {"at_ns": time.time_ns(), "what": what, **told}
        with (self._folder / LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(row, default=sorted) + "\n")

    def _picture(self, name: str) -> str:
        """Keep a picture of the screen; returns which it is, with its digest, for the sealed record."""
        picture = self._phone.screenshot()
        file = self._folder / f"screen-{name}.png"
        file.write_bytes(picture)
        return f"screen {file.name}, SHA-256 {hashlib.sha256(picture).hexdigest()}"

    # Doing

    def _started(self) -> Arrival:
        """Open the app anew, with a normal window, and type until something arrives: first-run pages swallow
        what is typed into them."""
        self._phone.stop(self._options.package)
        self._phone.start(self._options.package)
        self._steps(self._options.windows[NORMAL])
        until = time.monotonic() + WARM_UP_S
        while time.monotonic() < until:
            if seen := self._opened(PROBE, self._path("first")):
                return seen
        raise DriverError(f"nothing typed into its address bar arrived within {WARM_UP_S:.0f} s")

    def _visit(self, session: _OnPhone, canary: Canary) -> bool:  # noqa: ARG002
        return self._opened(f"{canary.value}.{ZONE}", f"/story/{canary.value}") is not None

    def _open_address(self, session: _OnPhone, canary: Canary) -> bool:
        if session.mode != NORMAL:
            raise DriverError("an address that another app hands over opens in a normal window")
        host, path = f"{canary.value}.{ZONE}", f"/story/{canary.value}"
        since_ns = time.time_ns()
        self._phone.open(f"http://{host}{path}", self._options.package)
        return self._arrived(host, path, since_ns) is not None

    def _search(self, session: _OnPhone, canary: Canary) -> bool:  # noqa: ARG002
        self._type_in(canary.value)
        self._phone.press("ENTER")
        value = canary.value.encode()
        return bool(waited_for(lambda: any(value in target for target in self._documents), LOADS_S))

    def _type(self, session: _OnPhone, canary: Canary) -> bool:  # noqa: ARG002
        self._type_in(canary.value)
        time.sleep(THINKS_S)
        stood = waited_for(
            lambda: any(canary.value in word for item in self._own_items() for word in item.words), SHOWS_S
        )
        self._phone.press("MOVE_END", *["DEL"] * len(canary.value))
        return bool(stood)

    def _opened(self, host: str, path: str) -> Arrival | None:
        """Type an address and submit it; what the site saw of it, None if nothing arrived."""
        since_ns = time.time_ns()
        self._type_in(f"{host}{path}")
        self._phone.press("ENTER")
        return self._arrived(host, path, since_ns)

    def _arrived(self, host: str, path: str, since_ns: int) -> Arrival | None:
        seen = waited_for(lambda: self._site.got(host, path, since_ns), LOADS_S)
        if seen and not waited_for(lambda: (host, path) in self._recorded, RECORDS_S):
            raise DriverError(f"a visit reached {host} round the recorder")
        return seen

    def _type_in(self, text: str) -> None:
        self._steps(self._options.address_bar)
        self._phone.type(text)

    def _steps(self, steps: Iterable[str]) -> None:
        for step in steps:
            if step.startswith(KEYS):
                self._phone.press_together(step.removeprefix(KEYS).split("+"))
                continue
            item = waited_for(lambda name=step: _called(name, self._own_items()), SHOWS_S)  # type: ignore[misc]
            if item is None:
                raise DriverError(f"nothing of the app on the phone's screen is called {step!r}")
            self._phone.tap(item.x, item.y)

    def _own_items(self) -> list[ScreenItem]:
        """What the app itself shows; of others (keyboard, notices) nothing is tapped."""
        return [item for item in self._phone.screen() if item.package == self._options.package]

    def _path(self, name: str) -> str:
        self._n += 1
        return f"/{name}/{self._n}"

    def _led(self) -> WayHere:
        assert self._way is not None  # `connect` comes first
        return self._way

    def _held(self) -> PhoneJournal:
        assert self._journal is not None  # `routes` comes first
        return self._journal

    def _ready(self) -> _OnPhone:
        if self._session is None:
            raise DriverError("no session is under way")
        return self._session


def _called(name: str, items: Iterable[ScreenItem]) -> ScreenItem | None:
    """The first item of this text, description or name in the app (``url_bar``, or with its package)."""
    return next(
        (
            item
            for item in items
            for word in item.words
            if word.casefold() == name.casefold() or word.endswith(f":id/{name}")
        ),
        None,
    )
