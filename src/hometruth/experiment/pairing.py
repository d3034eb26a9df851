"""A paired series as written down: how many pairs, what is planted, and what is tested.

Everything that fixes the number of tests is here, and so is sealed before the run.
"""

from typing import Annotated

from msgspec import Meta

from hometruth.handed_in import Place, Table, Text
from hometruth.model import Pairing

ALPHA = 0.001
VISITS = 20
TARGET_PERCENT = 10.0
MAX_VISITS = 200
"""More would not fit into a session that a person could have had."""
SHORTEST_PATH, MOST_SHORTEST_PATH = 16, 4000
"""Characters; with the most, the longest address is as long as servers commonly take (8 kB)."""
MOST_PAIRS = 10_000


class Paired(Table, frozen=True):
    """Fields of a series that make it a paired one; it is none if all are left out."""

    pairs: Annotated[int, Meta(ge=1, le=MOST_PAIRS)] | None = None
    visits: Annotated[int, Meta(ge=1, le=MAX_VISITS)] | None = None
    content_pairs: Annotated[int, Meta(ge=0, le=MOST_PAIRS)] | None = None
    alpha: Annotated[float, Meta(gt=0, lt=1)] | None = None
    endpoints: tuple[Text, ...] | None = None
    """Hosts, or hosts and paths."""
    target_percent: Annotated[float, Meta(gt=0, lt=100)] | None = None
    shortest_path: Annotated[int, Meta(ge=SHORTEST_PATH, le=MOST_SHORTEST_PATH)] | None = None


def pairing_of(row: Paired, series: str, place: Place) -> Pairing | None:
    """The pairing of a series; None if nothing in *row* asks for pairs.

    Raises:
        PlanError: If a field of it makes no sense; *place* is that of the series.
    """
    if all(getattr(row, name) is None for name in Paired.__struct_fields__):
        return None
    if stray := [
        name for name in ("actions", "blocks", "days", "installation") if getattr(row, name) is not None
    ]:
        place.at(stray[0]).fail(
            f"a paired series has no {', '.join(stray)}: pairs, visits and installations are its own"
        )
    if row.pairs is None:
        place.fail(f"pairs must be a whole number from 1 to {MOST_PAIRS}, and is missing")
    return Pairing(
        series=series,
        pairs=row.pairs,
        visits=row.visits or VISITS,
        content_pairs=row.content_pairs or 0,
        alpha=row.alpha or ALPHA,
        endpoints=_endpoints(row.endpoints or (), place),
        target_percent=row.target_percent or TARGET_PERCENT,
        shortest_path=row.shortest_path or SHORTEST_PATH,
    )


def _endpoints(given: tuple[str, ...], place: Place) -> tuple[str, ...]:
    names = [item.lower() for item in given]
    if twice := sorted({name for name in names if names.count(name) > 1 or name == "elsewhere"}):
        place.at("endpoints").fail(
            f"endpoints names {twice[0]} twice (what fits no other is the group elsewhere already)"
        )
    return given
