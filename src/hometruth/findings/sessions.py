"""Which session an exchange speaks of: a queue may be uploaded hours later, in the middle of another session.

What it carries decides, not when it was seen: a minted value belongs to one session only. What chance may
have met does not: a random number of 32 bits is now and then a short digest of some other session's value,
and would move the upload that holds it into a session that sent nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator

from hometruth.model import DECIDING_BITS, Exchange, Sighting, Value

SURE_BITS = DECIDING_BITS + 30
"""Of what was matched: they decide wherever in a gigabyte it stands. How much was searched is known later."""


def sessions_of(exchange: Exchange, sightings: Iterable[Sighting]) -> tuple[str, ...]:
    """Sessions whose minted values *exchange* surely carries, else the one it was recorded in; sorted."""
    cells = {item.canary.cell for item in _telling(exchange, sightings) if item.canary.cell}
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
    for item in _telling(exchange, sightings):
        if item.canary.cell and (record := _record(item.value, records)):
            cells[record].add(item.canary.cell)

    def session(value: Value) -> str | None:
        spoken_of = cells.get(_record(value, records) or "", set())
        return min(spoken_of) if len(spoken_of) == 1 else None

    return session


def _telling(exchange: Exchange, sightings: Iterable[Sighting]) -> Iterator[Sighting]:
    """Those that no chance explains, and any of the session in which it was recorded."""
    return (
        item for item in sightings if item.evidence_bits >= SURE_BITS or item.canary.cell == exchange.trial
    )


def _record(value: Value, records: Iterable[str]) -> str | None:
    return next((record for record in records if value.path.startswith(f"{record}.")), None)
