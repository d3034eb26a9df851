"""`hometruth compare` on real cases."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from hometruth.canaries import dump_canaries, mint
from hometruth.cli.compare import command
from hometruth.errors import CaptureError, CaseError
from hometruth.run import judge_recordings
from tests.audit.runs import experiment
from tests.audit.test_compare import incognito_plan
from tests.audit.test_new_case import labelled
from tests.cli.hars import har
from tests.published import fits


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare") / "case"
    experiment(folder, incognito_plan(2))
    return folder


SETTINGS = ["--a", "version=3.4.3", "--a", "switch=on", "--b", "version=3.4.3", "--b", "switch=off"]


def test_two_sessions_a_cell_settle_nothing_and_say_so(case: Path) -> None:
    result = CliRunner().invoke(command, [str(case), *SETTINGS])

    assert result.exit_code == 0
    assert "Changed: 0 differences" in result.output
    assert "− page visited → sa.api.intl.miui.com  2 of 2 → 0 of 2" in result.output
    assert "more sessions would settle them" in result.output


def test_json_has_every_comparison(case: Path) -> None:
    result = CliRunner().invoke(command, [str(case), *SETTINGS, "--json"])
    told = fits("comparison", result.output)

    assert told["n_tests"] == len(told["changes"]) > 20
    assert {item["settled"] for item in told["changes"]} == {False}


def test_a_level_that_is_none_is_an_error(case: Path) -> None:
    result = CliRunner().invoke(command, [str(case), "--a", "switch"])

    assert result.exit_code == 2
    assert "is not FACTOR=LEVEL" in result.output


def test_no_case_is_an_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(tmp_path), str(tmp_path)])

    assert isinstance(result.exception, CaseError)


def test_two_recordings_are_one_session_each_and_settle_nothing(tmp_path: Path) -> None:
    canary = mint("page")
    (tmp_path / "canaries.jsonl").write_text(dump_canaries([canary]))
    before = har(
        tmp_path / "before.har", f"https://a.example/told?p={canary.value}", "https://b.example/same"
    )
    after = har(tmp_path / "after.har", "https://b.example/same", "https://c.example/new")
    options = [str(before), str(after), "--canaries", str(tmp_path / "canaries.jsonl")]
    result = CliRunner().invoke(command, options, standalone_mode=False)

    assert result.return_value == 0
    told = " ".join(result.output.split())
    assert "Changed: 0 differences" in told
    assert "A recording counts as one session, and one a side settles nothing. Nobody said" in told
    assert "− page visited → a.example 1 of 1 → 0 of 1" in told
    assert "+ request to c.example/new 0 of 1 → 1 of 1" in told
    assert "random order: a difference is due to the setting" not in told
    without = CliRunner().invoke(command, options[:2])
    assert "− request to a.example/told" in without.output
    assert "page visited" not in without.output


def test_what_is_no_recording_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    recording = har(tmp_path / "b.har", "https://b.example/")

    with pytest.raises(CaseError, match=r"none\.har: there is no such case, and no such recording"):
        CliRunner().invoke(command, [str(tmp_path / "none.har"), str(recording)], catch_exceptions=False)
    with pytest.raises(CaptureError, match=r"a\.txt: looks like plain text"):
        CliRunner().invoke(command, [str(tmp_path / "a.txt"), str(recording)], catch_exceptions=False)


def test_sessions_labelled_afterwards_are_not_called_an_experiment(tmp_path: Path) -> None:
    judge_recordings(*labelled(tmp_path, private_is_reported=False), tmp_path / "case")
    sides = ["--a", "mode=normal", "--b", "mode=private"]
    told = " ".join(CliRunner().invoke(command, [str(tmp_path / "case"), *sides]).output.split())

    assert "What was which was said afterwards, by A. Journalist" in told
    assert "a difference is due to the setting" not in told
    assert "− page visited → sa.api.intl.miui.com 1 of 1 → 0 of 1" in told
