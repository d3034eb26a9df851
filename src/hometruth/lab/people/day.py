"""One day of an owner: sessions at their hours, and what is done in each."""

from dataclasses import dataclass
from random import Random

from hometruth.lab.people.owner import Owner, own_zipf, shelf_zipf
from hometruth.lab.people.world import SHELVES

BETWEEN_S = (5.0, 120.0)
"""Between two things in one session. Invented."""
DONE_BY = {
    "page": "visit",
    "search": "search",
    "item": "read-item",
    "video": "watch-video",
    "song": "play",
    "folder": "open-folder",
    "setting": "open-settings",
    "tap": "tap-screen",
}
"""The app's action for each sort of thing."""
IN_APP = {"song": "music-player", "folder": "system", "setting": "system", "tap": "system"}
"""Apps of the sorts that are not done in the browser."""


@dataclass(frozen=True, slots=True)
class Doing:
    """One thing an owner does."""

    after_s: float
    """Seconds after midnight, not before which it is done."""
    app: str
    action: str
    text: str
    incognito: bool


def plan_day(owner: Owner, day: int) -> tuple[Doing, ...]:
    """What *owner* does on a day, in order; the same every time."""
    rng = owner.rng("day", day)
    habits = owner.habits
    n_sessions = _about(habits.sessions_a_day, rng)
    hours = sorted(_hour(habits.wakes_h, habits.sleeps_h, rng) for _ in range(n_sessions))
    return tuple(doing for hour in hours for doing in _session(owner, hour * 3600.0, rng))


def _session(owner: Owner, start_s: float, rng: Random) -> list[Doing]:
    private = rng.random() < owner.habits.incognito
    doings = []
    at_s = start_s
    for _ in range(max(1, _about(owner.habits.things_a_session, rng))):
        sort = _sort(owner, rng)
        app = IN_APP.get(sort, owner.browser)
        incognito = private and app == owner.browser
        doings.append(Doing(at_s, app, DONE_BY[sort], _thing(owner, sort, rng), incognito))
        at_s += rng.uniform(*BETWEEN_S)
    return doings


def _sort(owner: Owner, rng: Random) -> str:
    appetite = owner.habits.appetite
    (sort,) = rng.choices(tuple(appetite), weights=tuple(appetite.values()))
    return sort


def _thing(owner: Owner, sort: str, rng: Random) -> str:
    """A favourite, or now and then anything there is."""
    favourites = owner.habits.favourites[sort]
    if not favourites or rng.random() < owner.habits.exploring:
        return SHELVES[sort].name(shelf_zipf(sort).draw(rng))
    return favourites[own_zipf(len(favourites)).draw(rng) - 1]


def _hour(wakes_h: float, sleeps_h: float, rng: Random) -> float:
    """An hour awake: towards the evening more often than not."""
    return rng.triangular(wakes_h, sleeps_h, wakes_h + 0.75 * (sleeps_h - wakes_h))


def _about(mean: float, rng: Random) -> int:
    """A whole number around *mean*, at least 0."""
    return max(0, round(rng.gauss(mean, mean / 4)))
