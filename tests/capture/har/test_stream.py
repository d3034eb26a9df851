import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.capture import read_capture
from hometruth.capture.har import read, stream
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap, GapKind


def entry(n: int, **more: Any) -> dict[str, Any]:
    return {"request": {"method": "GET", "url": f"https://a.example/{n}?}}]]\\", "headers": []}, **more}


def read_in_pieces(document: bytes, piece: int, monkeypatch: pytest.MonkeyPatch) -> list[Exchange | Gap]:
    monkeypatch.setattr(stream, "READ_BYTES", piece)
    monkeypatch.setattr(read, "LARGE_BYTES", 1)
    return list(read_capture(document, name="x.har"))


DOCUMENTS: dict[str, bytes] = {
    "compact": json.dumps({"log": {"entries": [entry(n) for n in range(5)]}}, separators=(",", ":")).encode(),
    "indented": json.dumps({"log": {"version": "1.2", "entries": [entry(1), entry(2)]}}, indent=2).encode(),
    "none": b'{"log":{"entries":[]}}',
    "a decoy before": json.dumps(
        {"log": {"creator": {"entries": [1]}, "comment": '"entries":[', "entries": [entry(1)]}}
    ).encode(),
    "more after": json.dumps({"log": {"entries": [entry(1)], "pages": [{"id": "]}"}]}}).encode(),
    "byte order mark": b"\xef\xbb\xbf" + json.dumps({"log": {"entries": [entry(1)]}}).encode(),
    "control characters": b'{"log":{"entries":[{"request":{"url":"https://a.example/\x01"}},{"request":{"url":"https://b.example/"}}]}}',
    "not a number": b'{"log":{"entries":[{"time":NaN,"request":{"url":"https://a.example/"}}]}}',
    "broken UTF-8": b'{"log":{"entries":[{"request":{"method":"GET","url":"https://a.example/\xff"}}]}}',
    "bad entries": json.dumps({"log": {"entries": [None, 1, "x", [], {}, entry(1)]}}).encode(),
}


@pytest.mark.parametrize("piece", [1, 7, 64, 1 << 20])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_entry_by_entry_gives_what_reading_the_whole_gives(
    name: str, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = DOCUMENTS[name]
    whole = list(read_capture(document, name="x.har"))

    got = read_in_pieces(document, piece, monkeypatch)

    if name in {"control characters", "not a number"}:  # the whole is forgiven at once, and has no raw sizes
        got = [item for item in got if isinstance(item, Exchange)]
    assert got == whole


@pytest.mark.parametrize("cut", range(20, 130, 7))
def test_a_document_cut_short_gives_its_entries_then_one_error(
    cut: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = json.dumps({"log": {"entries": [entry(1), entry(2)]}}).encode()
    seen = []

    with pytest.raises(CaptureError, match=r"x\.har: starts like HAR, but is broken JSON"):
        monkeypatch.setattr(stream, "READ_BYTES", 16)
        monkeypatch.setattr(read, "LARGE_BYTES", 1)
        for item in read_capture(document[:cut], name="x.har"):
            seen.append(item)
    assert all(isinstance(item, Exchange) for item in seen)


def test_other_json_is_no_har(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CaptureError, match=r"no log\.entries"):
        read_in_pieces(b'{"a": {"entries": []}}', 8, monkeypatch)


def test_an_entry_that_is_too_long_is_a_gap_and_is_never_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LONGEST_ENTRY", 3000)
    long = entry(2, comment='\\"{[' * 5000 + "\\")
    document = json.dumps({"log": {"entries": [entry(1), long, entry(3)]}}).encode()

    first, gap, last = read_in_pieces(document, 1000, monkeypatch)

    assert isinstance(first, Exchange)
    assert isinstance(last, Exchange)
    assert isinstance(gap, Gap)
    assert (gap.kind, gap.size_bytes, last.id) == (GapKind.BUDGET, len(json.dumps(long)), "2")


def test_an_entry_that_is_too_long_is_a_gap_though_it_came_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LONGEST_ENTRY", 3000)
    document = json.dumps({"log": {"entries": [entry(1), entry(2, comment="a" * 3000), entry(3)]}}).encode()

    _, gap, last = read_in_pieces(document, 100_000, monkeypatch)

    assert isinstance(gap, Gap)
    assert isinstance(last, Exchange)


def test_an_entry_nested_beyond_the_parser_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = b'{"request":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    document = b'{"log":{"entries":[%s,%s]}}' % (deep, json.dumps(entry(1)).encode())

    gap, last = read_in_pieces(document, 1 << 20, monkeypatch)

    assert isinstance(gap, Gap)
    assert isinstance(last, Exchange)


@given(st.lists(st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=8), max_size=4))
def test_any_entries_are_cut_where_they_end(values: list[object]) -> None:
    document = json.dumps({"log": {"entries": values}}).encode()

    raw = list(stream.stream_entries(io.BytesIO(document), b"", "x.har"))

    assert [json.loads(bytes(one)) for one in raw] == values  # type: ignore[call-overload]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_large_file_is_read_entry_by_entry(
    pack: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "LARGE_BYTES", 1000)
    path = tmp_path / "x.har"
    path.write_bytes(pack(json.dumps({"log": {"entries": [entry(n) for n in range(50)]}}).encode()))

    assert [item.id for item in read_capture(path) if isinstance(item, Exchange)] == [*map(str, range(50))]


def test_without_responses_the_request_is_the_same() -> None:
    answer = {"status": 200, "headers": [], "content": {"text": "hi"}}
    document = json.dumps({"log": {"entries": [entry(1, response=answer)]}}).encode()

    (full,) = read_capture(document, name="x.har")
    (bare,) = read_capture(document, name="x.har", responses=False)

    assert isinstance(full, Exchange)
    assert isinstance(bare, Exchange)
    assert (full.response_body, bare.response_body, bare.status) == (b"hi", None, None)
    assert (full.target, full.request_body) == (bare.target, bare.request_body)
