import json
import sys
from pathlib import Path

import pytest

from hometruth.capture import RemoteCapture, captures_named, read_capture
from hometruth.errors import CaptureError
from hometruth.model import Exchange
from tests.cli.forked import hometruth

HAR = json.dumps({"log": {"entries": [{"request": {"method": "GET", "url": "https://a.example/"}}]}})


def test_patterns_name_files_in_order_and_folders_what_is_in_them(tmp_path: Path) -> None:
    for name in ("b.har", "a.har", "deep/er/c.har", "none.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(HAR)

    def named(pattern: str) -> list[str]:
        return [Path(str(each)).name for each in captures_named(str(tmp_path / pattern))]

    assert named("*.har") == ["a.har", "b.har"]
    assert named("**/*.har") == ["a.har", "b.har", "c.har"]
    assert named("d*") == ["c.har"]
    assert named("") == ["a.har", "b.har", "c.har", "none.txt"]


def test_a_name_with_the_signs_of_a_pattern_is_that_file_if_it_is_there(tmp_path: Path) -> None:
    (tmp_path / "a[1].har").write_text(HAR)

    assert list(captures_named(str(tmp_path / "a[1].har"))) == [tmp_path / "a[1].har"]


def test_a_pattern_without_a_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="as a pattern it matches none"):
        list(captures_named(str(tmp_path / "*.har")))


def test_standard_input_is_read_and_named(tmp_path: Path) -> None:
    done = hometruth("info", "--json", "-", lines=HAR)

    told = json.loads(done.stdout)
    assert (told["file"], told["exchanges"]) == ("standard input", 1)


def test_an_address_is_read_through_fsspec() -> None:
    fsspec = pytest.importorskip("fsspec")
    with fsspec.open("memory://x/a.har", "wb") as file:
        file.write(HAR.encode())

    (capture,) = captures_named("memory://x/a.har")

    assert isinstance(capture, RemoteCapture)
    (exchange,) = read_capture(capture)
    assert isinstance(exchange, Exchange)
    assert exchange.source.file == "memory://x/a.har"


def test_an_address_that_cannot_be_opened_is_one_sentence() -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(CaptureError, match=r"memory://x/away\.har: cannot be opened: FileNotFoundError"):
        read_capture(RemoteCapture("memory://x/away.har"))
    with pytest.raises(CaptureError, match="cannot be opened"):
        read_capture(RemoteCapture("nonsense://x"))


def test_what_is_missing_for_addresses_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)

    with pytest.raises(CaptureError, match=r"pip install 'hometruth\[urls\]'"):
        read_capture(RemoteCapture("s3://bucket/a.har"))
