"""Small real experiments on the lab: real recorder, real TLS, real phone process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hometruth.audit import bench
from hometruth.audit.case_audit import question_of, recording_of
from hometruth.audit.examine import Examined, Note, examine
from hometruth.audit.judging import audit
from hometruth.audit.question import Question
from hometruth.canaries import Search
from hometruth.case import open_case
from hometruth.experiment import Plan, bundled_plan
from hometruth.experiment.drivers.lab import LabDriver
from hometruth.lab import Change
from hometruth.model import Audit, Canary, Condition, Exchange, Gap, Trial, Verdict
from hometruth.peel import Peeled
from hometruth.run import run

PLAN = "mint-browser-2020"
PHANTOMS = 20
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


Memory = dict[tuple[Canary, ...], dict[Exchange, tuple[Examined, Peeled]]]


def _examined_once(
    seen: dict[Exchange, tuple[Examined, Peeled]],
    exchange: Exchange,
    search: Search,
    *,
    note: Note,
    **how: Any,
) -> Examined:
    """As `examine`, which peels what it has not seen yet; notes are taken anew."""

    def keep(examined: Examined, peeled: Peeled, /) -> None:
        seen[exchange] = examined, peeled

    if exchange not in seen:
        examine(exchange, search, note=keep, **how)
    examined, peeled = seen[exchange]
    return replace(examined, noted=note(examined, peeled))


@dataclass(frozen=True)
class Told:
    """What a case tells of some of its conditions, to be judged again with one thing changed."""

    question: Question
    recording: tuple[Exchange | Gap, ...]
    seen: "Memory" = field(default_factory=dict, compare=False)
    """What was seen in each exchange, which is the same whatever is changed of the trials around it."""

    def judged(self) -> Audit:
        """The audit of it, in this process: the suite has all cores at work."""
        seen = self.seen.setdefault(self.question.canaries, {})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bench, "examine", partial(_examined_once, seen))
            return audit(self.recording, self.question, jobs=1)

    def with_trials(self, change: Callable[[Trial], Trial]) -> "Told":
        """The same with other trials."""
        trials = tuple(change(trial) for trial in self.question.trials)
        return replace(self, question=replace(self.question, trials=trials))

    def only(self, condition: Condition) -> "Told":
        """The same of one condition alone; canaries of the others are looked for as before."""
        trials = tuple(trial for trial in self.question.trials if trial.condition == condition)
        ids = {trial.id for trial in trials}
        recording = tuple(item for item in self.recording if item.trial in ids)
        return replace(self, question=replace(self.question, trials=trials), recording=recording)

    def first(self, share: float) -> "Told":
        """The same, cut between two exchanges."""
        return replace(self, recording=self.recording[: round(share * len(self.recording))])

    def without(self, dropped: Callable[[Exchange], bool]) -> "Told":
        """The same without some exchanges."""
        kept = (item for item in self.recording if not (isinstance(item, Exchange) and dropped(item)))
        return replace(self, recording=tuple(kept))


def told_by(case: Path, *conditions: Condition) -> Told:
    """What *case* tells of these conditions, without phantoms; all of it, if none is named."""
    opened = open_case(case)
    question = question_of(opened)
    trials = tuple(trial for trial in question.trials if trial.condition in conditions or not conditions)
    ids = {trial.id for trial in trials}
    canaries = tuple(
        item for item in question.canaries if not item.phantom and (item.cell is None or item.cell in ids)
    )
    recording = tuple(item for item in recording_of(opened) if item.trial in ids or not conditions)
    return Told(replace(question, trials=trials, canaries=canaries), recording)
