"""Which session an exchange speaks of: a queue may be uploaded hours later, in the middle of another session.

What it carries decides, not when it was seen: a minted value belongs to one session only.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

from hometruth.model import Exchange, Sighting, Value


def sessions_of(exchange: Exchange, sightings: Iterable[Sighting]) -> tuple[str, ...]:
    """Sessions whose minted values *exchange* carries, else the one it was recorded in; sorted."""
    cells = {item.canary.cell for item in sightings if item.canary.cell}
    if not cells and exchange.trial:
        cells = {exchange.trial}
    return tuple(sorted(cells))


def session_of_value(
    exchange: Exchange, sightings: Collection[Sighting], records: Collection[str]
) -> Callable[[Value], str | None]:
    """For each value of *exchange*, the session it speaks of; None where nobody can say.

    Args:
        records: Paths of the telemetry records in it. In a late or mixed upload, only a record that carries
            a session's minted value certainly speaks of that session.
    """
    if set(sessions_of(exchange, sightings)) <= {exchange.trial}:
        return lambda _value: exchange.trial
    cells: dict[str, set[str]] = defaultdict(set)
    for item in sightings:
        if item.canary.cell and (record := _record(item.value, records)):
            cells[record].add(item.canary.cell)

    def session(value: Value) -> str | None:
        spoken_of = cells.get(_record(value, records) or "", set())
        return min(spoken_of) if len(spoken_of) == 1 else None

    return session


def _record(value: Value, records: Iterable[str]) -> str | None:
    return next((record for record in records if value.path.startswith(f"{record}.")), None)
