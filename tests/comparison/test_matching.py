"""Which sessions are set against which."""

from dataclasses import replace

import pytest

from hometruth.comparison import match
from hometruth.errors import CaseError
from hometruth.model import Arm, Attestation, Condition, Trial, TrialStatus


def trial(name: str, **levels: str) -> Trial:
    return Trial(
        id=name,
        series="matrix",
        condition=Condition.of(levels),
        block=1,
        installation=name,
        device="d",
        attested=tuple(Attestation(factor, level, "screen") for factor, level in levels.items()),
    )


OLD = [trial("o1", version="1", mode="normal"), trial("o2", version="1", mode="incognito")]
NEW = [trial("n1", version="2", mode="normal"), trial("n2", version="2", mode="incognito")]


def test_factors_without_a_common_level_are_what_is_compared() -> None:
    matched, only_a, only_b = match(OLD, NEW, {}, {})

    assert [(cell.condition, cell.a, cell.b) for cell in matched] == [
        (Condition.of({"mode": "incognito"}), (OLD[1],), (NEW[1],)),
        (Condition.of({"mode": "normal"}), (OLD[0],), (NEW[0],)),
    ]
    assert (only_a, only_b) == ([], [])


def test_conditions_without_a_counterpart_are_told() -> None:
    _, only_a, only_b = match([*OLD, trial("o3", version="1", mode="guest")], NEW, {}, {})

    assert only_a == ["matrix: mode=guest"]
    assert only_b == []


def test_two_settings_of_one_run() -> None:
    both = [*OLD, *NEW]
    matched, _, _ = match(both, both, {"mode": ("normal",)}, {"mode": ("incognito",)})

    assert [cell.condition for cell in matched] == [
        Condition.of({"version": "1"}),
        Condition.of({"version": "2"}),
    ]


def test_a_side_that_must_be_narrowed_says_how() -> None:
    many = [*NEW, trial("n3", version="3", mode="normal")]

    with pytest.raises(CaseError, match=r"side B has 2 conditions .*version=2; version=3.* --b FACTOR=LEVEL"):
        match(OLD, many, {}, {})


def test_a_level_nobody_has_is_an_error_with_those_there_are() -> None:
    with pytest.raises(CaseError, match=r"no session of side A has mode=x \(have: mode=incognito\|normal"):
        match(OLD, NEW, {"mode": ("x",)}, {})


def test_sessions_are_never_set_against_themselves() -> None:
    with pytest.raises(CaseError, match="the same sessions"):
        match(OLD, OLD, {}, {"mode": ("normal",)})


def test_only_valid_sessions_count_and_of_pairs_only_the_treated() -> None:
    lost = replace(OLD[0], status=TrialStatus.LOST)
    elsewhere = replace(OLD[0], id="o9", attested=())
    sham = replace(OLD[0], id="o8", arm=Arm.SHAM)
    matched, _, _ = match([lost, elsewhere, sham, OLD[1]], NEW, {}, {})

    assert [len(cell.a) for cell in matched] == [1, 0]
