import gzip
import io
import json
import tarfile
import zipfile
from contextlib import suppress
from random import Random

import pytest

from hometruth.capture import read_capture
from hometruth.errors import CaptureError
from hometruth.model import Delivery, Exchange, Gap, GapKind
from tests.capture.exports import made


def har(*, file: str | None = None) -> bytes:
    body = {"mimeType": "text/plain", "text": "", "_file": file} if file else {"text": "x"}
    entry = {"request": {"method": "POST", "url": "https://a.example/", "postData": body}}
    return json.dumps({"log": {"entries": [entry]}}).encode()


def archive(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return buffer.getvalue()


def test_a_capture_in_an_archive_is_read_with_the_bodies_beside_it() -> None:
    data = archive(**{"in/har.har": har(file="body.bin"), "in/body.bin": b"secret"})

    (exchange,) = read_capture(data, name="x.zip")

    assert isinstance(exchange, Exchange)
    assert (exchange.source.file, exchange.request_body) == ("x.zip/in/har.har", b"secret")


def test_every_capture_is_read_and_what_is_none_is_counted() -> None:
    data = archive(**{"a.har": har(), "b.har": har(), "c.txt": b"notes"})

    *exchanges, gap = read_capture(data, name="x.zip")

    assert [item.source.file for item in exchanges if isinstance(item, Exchange)] == [
        "x.zip/a.har",
        "x.zip/b.har",
    ]
    assert isinstance(gap, Gap)
    assert gap.detail == "1 files of the archive are no captures, nor named by one (first: c.txt)"


@pytest.mark.parametrize("data", [archive(**{"c.txt": b"notes"}), archive(**{"a.har": har()})[:60]])
def test_an_archive_without_a_capture_and_a_cut_one_are_one_error(data: bytes) -> None:
    with pytest.raises(CaptureError, match="is a zip archive"):
        read_capture(data, name="x.zip")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_one_damaged_byte_is_told_however_it_is_packed(method: int) -> None:
    buffer, rng = io.BytesIO(), Random(1)
    with zipfile.ZipFile(buffer, "w", method) as packed:
        packed.writestr("a.har", har())
        packed.writestr("b.har", har())
    for _ in range(100):
        data = bytearray(buffer.getvalue())
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        with suppress(CaptureError):
            assert list(read_capture(bytes(data), name="x.zip"))


def test_a_file_without_a_name_is_no_folder() -> None:
    data = archive(**{"x": b"notes", "a.har": har()})
    at = data.index(b"PK\x01\x02") + 46  # where its name stands in the list of files
    nameless = data[:at] + b"\0" + data[at + 1 :]

    exchange, *gaps = read_capture(nameless, name="x.zip")

    assert isinstance(exchange, Exchange)
    assert [gap.detail for gap in gaps if isinstance(gap, Gap)][:1] == [
        "the archive is damaged: '' is called 'x' by its own head"
    ]


def test_what_goes_with_a_trace_is_no_gap_and_what_the_test_answered_never_left() -> None:
    line = json.dumps(
        {
            "type": "resource-snapshot",
            "snapshot": {"request": {"method": "GET", "url": "https://a.example/"}, "_wasFulfilled": True},
        }
    ).encode()
    data = archive(
        **{"0-trace.network": line, "0-trace.trace": b"{}", "resources/" + "a" * 40 + ".html": b"x"}
    )

    exchange, lacking = read_capture(data, name="x.zip")

    assert isinstance(exchange, Exchange)
    assert exchange.delivered is Delivery.BLOCKED
    assert isinstance(lacking, Gap)
    assert lacking.kind is GapKind.NEVER_RECORDED


def test_a_trace_of_a_page_without_requests_holds_none() -> None:
    assert list(read_capture(archive(**{"trace.network": b"", "trace.trace": b"{}"}), name="x.zip")) == []


def test_a_damaged_capture_is_a_gap_whatever_it_is_called() -> None:
    """Files that go with a capture are excused by their names only where they are none."""
    cut = har()[:-40]
    data = archive(**{"a.har": har(), "pages/b.har": cut, "resources/c": cut, "datapackage.json": b"{}"})

    exchange, *gaps = read_capture(data, name="x.zip")

    assert isinstance(exchange, Exchange)
    assert [(gap.where, gap.kind) for gap in gaps if isinstance(gap, Gap)] == [
        ("x.zip/pages/b.har", GapKind.UNREADABLE),
        ("x.zip/resources/c", GapKind.UNREADABLE),
    ]


def test_a_member_that_is_packed_and_cut_is_a_gap() -> None:
    lines = b"".join(b'{"format":"hometruth-exchanges","version":1}\n' for _ in range(1))
    rows = lines + b'{"url":"https://a.example/"}\n' * 2000
    packed = gzip.compress(rows, mtime=0)

    items = list(read_capture(archive(**{"a.jsonl.gz": packed[: len(packed) // 2]}), name="x.zip"))

    assert any(isinstance(item, Gap) and "cannot be unpacked beyond" in item.detail for item in items)


def headless(data: bytes) -> bytes:
    """An archive without its list of files."""
    return data[: data.find(b"PK\x01\x02")]


def damage(data: bytes) -> str:
    gaps = [item.detail for item in read_capture(data, name="x.zip") if isinstance(item, Gap)]
    return next(detail for detail in gaps if detail.startswith("the archive is damaged"))


def passed_over(data: bytes) -> str:
    (gap,) = [
        gap for gap in read_capture(data, name="x.zip") if isinstance(gap, Gap) and gap.where == "x.zip/b.bin"
    ]
    return gap.detail.removeprefix("passed over: ")


def test_what_a_damaged_archive_lost_is_named() -> None:
    noise = Random(1).randbytes(5000)
    whole = headless(archive(**{"a.har": har(), "b.bin": noise}))
    encrypted = bytearray(whole)
    encrypted[encrypted.find(b"PK\x03\x04", 4) + 6] |= 1
    other = bytearray(whole)
    other[other.find(b"PK\x03\x04", 4) + 8] = 9
    changed = bytearray(headless(archive(**{"b.har": har(), "a.har": har()})))
    changed[changed.find(b"PK\x03\x04", 4) + 14] ^= 1

    found = (
        "the archive is damaged: its index is damaged or not at its end: 1 files were found by their heads"
    )
    assert damage(headless(archive(**{"a.har": har()}))) == found
    assert "b.bin is cut short" in damage(whole[:-100])
    assert passed_over(bytes(encrypted)) == "is encrypted"
    assert passed_over(bytes(other)) == "is packed in a way that is not read (method 9)"
    assert "a.har does not match its checksum" in damage(bytes(changed))
    assert "a.har is there twice" in damage(headless(archive(**{"a.har": har()})) * 2)


def test_captures_of_an_archive_in_an_archive_are_read_and_no_deeper() -> None:
    """What a build keeps of a failed test: an archive of traces, each of which is one."""
    trace = archive(**{"a.har": har(file="body.bin"), "body.bin": b"secret"})
    saz = made.saz()
    data = archive(
        **{"data/1.zip": trace, "data/2.zip": archive(**{"1.zip": trace, "b.har": har()}), "3": saz}
    )

    items = list(read_capture(data, name="x.zip"))

    exchanges = [item for item in items if isinstance(item, Exchange)]
    assert [item.source.file for item in exchanges] == [
        *("x.zip/data/1.zip/a.har", "x.zip/data/2.zip/b.har"),
        *["x.zip/3"] * 3,
    ]
    assert exchanges[0].request_body == b"secret"
    assert [
        gap.detail for gap in items if isinstance(gap, Gap) and gap.where == "x.zip/data/2.zip/1.zip"
    ] == ["passed over: is a zip archive in one in another; unpack that, and give the folder"]


def test_an_archive_is_read_with_its_first_byte_damaged_or_in_gzip() -> None:
    data = archive(**{"a.har": har(), "b.har": har()})

    hurt = list(read_capture(b"Q" + data[1:], name="x.zip"))

    assert [item.source.file for item in hurt if isinstance(item, Exchange)] == ["x.zip/a.har", "x.zip/b.har"]
    assert len([*read_capture(gzip.compress(made.saz(), mtime=0), name="x.saz.gz")]) == len(made.URLS)


def test_a_file_whose_size_stands_behind_it_is_not_taken_for_empty() -> None:
    """Playwright writes such archives; damaged, they do not say how long their files are."""
    line = json.dumps({"type": "resource-snapshot", "snapshot": {"request": {"url": "https://a.example/"}}})
    data = bytearray(headless(archive(**{"trace.network": line.encode()})))
    data[6] |= 8
    data[14:26] = bytes(12)

    exchange, *_ = read_capture(bytes(data), name="x.zip")

    assert isinstance(exchange, Exchange)


def test_an_archive_in_an_archive_is_a_gap_of_its_own() -> None:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as packed:
        packed.addfile(tarfile.TarInfo("a.har"))
    inside = {"b.7z": b"7z\xbc\xaf\x27\x1c\0\4", "c.rar": b"Rar!\x1a\x07\1\0", "d.tgz": tar.getvalue()}
    data = archive(**{"a.har": har(), **inside, "e.zip": archive(x=b"y")})

    _, *gaps = read_capture(data, name="x.zip")

    assert [(gap.where, gap.detail.split(";")[0]) for gap in gaps if isinstance(gap, Gap)] == [
        ("x.zip/b.7z", "passed over: is a 7z archive"),
        ("x.zip/c.rar", "passed over: is a RAR archive"),
        ("x.zip/d.tgz", "passed over: is a tar archive"),
        ("x.zip/e.zip", "passed over: is a zip archive, and none of its 1 files is a capture"),
    ]
    with pytest.raises(CaptureError, match="is a tar archive; give the folder"):
        read_capture(tar.getvalue(), name="a.tgz")
