"""A case that was changed after its run is noticed: what differs, and where."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hometruth.case import all_differences, check_intact, differences, write_manifest
from hometruth.errors import CaseError
from tests.case.test_folder import sealed

FLOWS = b"5:first,6:second,"


def finished(folder: Path) -> Path:
    sealed(folder).traffic.write_bytes(FLOWS)
    (folder / "verdicts.json").write_text("{}\n")
    (folder / "report.html").write_text("report")
    (folder / "findings.parquet").write_text("rows")
    write_manifest(folder)
    return folder


def rewrite(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        (folder / name).write_bytes(change((folder / name).read_bytes()))

    return apply


def _in_a_folder(folder: Path) -> None:
    (folder / "more").mkdir()
    (folder / "more" / "note").write_text("")


def _linked(folder: Path) -> None:
    (folder / "report.html").unlink()
    (folder / "report.html").symlink_to("/etc/hostname")


MUTATIONS = {
    "last byte cut": (rewrite("traffic.mitm", lambda data: data[:-1]), "16 bytes of 17: 1 were cut out"),
    "last flow cut": (rewrite("traffic.mitm", lambda data: data[:8]), "8 bytes of 17: 9 were cut out"),
    "emptied": (rewrite("traffic.mitm", lambda _data: b""), "0 bytes of 17"),
    "appended": (
        rewrite("traffic.mitm", lambda data: data + b"x"),
        "1 were added after its end, which is otherwise as it was",
    ),
    "inserted": (rewrite("traffic.mitm", lambda data: b"x" + data), "1 were added somewhere in it"),
    "one byte changed": (
        rewrite("traffic.mitm", lambda data: data.replace(b"first", b"First")),
        "its 17 bytes, but not the same ones",
    ),
    "removed": (lambda folder: (folder / "traffic.mitm").unlink(), r"missing \(17 bytes\)"),
    "refusals added": (
        lambda folder: (folder / "traffic.mitm.connections.jsonl").write_text("{}"),
        r"connections\.jsonl was added after the run",
    ),
    "session added": (
        lambda folder: (folder / "trials.jsonl").write_text("{}"),
        r"trials\.jsonl was added after the run",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_what_was_changed_is_said(tmp_path: Path, name: str) -> None:
    change, told = MUTATIONS[name]
    folder = finished(tmp_path)
    check_intact(folder)
    change(folder)

    with pytest.raises(CaseError, match=told) as raised:
        check_intact(folder)
    assert "not as its run left it" in str(raised.value)
    assert "Get an intact copy" in str(raised.value)
    assert len(differences(folder)) == 1


ELSEWHERE: dict[str, tuple[Callable[[Path], object], str]] = {
    "report forged": (rewrite("report.html", lambda _: b"forged"), "the same ones"),
    "line ends": (
        rewrite("verdicts.json", lambda data: data.replace(b"\n", b"\r\n")),
        "1 were added somewhere in it",
    ),
    "table dropped": (lambda folder: (folder / "findings.parquet").unlink(), "findings.parquet is missing"),
    "note added": (lambda folder: (folder / "note").write_text(""), "note was added after the run"),
    "folder added": (_in_a_folder, "more/note was added after the run"),
    "link added": (lambda folder: (folder / "more").symlink_to("/etc"), "more is no regular file but a link"),
    "report linked": (_linked, "report.html is no regular file but a link"),
    "pipe added": (lambda folder: os.mkfifo(folder / "pipe"), "pipe is no regular file"),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_was_changed_elsewhere_is_said_and_bears_on_no_verdict(tmp_path: Path, name: str) -> None:
    change, told = ELSEWHERE[name]
    folder = finished(tmp_path)
    assert all_differences(folder) == {}
    change(folder)

    (phrase,) = all_differences(folder).values()
    assert told in phrase
    assert differences(folder) == ()


def test_what_the_subject_keeps_for_itself_is_no_evidence(tmp_path: Path) -> None:
    folder = finished(tmp_path)
    (folder / "lab").mkdir()
    (folder / "lab" / "ledger.jsonl").write_text("")

    assert all_differences(folder) == {}


def row(**changed: object) -> dict[str, object]:
    return {"file": "a", "size_bytes": 1, "sha256": "0" * 64, "chain": "0" * 64} | changed


@pytest.mark.parametrize(
    "text",
    [
        *("", "[", "[" * 200_000, "{}", "null", '{"files": {}}', '{"files": [1]}', '{"files": [], "x": 1}'),
        *(json.dumps({"files": [row(size_bytes=size)]}) for size in (-1, "5", 1.5, None, True)),
        *(json.dumps({"files": [row(sha256=digest)]}) for digest in ("", "0" * 63, "G" * 64, 5)),
        *(json.dumps({"files": [row(file=name)]}) for name in (5, None, ["a"])),
    ],
)
def test_a_manifest_of_another_shape_is_one_clear_error(tmp_path: Path, text: str) -> None:
    (finished(tmp_path) / "MANIFEST.json").write_text(text)

    with pytest.raises(CaseError, match=r"MANIFEST\.json: not what a run writes"):
        check_intact(tmp_path)


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../b", "./a", "a//b", "a\0b", ""])
def test_a_manifest_whose_names_lead_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    chain = hashlib.sha256(f" {name} {'0' * 64}".encode()).hexdigest()
    (finished(tmp_path) / "MANIFEST.json").write_text(json.dumps({"files": [row(file=name, chain=chain)]}))

    with pytest.raises(CaseError, match="no name of a file in this folder"):
        check_intact(tmp_path)


def test_a_run_that_was_broken_off_has_nothing_to_compare_with(tmp_path: Path) -> None:
    sealed(tmp_path).traffic.write_bytes(FLOWS[:-3])

    check_intact(tmp_path)


def test_a_line_of_the_manifest_cannot_be_exchanged_alone(tmp_path: Path) -> None:
    manifest = finished(tmp_path) / "MANIFEST.json"
    text = manifest.read_text()
    first = text.index('"sha256": "') + len('"sha256": "')
    manifest.write_text(text[:first] + "0" * 64 + text[first + 64 :])

    with pytest.raises(CaseError, match="does not fit the ones before it"):
        check_intact(tmp_path)
