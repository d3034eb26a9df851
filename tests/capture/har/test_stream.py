import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hometruth.capture import read_capture
from hometruth.capture import unpacked as unpack
from hometruth.capture.byte_stream import take
from hometruth.capture.har import buffer, stream
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap, GapKind


def entry(n: int, **more: Any) -> dict[str, Any]:
    return {"request": {"method": "GET", "url": f"https://a.example/{n}?}}]]\\", "headers": []}, **more}


def document(*entries: object) -> bytes:
    return json.dumps({"log": {"entries": entries}}).encode()


def read_in_pieces(data: bytes, piece: int, monkeypatch: pytest.MonkeyPatch) -> list[Exchange | Gap]:
    monkeypatch.setattr(buffer, "READ_BYTES", piece)
    return list(read_capture(data, name="x.har"))


DOCUMENTS: dict[str, bytes] = {
    "compact": json.dumps({"log": {"entries": [entry(n) for n in range(5)]}}, separators=(",", ":")).encode(),
    "indented": json.dumps({"log": {"version": "1.2", "entries": [entry(1), entry(2)]}}, indent=2).encode(),
    "none": b'{"log":{"entries":[]}}',
    "a decoy before": json.dumps(
        {"log": {"creator": {"entries": [1]}, "comment": '"entries":[', "entries": [entry(1)]}}
    ).encode(),
    "more after": json.dumps({"log": {"entries": [entry(1)], "pages": [{"id": "]}"}]}}).encode(),
    "byte order mark": b"\xef\xbb\xbf" + document(entry(1)),
    "control characters": b'{"log":{"entries":[{"request":{"url":"https://a.example/\x01"}},{"request":{"url":"https://b.example/"}}]}}',
    "not a number": b'{"log":{"entries":[{"time":NaN,"request":{"url":"https://a.example/"}}]}}',
    "an escape that JSON has not": b'{"log":{"entries":[{"request":{"url":"https://a.example/\\v\\\\"}},{"request":{"url":"https://b.example/"}}]}}',
    "broken UTF-8": b'{"log":{"entries":[{"request":{"method":"GET","url":"https://a.example/\xff"}}]}}',
    "bad entries": document(None, 1, "x", [], {}, entry(1)),
    "a comma too many": document(entry(1)).replace(b"}]}", b"},]}"),
    "no log around it": json.dumps({"entries": [entry(1), entry(2)]}).encode(),
    "joined": document(entry(1)) + b"\n" + document(entry(2), entry(3)),
    "in a call": b"cb(" + document(entry(1)) + b");",
    "an entry a line": b"\n".join(json.dumps(entry(n)).encode() for n in range(3)),
    "a snapshot a line": b"\n".join(json.dumps({"snapshot": entry(n)}).encode() for n in range(3)),
}


@pytest.mark.parametrize("piece", [1, 7, 64])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_piece_by_piece_gives_what_reading_at_once_gives(
    name: str, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(read_capture(DOCUMENTS[name], name="x.har"))

    assert read_in_pieces(DOCUMENTS[name], piece, monkeypatch) == whole
    n_entries = DOCUMENTS[name].count(b'"url"')
    assert sum(isinstance(item, Exchange) for item in whole) == n_entries


@settings(max_examples=200, deadline=None)
@given(
    at=st.floats(0, 1, exclude_max=True), byte=st.integers(1, 255), piece=st.sampled_from([7, 300, 1 << 20])
)
def test_one_damaged_byte_costs_at_most_one_entry_and_says_so(at: float, byte: int, piece: int) -> None:
    data = bytearray(document(*(entry(n, time=5, comment="c" * 30) for n in range(8))))
    whole = {item.target for item in read_capture(bytes(data)) if isinstance(item, Exchange)}
    begin = data.index(b"[") + 1
    where = begin + int(at * (len(data) - begin - 3))
    data[where] ^= byte
    with pytest.MonkeyPatch.context() as monkeypatch:
        items = read_in_pieces(bytes(data), piece, monkeypatch)

    targets = {item.target for item in items if isinstance(item, Exchange)}
    assert len(whole & targets) >= 7
    gaps = [item for item in items if isinstance(item, Gap)]
    assert len(gaps) <= 2
    assert len(whole & targets) == 8 or gaps or targets - whole


@pytest.mark.parametrize("piece", [7, 1 << 20])
@pytest.mark.parametrize("pack", [bytes, lambda data: gzip.compress(data, mtime=0)])
def test_a_document_cut_short_gives_its_whole_entries_and_one_gap(
    piece: int, pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [json.dumps(entry(n)).encode() for n in range(5)]
    data = document(*map(json.loads, entries))
    packed = pack(data)
    for size in range(len(packed) - 1, 0, -1):
        cut = packed[:size]
        begun = sum(data[: len(unpacked(cut))].count(each) for each in entries)
        try:
            items = read_in_pieces(cut, piece, monkeypatch)
        except CaptureError as err:
            assert begun == 0, err
            continue
        *exchanges, gap = items
        assert isinstance(gap, Gap)
        assert all(isinstance(item, Exchange) for item in exchanges)
        assert begun <= len(exchanges) <= begun + 1  # the last one may have been cut behind its request


def unpacked(data: bytes) -> bytes:
    return take(unpack.unpacked(io.BytesIO(data)), 1 << 30)


def test_the_request_of_a_damaged_entry_is_read() -> None:
    data = document(entry(1, response={"status": 200}), entry(2)).replace(b'{"status": 200}', b'{"status": }')

    first, gap, second = read_capture(data, name="x.har")

    assert isinstance(first, Exchange)
    assert isinstance(second, Exchange)
    assert isinstance(gap, Gap)
    assert gap.where == "x.har, entry 0"
    assert gap.detail.endswith("the request of the entry was read")


def test_a_field_beside_the_entries_whose_name_is_damaged_is_told_and_costs_none() -> None:
    entry = b'{"request": {"method": "GET", "url": "https://a.example/"}}'
    for place in (
        b'{"log": {"ver\xe5ion": "1.2", "entries": [%s]}}',
        b'{"co\xe5k": 1, "log": {"entries": [%s]}}',
    ):
        items = list(read_capture(place % entry))
        assert [item.url for item in items if isinstance(item, Exchange)] == ["https://a.example/"]
        assert any("a name that is no text" in item.detail for item in items if isinstance(item, Gap))


def test_damage_is_told_with_its_place() -> None:
    data = document(entry(1), entry(2), entry(3)).replace(b'"https://a.example/2', b"https://a.example/2")

    _, gap, _ = read_capture(data, name="x.har")

    assert isinstance(gap, Gap)
    start = data.index(b', {"request"') + 2
    assert gap.detail.startswith(f"damaged at byte {start}: JSON is malformed: invalid character (byte ")
    assert gap.size_bytes == data.rindex(b', {"request"') + 2 - start


def test_what_is_neither_har_nor_an_entry_is_counted() -> None:
    lines = [{"a": 1}, entry(1), {"b": 2}]

    exchange, gap = read_capture(b"\n".join(json.dumps(line).encode() for line in lines), name="x")

    assert isinstance(exchange, Exchange)
    assert isinstance(gap, Gap)
    assert gap.detail == "2 values that are neither HAR nor an entry of it, the first at byte 0"


@pytest.mark.parametrize("data", [b'{"a": {"entries": []}}', b'{"a": 1}\n{"b": 2}'])
def test_other_json_is_no_har(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CaptureError, match="but not HAR"):
        read_in_pieces(data, 8, monkeypatch)


def test_of_an_entry_that_is_too_long_the_request_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffer, "MOST_HELD_BYTES", 3000)
    long = entry(2, comment='\\"{[' * 5000 + "\\")
    data = document(entry(1), long, entry(3))

    first, second, gap, last = read_in_pieces(data, 1000, monkeypatch)

    assert [item.id for item in (first, second, last) if isinstance(item, Exchange)] == ["0", "1", "2"]
    assert isinstance(gap, Gap)
    assert (gap.kind, gap.size_bytes) == (GapKind.BUDGET, len(json.dumps(long)))


def test_an_entry_whose_request_is_too_long_is_a_gap_though_it_came_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(buffer, "MOST_HELD_BYTES", 3000)
    data = document(entry(1), {"request": {"method": "a" * 9000}}, entry(3))

    _, gap, last = read_in_pieces(data, 1000, monkeypatch)

    assert isinstance(gap, Gap)
    assert isinstance(last, Exchange)


def test_an_entry_nested_beyond_the_parser_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = b'{"request":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    data = b'{"log":{"entries":[%s,%s]}}' % (deep, json.dumps(entry(1)).encode())

    gap, last = read_in_pieces(data, 1 << 20, monkeypatch)

    assert isinstance(gap, Gap)
    assert isinstance(last, Exchange)


@given(st.lists(st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=8), max_size=4))
def test_any_entries_are_cut_where_they_end(values: list[object]) -> None:
    *raw, _log = stream.stream_entries(io.BytesIO(document(*values)))

    assert [json.loads(bytes(one)) for one in raw] == values  # type: ignore[arg-type]


def test_without_responses_the_request_is_the_same() -> None:
    answer = {"status": 200, "headers": [], "content": {"text": "hi"}}

    (full,) = read_capture(document(entry(1, response=answer)), name="x.har")
    (bare,) = read_capture(document(entry(1, response=answer)), name="x.har", responses=False)

    assert isinstance(full, Exchange)
    assert isinstance(bare, Exchange)
    assert (full.response_body, bare.response_body, bare.status) == (b"hi", None, 200)
    assert (full.target, full.request_body) == (bare.target, bare.request_body)
