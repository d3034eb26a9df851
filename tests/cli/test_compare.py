"""`hometruth compare` on real cases."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from hometruth.cli.compare import command
from hometruth.errors import CaseError
from tests.audit.runs import experiment, small_plan


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare") / "case"
    experiment(folder, small_plan(2))
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
    told = json.loads(result.output)

    assert told["n_tests"] == len(told["changes"]) > 50
    assert {item["settled"] for item in told["changes"]} == {False}


def test_a_level_that_is_none_is_an_error(case: Path) -> None:
    result = CliRunner().invoke(command, [str(case), "--a", "switch"])

    assert result.exit_code == 2
    assert "is not FACTOR=LEVEL" in result.output


def test_no_case_is_an_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(tmp_path), str(tmp_path)])

    assert isinstance(result.exception, CaseError)
