"""A paired series as written down: how many pairs, what is planted, and what is tested.

Everything that fixes the number of tests is here, and so is sealed before the run.
"""

from collections.abc import Mapping
from typing import Any

from hometruth.errors import PlanError
from hometruth.model import Pairing

KEYS = frozenset(
    {"pairs", "visits", "content_pairs", "alpha", "endpoints", "target_percent", "shortest_path"}
)
"""Fields of a series that make it a paired one."""
ALPHA = 0.001
VISITS = 20
TARGET_PERCENT = 10.0
MAX_VISITS = 200
"""More would not fit into a session that a person could have had."""
SHORTEST_PATH, MOST_SHORTEST_PATH = 16, 4000
"""Characters; with the most, the longest address is as long as servers commonly take (8 kB)."""


def pairing_of(row: Mapping[str, Any], series: str, where: str) -> Pairing | None:
    """The pairing of a series; None if nothing in *row* asks for pairs.

    Raises:
        PlanError: If a field of it makes no sense; *where* names the series.
    """
    if not KEYS & row.keys():
        return None
    if stray := sorted({"blocks", "actions", "days", "installation"} & row.keys()):
        raise PlanError(
            f"{where}: a paired series has no {', '.join(stray)}: pairs, visits and installations are its own"
        )
    return Pairing(
        series=series,
        pairs=_whole(row, "pairs", None, where),
        visits=_whole(row, "visits", VISITS, where, most=MAX_VISITS),
        content_pairs=_whole(row, "content_pairs", 0, where, least=0),
        alpha=_share(row, "alpha", ALPHA, 1.0, where),
        endpoints=_endpoints(row, where),
        target_percent=_share(row, "target_percent", TARGET_PERCENT, 100.0, where),
        shortest_path=_whole(
            row, "shortest_path", SHORTEST_PATH, where, least=SHORTEST_PATH, most=MOST_SHORTEST_PATH
        ),
    )


def _whole(
    row: Mapping[str, Any], key: str, default: int | None, where: str, *, least: int = 1, most: int = 10_000
) -> int:
    value = row.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise PlanError(f"{where}: {key} must be a whole number from {least} to {most}, not {value!r}")
    return value


def _share(row: Mapping[str, Any], key: str, default: float, below: float, where: str) -> float:
    value = row.get(key, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < below:
        raise PlanError(f"{where}: {key} must be a number above 0 and below {below:g}, not {value!r}")
    return float(value)


def _endpoints(row: Mapping[str, Any], where: str) -> tuple[str, ...]:
    value = row.get("endpoints", [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise PlanError(f"{where}: endpoints must be a list of hosts, or hosts and paths, not {value!r}")
    names = [item.lower() for item in value]
    if twice := sorted({name for name in names if names.count(name) > 1 or name == "elsewhere"}):
        raise PlanError(
            f"{where}: endpoints names {twice[0]} twice (what fits no other is the group elsewhere already)"
        )
    return tuple(value)
