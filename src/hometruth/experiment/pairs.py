"""The pairs of one condition: a coin, addresses, and moments, all drawn before the run.

The coin says which half has the canaries; nobody but the design knows it until the session is run, and the
subject never does. Both halves load the decoy page once and then do as many things at equally random
moments: one visits addresses, the other taps on the decoy page (or visits addresses of equal length
without content).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from hometruth.errors import PlanError
from hometruth.experiment.planned import PlannedAction
from hometruth.model import Arm, Canary, Pairing

OPEN_DECOY, VISIT_ADDRESS, TAP = "open-decoy", "visit-address", "tap-page"
"""Actions of a paired series; plans cannot name them."""
ACTIVE_S = 60.0
"""Seconds on the subject's clock in which the visits, or taps, happen."""


class MintAddress(Protocol):
    """How an address is made; the run passes `canaries.mint_address`."""

    def __call__(
        self,
        *,
        cell: str,
        path_length: int | None = None,
        shortest_path: int = ...,
        repeated: bool = False,
        rng: Random | None = None,
    ) -> Canary:
        """Mint one address."""


@dataclass(frozen=True, slots=True)
class PlannedHalf:
    """One half of a pair before it is run."""

    arm: Arm
    canaries: tuple[Canary, ...]
    actions: tuple[PlannedAction, ...]


def halves_of_pair(
    pairing: Pairing, trials: tuple[str, str], *, content: bool, mint: MintAddress, rng: Random
) -> tuple[PlannedHalf, PlannedHalf]:
    """The two halves in the order in which they are run.

    Args:
        trials: Ids of the two sessions, in that order.
        content: Set random against repeated addresses, instead of visits against a sham.
        rng: The coin, the addresses and the moments.
    """
    treated_first = bool(rng.getrandbits(1))
    treated_id, control_id = trials if treated_first else trials[::-1]
    addresses = tuple(
        mint(cell=treated_id, shortest_path=pairing.shortest_path, rng=rng) for _ in range(pairing.visits)
    )
    treated = PlannedHalf(Arm.CANARIES, addresses, _actions(VISIT_ADDRESS, addresses, pairing.visits, rng))
    if content:
        alike = tuple(
            mint(cell=control_id, path_length=item.path_length, repeated=True, rng=rng) for item in addresses
        )
        control = PlannedHalf(Arm.REPEATED, alike, _actions(VISIT_ADDRESS, alike, pairing.visits, rng))
    else:
        control = PlannedHalf(Arm.SHAM, (), _actions(TAP, (), pairing.visits, rng))
    return (treated, control) if treated_first else (control, treated)


def _actions(action: str, canaries: Sequence[Canary], visits: int, rng: Random) -> tuple[PlannedAction, ...]:
    """The decoy page, then one thing at each of so many random moments."""
    moments = sorted(rng.uniform(0.0, ACTIVE_S) for _ in range(visits))
    waits = [later - earlier for earlier, later in zip([0.0, *moments], moments, strict=False)]
    planted: Sequence[str | None] = [canary.id for canary in canaries] or [None] * visits
    return (
        PlannedAction(OPEN_DECOY, None),
        *(PlannedAction(action, canary, wait) for canary, wait in zip(planted, waits, strict=True)),
    )


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
