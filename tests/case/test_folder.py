"""Cases: sealed before the run, never overwritten, readable after a kill."""

from dataclasses import replace
from pathlib import Path

import pytest

from hometruth.case import Case, create_case, open_case
from hometruth.errors import CaseError
from hometruth.model import Condition, Trial, TrialStatus

PLANNED = tuple(
    Trial(f"t{n}", "matrix", Condition.of({"mode": "normal"}), 1, "i1", "phone", status=TrialStatus.LOST)
    for n in range(3)
)


def sealed(folder: Path) -> Case:
    case = create_case(folder)
    case.seal(
        plan="p", claims="c", canaries="{}\n", planned=PLANNED, facts={"routed": "a b"}, at="2026-11-22"
    )
    case.traffic.write_bytes(b"")
    return case


def test_a_case_is_never_overwritten(tmp_path: Path) -> None:
    sealed(tmp_path)

    with pytest.raises(CaseError, match="not empty"):
        create_case(tmp_path)


def test_a_folder_without_a_case_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"no case\.toml"):
        open_case(tmp_path)


def test_trials_come_back_as_they_were_run_and_the_rest_is_lost(tmp_path: Path) -> None:
    case = sealed(tmp_path)
    done = replace(PLANNED[1], status=TrialStatus.DONE, started_ns=5)
    case.append_trial(done)

    assert open_case(tmp_path).trials() == (PLANNED[0], done, PLANNED[2])


def test_a_line_cut_by_a_kill_is_a_trial_that_did_not_end(tmp_path: Path) -> None:
    case = sealed(tmp_path)
    case.append_trial(replace(PLANNED[0], status=TrialStatus.DONE))
    with (tmp_path / "trials.jsonl").open("ab") as file:
        file.write(b'{"id":"t1","ser')

    assert [trial.status for trial in case.trials()] == [TrialStatus.DONE, TrialStatus.LOST, TrialStatus.LOST]


@pytest.mark.parametrize("name", ["plan.toml", "claims.toml", "canaries.jsonl", "planned.jsonl"])
def test_what_was_sealed_cannot_be_changed_unseen(tmp_path: Path, name: str) -> None:
    sealed(tmp_path)
    with (tmp_path / name).open("a") as file:
        file.write(" ")

    with pytest.raises(CaseError, match="sealed before the run"):
        open_case(tmp_path)


def test_missing_traffic_is_one_clear_error(tmp_path: Path) -> None:
    sealed(tmp_path).traffic.unlink()

    with pytest.raises(CaseError, match="raw traffic"):
        open_case(tmp_path)


def test_facts_come_back(tmp_path: Path) -> None:
    assert sealed(tmp_path).facts() == {"routed": "a b"}


def test_only_what_a_run_writes_is_taken_from_its_files(tmp_path: Path) -> None:
    case = sealed(tmp_path)
    case.append_trial(replace(PLANNED[0], status=TrialStatus.DONE))
    lines = (tmp_path / "trials.jsonl").read_bytes()
    (tmp_path / "trials.jsonl").write_bytes(lines + lines)
    with pytest.raises(CaseError, match="a trial twice"):
        case.trials()
    (tmp_path / "trials.jsonl").write_bytes(lines + b'{"id": 5}\n')
    with pytest.raises(CaseError, match=r"trials\.jsonl: line 2: not what a run writes"):
        case.trials()


@pytest.mark.parametrize(
    "text",
    ["seal = [1]", "seal = 1", "", "[seal]\nsha256 = 5", '[seal]\nsha256 = "5"', "a." * 9_000 + "b = 1"],
)
def test_a_seal_of_another_shape_is_one_clear_error(tmp_path: Path, text: str) -> None:
    sealed(tmp_path)
    (tmp_path / "case.toml").write_text(text)

    with pytest.raises(CaseError, match=r"case\.toml"):
        open_case(tmp_path)


@pytest.mark.parametrize("name", ["traffic.mitm", "canaries.jsonl", "case.toml"])
def test_evidence_that_stands_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    sealed(tmp_path / "case")
    (tmp_path / "case" / name).rename(tmp_path / name)
    (tmp_path / "case" / name).symlink_to(tmp_path / name)

    with pytest.raises(CaseError, match="is a link"):
        open_case(tmp_path / "case")
