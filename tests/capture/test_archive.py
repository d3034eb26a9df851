import io
import json
import zipfile

import pytest

from hometruth.capture import read_capture
from hometruth.errors import CaptureError
from hometruth.model import Delivery, Exchange, Gap, GapKind


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
