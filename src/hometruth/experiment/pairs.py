"""The pairs of one condition: a coin, addresses, and moments, all drawn before the run.

The coin says which half has the canaries; nobody but the design knows it until the session is run, and the
subject never does. Both halves load the decoy page once and then do as many things at equally random
moments: one visits addresses, the other taps on the decoy page (or visits addresses of equal length
without content).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from hometruth.experiment.planned import PlannedAction
from hometruth.model import Arm, Canary, Pairing, Trial

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
    visits = pairing.visits
    treated = PlannedHalf(Arm.CANARIES, addresses, _actions(VISIT_ADDRESS, _ids(addresses), visits, rng))
    if content:
        alike = tuple(
            mint(cell=control_id, path_length=item.path_length, repeated=True, rng=rng) for item in addresses
        )
        control = PlannedHalf(Arm.REPEATED, alike, _actions(VISIT_ADDRESS, _ids(alike), visits, rng))
    else:
        control = PlannedHalf(Arm.SHAM, (), _actions(TAP, (), visits, rng))
    return (treated, control) if treated_first else (control, treated)


def actions_again(half: Trial, pairing: Pairing, rng: Random) -> tuple[PlannedAction, ...]:
    """What is done in a half whose coin was thrown and whose addresses were made before.

    The moments are drawn anew: all that hangs on them is that they are random, in both halves alike.
    """
    action = TAP if half.arm is Arm.SHAM else VISIT_ADDRESS
    return _actions(action, half.planted, pairing.visits, rng)


def _ids(canaries: Sequence[Canary]) -> tuple[str, ...]:
    return tuple(canary.id for canary in canaries)


def _actions(action: str, canaries: Sequence[str], visits: int, rng: Random) -> tuple[PlannedAction, ...]:
    """The decoy page, then one thing at each of so many random moments."""
    moments = sorted(rng.uniform(0.0, ACTIVE_S) for _ in range(visits))
    waits = [later - earlier for earlier, later in zip([0.0, *moments], moments, strict=False)]
    planted: Sequence[str | None] = canaries or [None] * visits
    return (
        PlannedAction(OPEN_DECOY, None),
        *(PlannedAction(action, canary, wait) for canary, wait in zip(planted, waits, strict=True)),
    )
