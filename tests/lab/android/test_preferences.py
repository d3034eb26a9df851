"""Preferences are on disk before an assignment returns."""

from pathlib import Path

from hometruth.lab.android.preferences import Preferences


def test_another_reader_sees_a_value_at_once(tmp_path: Path) -> None:
    written = Preferences(tmp_path / "p.json")
    written["consent"] = "given"
    written["gone"] = 1
    del written["gone"]

    assert dict(Preferences(tmp_path / "p.json")) == {"consent": "given"}


def test_writing_the_same_value_again_does_not_touch_the_file(tmp_path: Path) -> None:
    written = Preferences(tmp_path / "p.json")
    written["n"] = 1
    (tmp_path / "p.json").unlink()
    written["n"] = 1
    assert not (tmp_path / "p.json").exists()

    written["n"] = 2
    assert dict(Preferences(tmp_path / "p.json")) == {"n": 2}


def test_none_is_a_value_of_its_own(tmp_path: Path) -> None:
    written = Preferences(tmp_path / "p.json")
    written["account"] = None

    assert dict(Preferences(tmp_path / "p.json")) == {"account": None}
