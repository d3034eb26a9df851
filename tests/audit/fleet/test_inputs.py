"""Folders, globs, lists and samples of recordings."""

import os
from pathlib import Path

import pytest

from hometruth.audit.fleet.inputs import hashed, inputs_of
from hometruth.errors import CaptureError


def files(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_folders_globs_lists_and_files_name_each_file_once(tmp_path: Path) -> None:
    files(tmp_path, "a/1.har", "a/deep/2.har", "b.har", "c.mitm", "c.mitm.connections.jsonl")
    (tmp_path / "list.txt").write_text("b.har\n\na/1.har\n")
    given = [
        str(tmp_path / "a"),
        str(tmp_path / "*.har"),
        f"@{tmp_path}/list.txt",
        str(tmp_path / "gone.har"),
    ]

    found = [Path(path).relative_to(tmp_path).as_posix() for path in inputs_of(given)]

    assert found == ["a/1.har", "a/deep/2.har", "b.har", "gone.har"]


def test_a_sample_is_the_same_every_time_and_about_as_large_as_asked(tmp_path: Path) -> None:
    files(tmp_path, *(f"{n}.har" for n in range(400)))
    sampled = list(inputs_of([str(tmp_path)], sample=0.25))

    assert sampled == list(inputs_of([str(tmp_path)], sample=0.25))
    assert set(sampled) < set(inputs_of([str(tmp_path)], sample=0.5))
    assert 60 < len(sampled) < 140


@pytest.mark.parametrize("name", ["*.nothing", "empty", "@gone.txt"])
def test_what_names_nothing_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    named = f"@{tmp_path}/{name[1:]}" if name.startswith("@") else str(tmp_path / name)

    with pytest.raises(CaptureError, match=r"names no file|does not exist|No such file|cannot be read"):
        list(inputs_of([named]))


def test_what_cannot_be_read_has_a_reason_and_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert hashed(str(tmp_path / "gone")).problem == "cannot be read: No such file or directory"
    assert hashed(str(tmp_path / "pipe")).problem == "is no file"
    assert hashed(str(files(tmp_path, "x") / "x")).size_bytes == 1


def test_standard_input_is_refused_and_an_address_is_an_input() -> None:
    with pytest.raises(CaptureError, match="reads no standard input"):
        list(inputs_of(["-"]))
    assert list(inputs_of(["memory://nowhere/a.har"])) == ["memory://nowhere/a.har"]
    assert "memory://" not in hashed("memory://nowhere/a.har").problem
    assert hashed("memory://nowhere/a.har").problem


def test_patterns_folders_and_lists_may_lie_in_a_store(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    for name in ("1.har", "2.har", "3.mitm"):
        with fsspec.open(f"memory://store/{name}", "wb") as file:
            file.write(b"x")
    with fsspec.open("memory://lists/all.txt", "wb") as file:
        file.write(b"memory://store/2.har\n/somewhere/4.har\n")
    (tmp_path / "list.txt").write_text("memory://store/1.har\nnear.har\n")

    assert list(inputs_of(["memory://store/*.har"])) == ["memory:///store/1.har", "memory:///store/2.har"]
    assert len(list(inputs_of(["memory://store/"]))) == 3
    assert list(inputs_of(["@memory://lists/all.txt"])) == ["memory://store/2.har", "/somewhere/4.har"]
    assert list(inputs_of([f"@{tmp_path}/list.txt"])) == ["memory://store/1.har", f"{tmp_path}/near.har"]
    assert hashed("memory://store/1.har").size_bytes == 1


def test_a_list_that_is_no_file_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="is no file"):
        list(inputs_of(["@/dev/zero"]))
