"""Flows with large bodies: the request is read, the download is not, and what is still too large is a gap."""

import io
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow

from hometruth.capture import flow_reader, read_capture
from hometruth.capture.large_flow import Frame, without_response_body
from hometruth.model import Exchange, Gap, GapKind

KIB = 1 << 10


def written(*flows: HTTPFlow) -> bytes:
    file = io.BytesIO()
    writer = FlowWriter(file)  # type: ignore[no-untyped-call]
    for flow in flows:
        writer.add(flow)
    return file.getvalue()


def flow(*, sent: int = 10, received: int = 10) -> HTTPFlow:
    one = tflow.tflow(resp=True)
    assert one.response is not None
    one.request.content = Random(sent).randbytes(sent)
    one.response.content = Random(received).randbytes(received)
    return one


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_reader, "LARGE_FLOW_BYTES", 16 * KIB)
    monkeypatch.setattr(flow_reader, "MAX_FLOW_BYTES", 48 * KIB)


def read(tmp_path: Path, data: bytes) -> list[Exchange | Gap]:
    (tmp_path / "file").write_bytes(data)
    return list(read_capture(tmp_path / "file"))


@pytest.mark.usefixtures("small_limits")
def test_the_request_of_a_large_download_is_read_as_if_the_download_had_been_small(tmp_path: Path) -> None:
    (whole,) = read(tmp_path, written(flow(sent=5 * KIB, received=9 * KIB)))
    large, after = read(tmp_path, written(flow(sent=5 * KIB, received=200 * KIB), flow()))

    assert isinstance(whole, Exchange)
    assert isinstance(large, Exchange)
    assert large.request_body == Random(5 * KIB).randbytes(5 * KIB)
    assert large.response_body is None
    assert replace(large, response_headers=whole.response_headers) == replace(
        whole, id=large.id, source=large.source, response_body=None
    )
    assert large.response_headers
    assert isinstance(after, Exchange)
    assert after.response_body == Random(10).randbytes(10)


@pytest.mark.usefixtures("small_limits")
def test_an_upload_that_is_too_large_is_a_gap_and_the_next_flow_is_read(tmp_path: Path) -> None:
    gap, after = read(tmp_path, written(flow(sent=60 * KIB, received=200 * KIB), flow()))

    assert isinstance(gap, Gap)
    assert gap.kind is GapKind.BUDGET
    assert gap.size_bytes is not None
    assert gap.size_bytes > 260 * KIB
    assert isinstance(after, Exchange)


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("part", [0.01, 0.3, 0.6, 0.99])
def test_a_file_that_ends_in_a_large_flow_keeps_those_before(tmp_path: Path, part: float) -> None:
    first, large = written(flow()), written(flow(received=100 * KIB))
    kept, cut = read(tmp_path, first + large[: int(part * len(large))])

    assert isinstance(kept, Exchange)
    assert isinstance(cut, Gap)
    assert cut.kind is GapKind.UNREADABLE
    assert cut.size_bytes == int(part * len(large))
    assert "in the middle of a flow" in cut.detail


@pytest.mark.usefixtures("small_limits")
def test_a_large_flow_that_is_damaged_is_a_gap_and_the_next_is_read(tmp_path: Path) -> None:
    large, body = written(flow(received=100 * KIB)), Random(100 * KIB).randbytes(100 * KIB)
    start = large.index(body)
    outside = [*range(8, start, 5), *range(start + len(body), len(large) - 1, 5)]
    for at in outside:
        data = large[:at] + b"x" + large[at + 1 :]
        before, item, after = read(tmp_path, written(flow()) + data + written(flow()))

        assert isinstance(before, Exchange)
        assert isinstance(after, Exchange)
        assert not isinstance(item, Gap) or item.kind in {GapKind.BUDGET, GapKind.UNREADABLE}


def test_what_is_kept_is_the_flow_but_for_the_body() -> None:
    data = written(flow(received=1000))
    size = len(data) - data.index(b":") - 1
    stream = io.BytesIO(data[-size:] + b"what follows")
    kept = without_response_body(Frame(stream, size), 10_000)

    assert b"0:~" in kept
    assert Random(1000).randbytes(1000) not in kept
    assert stream.read() == b"what follows"
