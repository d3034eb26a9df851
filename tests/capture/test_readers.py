import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from fuzz.seeds import RECORDINGS
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow

import hometruth
from hometruth.capture import READERS, read_capture, readers
from hometruth.capture.exchange_table import EXCHANGE_TABLE
from hometruth.capture.reader import CaptureFile, Reader, Start
from hometruth.capture.readers import accepted, reader_of
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap
from tests.capture.exports import made
from tests.capture.pcap.files import pcap
from tests.capture.pcap.test_streams import conversation
from tests.capture.test_flows import flow

ROOT = Path(__file__).parents[2]
CAPTURE = Path(hometruth.__file__).parent / "capture"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b'{"log": {}}', "HAR 1.2"),
        (b"\xef\xbb\xbf \r\n{", "HAR 1.2"),
        (b"1389:9:websocket;", "mitmproxy flow files"),
        (b"2116:7:version,", "mitmproxy flow files"),
        (b"12:hello", None),
        (b"", None),
    ],
)
def test_formats_are_told_by_content(head: bytes, name: str | None) -> None:
    reader = reader_of(Start(head))

    assert (reader and reader.name) == name


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_every_reader_stands_in_errors_and_in_the_docs(reader: Reader) -> None:
    page = (ROOT / "docs" / "how-to" / "scan-a-recording.md").read_text()

    assert reader.name in accepted()
    assert f"| {reader.name} |" in page
    assert all(f"`{suffix}`" in page for suffix in reader.suffixes)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_no_reader_takes_a_file_that_begins_otherwise(reader: Reader) -> None:
    for head in (b"", b"\0" * 64, b"\xff" * 64, b"<!doctype html>", b"just text", b"%PDF-1.7"):
        assert not reader.sniff(Start(head)), head


def test_the_recipe_for_a_reader_works_as_it_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    recipe = (ROOT / "CONTRIBUTING.md").read_text().partition("## Add a reader")[2].partition("\n## ")[0]
    code, line = (dedent(each) for each in re.findall(r" *```(?:python)?\n(.*?) *```", recipe, re.DOTALL))
    before = (CAPTURE / "readers.py").read_text()
    namespace: dict[str, object] = {"__name__": "recipe"}
    exec(compile(code, "CONTRIBUTING.md", "exec"), namespace)
    added = line.strip().rstrip(",")
    assert re.search(r"^READERS: tuple\[Reader, \.\.\.\] = \($", before, re.MULTILINE)
    new = namespace[added]
    assert isinstance(new, Reader)
    monkeypatch.setattr(readers, "READERS", (new, *READERS))
    path = tmp_path / "any name"
    path.write_text(
        '# hometruth example\n{"url": "https://a.example/1", "body": "eA=="}\nbroken\n{"url": "https://b.example/"}\n'
    )

    first, gap, last = read_capture(path)

    assert isinstance(first, Exchange)
    assert (first.host, first.target, first.request_body) == ("a.example", b"/1", b"x")
    assert isinstance(gap, Gap)
    assert gap.where == f"{path}, line 3"
    assert isinstance(last, Exchange)
    assert new.name in readers.accepted()


def test_a_reader_that_finds_out_late_that_it_is_something_else_is_one_error_at_once() -> None:
    with pytest.raises(CaptureError, match=r"x\.har: is JSON, but not HAR"):
        read_capture(json.dumps({"a": 1}).encode(), name="x.har")


def test_a_reader_gets_the_file_under_its_wrapping_as_often_as_it_wants(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = []

    def read(file: CaptureFile) -> Iterator[Exchange | Gap]:
        for _ in range(2):
            with file.open() as stream:
                seen.append(stream.read())
        yield from ()

    twice = Reader("twice", (), lambda start: start.head.startswith(b"twice"), read)
    monkeypatch.setattr(readers, "READERS", (twice,))

    assert list(read_capture(b"twice!")) == []
    assert seen == [b"twice!"] * 2


def _har() -> bytes:
    answers: tuple[dict[str, object] | None, ...] = (
        None,
        {"status": 200},
        {"status": 0, "_error": "net::ERR_FAILED"},
        {"status": 404},
        {},
    )
    rows = [
        {"request": {"method": "GET", "url": "https://a.example/"}, **({"response": each} if each else {})}
        for each in answers
    ]
    return json.dumps({"log": {"entries": rows}}).encode()


def _flows() -> bytes:
    buffer = io.BytesIO()
    for made_flow in (flow(), tflow.tflow(resp=True), tflow.tflow(err=True), tflow.tflow()):
        FlowWriter(buffer).add(made_flow)  # type: ignore[no-untyped-call]
    return buffer.getvalue()


def _zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("one.har", _har())
        archive.writestr("two.xml", made.burp())
    return buffer.getvalue()


MAKERS: dict[str, Callable[[], bytes]] = {
    **{name: maker for name, (maker, _) in made.MAKERS.items()},
    "HAR 1.2": _har,
    "mitmproxy flow files": _flows,
    "packet captures (pcap, pcapng)": lambda: pcap([*conversation(), *conversation(first=900_000)[:-4]]),
    "zip archives of these": _zipped,
}


@pytest.mark.parametrize("name", [reader.name for reader in READERS])
def test_every_reader_reads_in_an_archive_in_another_file_and_from_what_cannot_go_back(name: str) -> None:
    others = {EXCHANGE_TABLE.name: RECORDINGS["parquet"], **made.CONTACTS}
    data = MAKERS[name]() if name in MAKERS else others[name]()

    def requests(source: bytes | io.BytesIO) -> list[tuple[str, bytes | None]]:
        items = read_capture(source, name="x")
        return [(item.url, item.request_body) for item in items if isinstance(item, Exchange)]

    archive, pipe = io.BytesIO(), io.BytesIO(data)
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("in/x", data)
    pipe.seekable = lambda: False  # type: ignore[method-assign]

    for source in (archive.getvalue(), gzip.compress(data, mtime=0), pipe):
        assert requests(source) == requests(data)


def test_every_reader_of_requests_is_asked_whether_it_was_delivered() -> None:
    requests = {reader.name for reader in READERS} - made.CONTACTS.keys() - {EXCHANGE_TABLE.name}

    assert MAKERS.keys() == requests


@pytest.mark.parametrize("name", MAKERS)
def test_whether_it_was_delivered_does_not_depend_on_looking_at_answers(name: str) -> None:
    data = MAKERS[name]()

    full, bare = (
        [
            (item.url, item.status, item.delivered, item.error)
            for item in read_capture(data, name="x", responses=responses)
            if isinstance(item, Exchange)
        ]
        for responses in (True, False)
    )

    assert full == bare
    assert full
