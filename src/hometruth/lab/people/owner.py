"""An owner: a made-up name, a phone, an account or none, and habits. The same seed gives the same owner."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

from hometruth.lab.android.profiles import PROFILES
from hometruth.lab.people.world import SHELVES, Zipf, made_up_name

FAVOURITES = {
    "page": (8, 25),
    "search": (5, 20),
    "item": (0, 10),
    "video": (0, 12),
    "song": (5, 40),
    "folder": (2, 8),
    "setting": (1, 5),
    "tap": (5, 20),
}
"""Fewest and most favourites of each sort. Invented."""
EXPONENT = 1.1
"""Of Zipf's law over one owner's own favourites. Invented."""
SHARE_WITH_ACCOUNT = 0.6
SHARE_WITHOUT_INCOGNITO = 0.4
BROWSERS = (("mint-browser", "3.4.0"), ("mi-browser", "12.1.3"), ("mi-browser-pro", "12.1.3"))
"""As in April 2020, before the update with the switch."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What somebody does, how often, and when. Every range is invented."""

    favourites: Mapping[str, tuple[str, ...]]
    """By sort, the dearest first; chosen by Zipf's law."""
    exploring: float
    """Share of choices that are no favourite, but drawn from all there is."""
    appetite: Mapping[str, float]
    """Sort to weight: how much of what is done is of that sort."""
    sessions_a_day: float
    things_a_session: float
    wakes_h: float
    sleeps_h: float
    """Hours of the day, UTC; after midnight above 24."""
    incognito: float
    """Share of the sessions in a browser that are private."""


@dataclass(frozen=True, slots=True)
class Owner:
    """One synthetic person."""

    number: int
    seed: int
    name: str
    """Made up from syllables."""
    account: str | None
    """The Mi account, which says that it is synthetic."""
    profile: str
    browser: str
    browser_version: str
    habits: Habits

    @property
    def id(self) -> str:
        """Short and unique in a fleet: the ground truth of every table."""
        return f"owner-{self.number:04d}"

    def rng(self, *what: object) -> Random:
        """Randomness of this owner for one purpose, the same every time."""
        return Random("/".join(map(str, ("owner", self.seed, self.number, *what))))  # noqa: S311


def make_owner(number: int, seed: int) -> Owner:
    """The owner of that number in the roster of *seed*."""
    rng = Random(f"owner/{seed}/{number}")  # noqa: S311 - synthetic people, repeatably
    browser, version = rng.choice(BROWSERS)
    return Owner(
        number=number,
        seed=seed,
        name=made_up_name(rng),
        account=f"synthetic-{seed}-{number:04d}" if rng.random() < SHARE_WITH_ACCOUNT else None,
        profile=rng.choice(tuple(PROFILES)),
        browser=browser,
        browser_version=version,
        habits=_habits(rng),
    )


@cache
def shelf_zipf(sort: str) -> Zipf:
    """How popular the things of one sort are in the whole world."""
    shelf = SHELVES[sort]
    return Zipf(shelf.size, shelf.exponent)


@cache
def own_zipf(n: int) -> Zipf:
    """How much dearer the first of *n* favourites is than the last."""
    return Zipf(n, EXPONENT)


def _habits(rng: Random) -> Habits:
    wakes_h = rng.uniform(5.5, 9.5)
    return Habits(
        favourites={
            sort: tuple(
                SHELVES[sort].name(rank)
                for rank in shelf_zipf(sort).draw_distinct(rng, rng.randint(fewest, most))
            )
            for sort, (fewest, most) in FAVOURITES.items()
        },
        exploring=rng.uniform(0.1, 0.5),
        appetite={sort: rng.expovariate(1.0) + 0.05 for sort in FAVOURITES},
        sessions_a_day=rng.uniform(4, 16),
        things_a_session=rng.uniform(1.5, 5),
        wakes_h=wakes_h,
        sleeps_h=wakes_h + rng.uniform(14, 17.5),
        incognito=0.0 if rng.random() < SHARE_WITHOUT_INCOGNITO else rng.uniform(0.02, 0.4),
    )
