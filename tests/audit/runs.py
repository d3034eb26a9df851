"""Small real experiments on the lab: real recorder, real TLS, real phone process."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from hometruth.experiment import Plan, bundled_plan
from hometruth.experiment.drivers.lab import LabDriver
from hometruth.lab import Change
from hometruth.model import Audit, Condition, Verdict
from hometruth.run import run

PLAN = "mint-browser-2020"
PHANTOMS = 100
"""Fewer than a bundled plan has: what a thousand catch by chance is looked for in `test_ledger`."""


def small_plan(blocks: int = 1) -> Plan:
    """The demo's plan with fewer repetitions."""
    return bundled_plan(PLAN).scaled(blocks)


def experiment(
    folder: Path,
    plan: Plan,
    *,
    seed: int | None = None,
    mutations: Sequence[Change] = (),
    driver: type[LabDriver] = LabDriver,
    phantoms: int = PHANTOMS,
) -> Audit:
    """Run *plan* on a lab phone and judge it."""
    rng = None if seed is None else Random(seed)
    return run(
        replace(plan, phantoms=phantoms),
        folder,
        rng=rng,
        driver=driver(plan.subject, folder / "lab", devices=plan.devices, mutations=mutations),
    )


def row(audit: Audit, proposition: str, **levels: str) -> Verdict:
    """The verdict on one proposition in one condition (no levels: the whole), whatever version was meant."""
    wanted = Condition.of(levels)
    (found,) = [
        item for item in audit.verdicts if item.proposition == proposition and item.condition == wanted
    ]
    return replace(found, verdict=found.observed or found.verdict)


def whole_flows(traffic: bytes, most: int) -> bytes:
    """The first flows of a file, none of them cut: nothing in the file itself shows that more is missing."""
    end = 0
    while end < most:
        digits = traffic[end : traffic.index(b":", end)]
        end += len(digits) + 1 + int(digits) + 1
    return traffic[:end]
