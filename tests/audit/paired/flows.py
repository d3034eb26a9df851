"""Paired trials and their traffic, made by hand."""

from hometruth.audit.paired import Flow
from hometruth.canaries import mint_address
from hometruth.model import ActionRecord, Arm, Attestation, Canary, Condition, Pairing, Trial
from hometruth.opaque import Sent

INCOGNITO = Condition.of({"mode": "incognito"})
NORMAL = Condition.of({"mode": "normal"})
HOST = "t.vendor.example"
PAIRING = Pairing("pairs", 20, 4, 0, 0.001, (HOST,), 10.0)


def half(
    number: int,
    arm: Arm,
    *,
    condition: Condition = INCOGNITO,
    visits: int = 4,
) -> tuple[Trial, list[Canary]]:
    """One half of pair *number*, run as planned, and what was planted in it."""
    name = f"{condition}-{number}-{arm}"
    canaries = [] if arm is Arm.SHAM else [mint_address(cell=name) for _ in range(visits)]
    actions = [ActionRecord("open-decoy", None, 1, True)]
    actions += [ActionRecord("visit-address", canary.id, 2, True) for canary in canaries]
    trial = Trial(
        id=name,
        series="pairs",
        condition=condition,
        block=number,
        installation=f"i{number}",
        device="phone",
        attested=tuple(Attestation(factor, level, "test") for factor, level in condition.levels),
        actions=tuple(actions),
        arm=arm,
        planted=tuple(canary.id for canary in canaries),
    )
    return trial, canaries


def pairs(n: int, condition: Condition = INCOGNITO) -> tuple[list[Trial], list[Canary]]:
    """*n* pairs under one condition."""
    trials: list[Trial] = []
    canaries: list[Canary] = []
    for number in range(1, n + 1):
        for arm in (Arm.CANARIES, Arm.SHAM):
            trial, planted = half(number, arm, condition=condition)
            trials.append(trial)
            canaries += planted
    return trials, canaries


def sent(trial: Trial, size_bytes: int, *, host: str = HOST, vendor: bool = True) -> Flow:
    """One request in *trial*."""
    return Flow(Sent(trial.id, host, "/sa", size_bytes, (size_bytes,)), vendor)


def leaking(trials: list[Trial], *, host: str = HOST, vendor: bool = True) -> list[Flow]:
    """Requests that are larger wherever something was visited."""
    return [
        sent(trial, 9000 if trial.arm is Arm.CANARIES else 100, host=host, vendor=vendor) for trial in trials
    ]
