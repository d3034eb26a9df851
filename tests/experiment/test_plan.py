"""Plans: errors name the file and the field."""

from pathlib import Path

import pytest

from hometruth.errors import PlanError
from hometruth.experiment import bundled_plan, load_plan, parse_plan
from hometruth.model import CanaryKind, Part
from tests.experiment.plans import SMALL


def test_a_plan_is_read() -> None:
    plan = parse_plan(SMALL, "small.toml")

    assert plan.subject.phrase == "this simulated Redmi Note 8"
    assert plan.expected[0].kind is CanaryKind.PAGE
    assert plan.expected[0].parts == {Part.HOST, Part.PATH}
    assert len(plan.series[0].cells[0].conditions) == 8
    assert plan.series[1].cells[0].installation == ("version",)
    assert plan.text == SMALL


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[plan]", "[plan", "not valid TOML"),
        (
            'title = "A small plan"',
            "",
            "line 2: [plan]: title must be a text that is not empty, and is missing",
        ),
        ("phantoms = 10", "phantoms = -1", "phantoms must be a whole number"),
        (
            'kind = "simulated"',
            'kind = "emulated"',
            "line 10: [subject]: kind is 'emulated'; use real or simulated",
        ),
        ('actions = ["visit"]', 'actions = ["tap"]', "unknown action tap (have: visit, search, "),
        ('actions = ["visit"]', "", "no actions"),
        (
            'parts = ["host", "path"]',
            'parts = ["hots"]',
            "line 20: expected page: parts is 'hots'; use one of method, ",
        ),
        ('path = "/story/{canary}"', 'path = "("', "line 19: expected page: path '(' is no regular"),
        (
            'version = ["3.4.0"]',
            'version = "3.4.0"',
            "line 42: series rotation: cell 1: levels.version must be a list",
        ),
        ("days = [0, 91]", "dyas = [0, 91]", "series rotation: cell 1: unknown field dyas"),
        ('installation = ["version", "consent"]', 'installation = ["x"]', "factors without levels: x"),
    ],
)
def test_errors_name_the_place(old: str, new: str, message: str) -> None:
    with pytest.raises(PlanError, match=r"^my\.toml") as caught:
        parse_plan(SMALL.replace(old, new, 1), "my.toml")

    assert message in str(caught.value)


def test_a_plan_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be read"):
        load_plan(tmp_path / "absent.toml")


def test_the_bundled_plan_has_enough_sessions_for_its_bounds() -> None:
    plan = bundled_plan("mint-browser-2020")
    matrix = next(series for series in plan.series if series.id == "matrix")

    assert all(cell.blocks >= 29 for cell in matrix.cells)
    assert sum(len(cell.conditions) for cell in matrix.cells) == 18


def test_scaling_repeats_less_and_changes_nothing_else() -> None:
    plan = parse_plan(SMALL, "small.toml")
    scaled = plan.scaled(1)

    assert [cell.blocks for series in scaled.series for cell in series.cells] == [1, 1]
    assert scaled.subject == plan.subject


def test_sessions_without_actions_are_asked_for_by_an_empty_list() -> None:
    plan = parse_plan(SMALL.replace('actions = ["visit"]', "actions = []", 1), "my.toml")

    assert {cell.actions for cell in plan.series[0].cells} | {
        cell.actions for cell in plan.series[1].cells
    } >= {()}
