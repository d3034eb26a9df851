"""CONTRIBUTING's recipe for a driver, followed literally: a plan names it, and a run finds its canaries."""

from pathlib import Path

import pytest

from hometruth.errors import PlanError
from hometruth.experiment import DRIVERS, drivers, parse_plan
from hometruth.model import TrialStatus
from hometruth.run import run
from tests.recipes import followed

PLAN = """
[plan]
id = "fetched"
title = "Pages fetched by a program"
phantoms = 10
window = "while it ran"

[subject]
driver = "fetcher"
kind = "simulated"
name = "a program"
vendor = "nobody"
product = "Fetcher"
device = "this machine"

[[series]]
id = "pages"
blocks = 2
actions = ["fetch"]

[[series.cell]]
[series.cell.levels]
mode = ["normal", "incognito"]
"""


@pytest.fixture(autouse=True)
def _followed(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Path(drivers.__file__)
    for name, kind in followed("Add a driver", table, "DRIVERS: Mapping[str, DriverKind] = {").items():
        monkeypatch.setitem(DRIVERS, name, kind)


def test_a_plan_runs_with_it(tmp_path: Path) -> None:
    audit = run(parse_plan(PLAN, "plan.toml"), tmp_path / "case")

    assert {trial.status for trial in audit.trials} == {TrialStatus.DONE}
    assert {trial.condition.get("mode") for trial in audit.trials if trial.is_attested()} == {"normal"}
    assert {finding.recipient.host for finding in audit.findings} == {"pages.example"}
    assert len(audit.findings) == len(audit.trials) == 4


def test_a_plan_can_ask_only_for_what_it_does() -> None:
    with pytest.raises(PlanError, match=r"unknown action visit \(have: fetch\)"):
        parse_plan(PLAN.replace('["fetch"]', '["visit"]'), "plan.toml")
