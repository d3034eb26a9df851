"""The lab is the oracle: what the phone really sent and what the audit found agree exactly, both ways.

The truth is computed from the ledger's plain events by a few lines that share no code with the audit.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hometruth.canaries import load_canaries
from hometruth.lab import TELEMETRY_HOST
from hometruth.lab.ledger import Ledger, read_ledger
from hometruth.model import Audit, Canary
from tests.audit.runs import experiment, small_plan

SEEDS = range(2)
N_PHANTOMS = 1000


class Case(NamedTuple):
    """A run in its folder, and what was found in it."""

    folder: Path
    audit: Audit


@pytest.fixture(scope="module", params=SEEDS)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """One session of every cell."""
    folder = tmp_path_factory.mktemp("ledger") / "case"
    return Case(folder, experiment(folder, small_plan(), seed=request.param, phantoms=N_PHANTOMS))


def strings(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every string inside *value*, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(item, f"{path}.{key}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from strings(item, f"{path}[{place}]")


def telemetry_truth(ledger: Ledger, canaries: tuple[Canary, ...]) -> Counter[tuple[str, str]]:
    """How often each canary was sent at which place of an event, to the vendor's collector."""
    return Counter(
        (canary.id, path)
        for request in ledger.requests
        if request.host == TELEMETRY_HOST and request.events
        for path, text in strings(list(request.events), "data_list")
        for canary in canaries
        if canary.value in text
    )


def page_truth(ledger: Ledger, canaries: tuple[Canary, ...]) -> set[tuple[str, str]]:
    """Which canary went to which other host, in the address."""
    return {
        (canary.id, request.host)
        for request in ledger.requests
        if not request.events
        for canary in canaries
        if canary.value in request.url
    }


def telemetry_found(audit: Audit) -> Counter[tuple[str, str]]:
    return Counter(
        (finding.canary.id, sighting.value.path)
        for finding in audit.findings
        if finding.recipient.host == TELEMETRY_HOST
        for sighting in finding.sightings
    )


def test_ledger_and_findings_agree(case: Case) -> None:
    audit = case.audit
    ledger = read_ledger(case.folder / "lab" / "ledger.jsonl")
    canaries = load_canaries(case.folder / "canaries.jsonl").canaries

    assert telemetry_found(audit) == telemetry_truth(ledger, canaries)
    assert {
        (finding.canary.id, finding.recipient.host)
        for finding in audit.findings
        if finding.recipient.host != TELEMETRY_HOST
    } == page_truth(ledger, canaries)
    assert audit.phantoms_sighted == 0
    assert audit.n_phantoms == N_PHANTOMS


def test_every_cell_is_judged_by_what_really_ran_in_it(case: Case) -> None:
    audit = case.audit
    ledger = read_ledger(case.folder / "lab" / "ledger.jsonl")
    cell_of = {canary.id: canary.cell for canary in load_canaries(case.folder / "canaries.jsonl").canaries}
    trials = {trial.id: trial for trial in audit.trials}
    found = [finding for finding in audit.findings if finding.recipient.host == TELEMETRY_HOST]

    assert all(trial.is_attested() for trial in audit.trials)
    assert len({trial.condition for trial in audit.trials if trial.series == "matrix"}) == 18
    for event in ledger.recorded:
        for finding in found:
            if finding.canary.cell and finding.canary.value in str(event.event):
                levels = trials[cell_of[finding.canary.id] or ""].condition.as_dict()
                assert event.cell.items() <= levels.items()


def test_own_visits_are_expected_and_nothing_else_is(case: Case) -> None:
    for finding in case.audit.findings:
        assert finding.expected == (finding.recipient.host != TELEMETRY_HOST), finding
