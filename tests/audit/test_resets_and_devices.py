"""Plans vary resets and phones: what each reset leaves of the identifiers, as the audit sees it."""

from pathlib import Path
from random import Random

import pytest

from hometruth.errors import PlanError
from hometruth.experiment import parse_plan
from hometruth.model import Audit, TrialStatus
from hometruth.run import run

PLAN = """
[plan]
id = "resets"
title = "What resets leave"
window = "for 60 s"

[subject]
driver = "lab"
kind = "simulated"
name = "two phones"
vendor = "Xiaomi"
product = "Mint Browser"
device = "redmi-note-8"

[[series]]
id = "resets"
actions = ["visit"]
installation = ["device", "version", "consent"]

[[series.cell]]
days = [0, 1]
[series.cell.levels]
device = ["redmi-note-8", "mi-10"]
version = ["3.4.0"]
consent = ["given"]
reset = ["none"]

[[series.cell]]
days = [0]
[series.cell.levels]
device = ["redmi-note-8", "mi-10"]
version = ["3.4.0"]
consent = ["given"]
reset = ["none", "restart", "clear-data", "reinstall", "reset-advertising-id", "factory-reset"]
"""


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    return run(parse_plan(PLAN, "plan"), tmp_path_factory.mktemp("resets") / "case", rng=Random(2))


def test_every_session_is_run_and_attested_on_its_phone_after_its_reset(audit: Audit) -> None:
    assert [trial.note for trial in audit.trials if trial.status is not TrialStatus.DONE] == []
    assert all(trial.is_attested() for trial in audit.trials)
    assert {trial.device for trial in audit.trials} == {"redmi-note-8", "mi-10"}
    assert all(trial.device == trial.condition.get("device") for trial in audit.trials)
    assert {trial.condition.get("reset") for trial in audit.trials} == {
        *("none", "restart", "clear-data", "reinstall", "reset-advertising-id", "factory-reset")
    }


def values(audit: Audit, field: str, trial: str) -> set[str]:
    return {item.value for item in audit.identifiers if item.field == field and trial in item.trials}


def test_the_android_id_outlives_all_but_the_factory_reset(audit: Audit) -> None:
    for device in ("redmi-note-8", "mi-10"):
        runs = [trial for trial in audit.trials if trial.device == device]
        before: set[str] = set()
        for trial in runs:
            now = values(audit, "properties.$device_id", trial.id)
            assert len(now) == 1
            if before:
                assert (now == before) == (trial.condition.get("reset") != "factory-reset")
            before = now


def test_the_token_is_new_after_what_forgets_the_app_and_not_otherwise(audit: Audit) -> None:
    forgetful = {"clear-data", "reinstall", "factory-reset"}
    before: tuple[str, set[str]] = ("", set())
    for trial in audit.trials:
        now = values(audit, "properties.uuid", trial.id)
        assert len(now) == 1
        if before[0] == trial.installation:
            assert (now == before[1]) == (trial.condition.get("reset") not in forgetful)
        before = (trial.installation, now)


def test_two_phones_have_different_ids(audit: Audit) -> None:
    ids = {
        device: set().union(
            *(
                values(audit, "properties.$device_id", trial.id)
                for trial in audit.trials
                if trial.device == device
            )
        )
        for device in ("redmi-note-8", "mi-10")
    }

    assert ids["redmi-note-8"].isdisjoint(ids["mi-10"])


def test_one_installation_on_two_phones_is_refused() -> None:
    text = PLAN.replace('installation = ["device", ', "installation = [")

    with pytest.raises(PlanError, match="an installation is on one device"):
        parse_plan(text, "plan")


def test_an_unknown_reset_loses_its_session_with_the_reason(tmp_path: Path) -> None:
    text = PLAN[: PLAN.rindex("[[series.cell]]")].replace('reset = ["none"]', 'reset = ["melt"]')
    audit = run(parse_plan(text, "plan"), tmp_path / "case", rng=Random(1))

    assert {trial.status for trial in audit.trials} == {TrialStatus.LOST}
    assert "no reset 'melt'; choose from none, restart" in audit.trials[0].note
