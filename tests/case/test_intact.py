"""A case that was changed after its run is noticed: what differs, and where."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hometruth.case import check_intact, differences, write_manifest
from hometruth.errors import CaseError
from tests.case.test_folder import sealed

FLOWS = b"5:first,6:second,"


def finished(folder: Path) -> Path:
    sealed(folder).traffic.write_bytes(FLOWS)
    (folder / "verdicts.json").write_text("{}")
    write_manifest(folder)
    return folder


def rewrite(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        (folder / name).write_bytes(change((folder / name).read_bytes()))

    return apply


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


def test_results_may_be_made_again(tmp_path: Path) -> None:
    (finished(tmp_path) / "verdicts.json").write_text("other")

    assert differences(tmp_path) == ()


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
