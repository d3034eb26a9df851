import io
import json
import sys
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast

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


def test_an_address_may_be_a_pattern_a_folder_or_in_an_archive(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    for name in ("crawl/b.har", "crawl/a.har", "crawl/deep/c.har", "crawl/none.txt"):
        with fsspec.open(f"memory://{name}", "wb") as file:
            file.write(HAR.encode())
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("d/1.har", HAR)
        archive.writestr("d/2.har", HAR)

    def named(url: str) -> list[str]:
        captures = list(captures_named(url))
        assert all(len(list(read_capture(cast(RemoteCapture, each)))) == 1 for each in captures)
        return [str(each).removeprefix("memory:///crawl/") for each in captures]

    assert named("memory://crawl/*.har") == ["a.har", "b.har"]
    assert named("memory://crawl/**/*.har") == ["a.har", "b.har", "deep/c.har"]
    assert len(named("memory://crawl")) == 4
    assert named(f"zip://d/*.har::file://{tmp_path}/x.zip") == [
        f"zip://d/1.har::file://{tmp_path}/x.zip",
        f"zip://d/2.har::file://{tmp_path}/x.zip",
    ]
    assert list(captures_named(f"file://{tmp_path}/x.zip")) == [RemoteCapture(f"file://{tmp_path}/x.zip")]
    with pytest.raises(CaptureError, match="there is no file at this address"):
        list(captures_named("memory://crawl/*.mitm"))


def test_a_web_server_is_an_address_too(tmp_path: Path) -> None:
    pytest.importorskip("aiohttp")
    (tmp_path / "a.har").write_text(HAR)
    (tmp_path / "b?.har").write_text(HAR)
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"

        (named,) = captures_named(f"{address}/a.har?x=1")
        below = list(captures_named(f"{address}/*.har"))
        read = [len(list(read_capture(cast(RemoteCapture, each)))) for each in (named, *below)]
        with pytest.raises(CaptureError, match=r"away\.har: cannot be opened: FileNotFoundError"):
            read_capture(RemoteCapture(f"{address}/away.har"))
        server.shutdown()

    assert str(named) == f"{address}/a.har?x=1"
    assert [str(each) for each in below] == [f"{address}/a.har", f"{address}/b%3F.har"]
    assert read == [1, 1, 1]


def test_a_store_that_breaks_off_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec = pytest.importorskip("fsspec")
    with fsspec.open("memory://x/a.har", "wb") as file:
        file.write(HAR.encode())

    class Gone(Exception):
        pass

    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise Gone("the server went away")

    monkeypatch.setattr(fsspec.core.OpenFile, "open", lambda _: Breaking(HAR.encode()))

    with pytest.raises(CaptureError, match=r"memory://x/a\.har: cannot be read: Gone: the server went away"):
        read_capture(RemoteCapture("memory://x/a.har"))


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
