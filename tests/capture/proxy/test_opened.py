"""Only what was asked for is looked into: of all other hosts bytes are counted, and nothing is kept."""

import asyncio
import socket
from pathlib import Path

import httpx
import pytest
from mitmproxy.dns import DNSFlow
from mitmproxy.test.tflow import tdnsflow

from hometruth.capture import Recorder, Sinkhole, read_connections
from hometruth.capture.connections import connections_file
from hometruth.capture.proxy.passing import Passing, RecordingPhase
from hometruth.model import GapKind, HostPattern
from tests.capture.conftest import LoopbackServer, eventually, trusting, tunnel
from tests.capture.pinned import pinned_server


def test_of_hosts_that_nobody_asked_to_look_into_bytes_are_counted_and_nothing_is_kept(
    flow_file: Path, server: LoopbackServer, tmp_path: Path
) -> None:
    secret = b"q7m2x9k4t8w3z6"
    with pinned_server("localhost", tmp_path) as closed, Recorder(flow_file) as recorder:
        recorder.open_only([HostPattern("opened.example")])
        with httpx.Client(proxy=recorder.url) as client:
            client.post(server.url, content=secret, headers={"X-Secret": secret.decode()})
        with httpx.Client(proxy=recorder.url, verify=closed.context()) as client:
            client.post(f"https://localhost:{closed.port}/", content=secret)
        with tunnel(recorder, "127.0.0.1", server.port) as raw:
            raw.sendall(b"\x01" + secret)
        eventually(lambda: len(recorder.gaps()) == 3)
        recorder.open_only(None)
        with httpx.Client(proxy=recorder.url) as client:
            client.get(f"{server.url}/after")

    kept = flow_file.read_bytes()
    assert secret not in kept
    assert secret.decode() not in connections_file(flow_file).read_text()
    assert b"/after" in kept
    gaps = read_connections(flow_file)
    assert {gap.kind for gap in gaps} == {GapKind.NOT_LOOKED_INTO}
    assert {gap.host for gap in gaps} == {"127.0.0.1", "localhost"}
    assert all((gap.size_bytes or 0) > len(secret) for gap in gaps)
    assert closed.received == [secret]  # the client's certificate check was never in the way


def test_what_began_before_consent_is_not_looked_into_after_it(flow_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, Recorder(flow_file) as recorder:
        recorder.open_only([])
        with tunnel(recorder, *other.getsockname()) as raw:
            raw.sendall(b"\x01 before")
            accepted, _ = other.accept()
            accepted.recv(100)
            recorder.open_only(None)
            raw.sendall(b"\x01 after")
            accepted.recv(100)
            accepted.close()
        eventually(recorder.gaps)

    assert b"before" not in flow_file.read_bytes()
    assert b"after" not in flow_file.read_bytes()


def test_some_hosts_are_never_opened_whatever_else_is(flow_file: Path, tmp_path: Path) -> None:
    passing = Passing(closed=frozenset({"localhost"}))
    with pinned_server("localhost", tmp_path) as asked, Recorder(flow_file, passing=passing) as recorder:
        recorder.open_only([HostPattern("localhost")])
        with httpx.Client(proxy=recorder.url, verify=asked.context()) as client:
            client.post(f"https://localhost:{asked.port}/generate_204", content=b"asked")
        eventually(recorder.gaps)

    assert asked.received == [b"asked"]
    assert [gap.kind for gap in read_connections(flow_file)] == [GapKind.NOT_LOOKED_INTO]


def test_before_consent_nothing_is_opened_and_preflight_keeps_no_content(
    flow_file: Path, tmp_path: Path
) -> None:
    secret = "q7m2x9k4t8w3z6"
    with (
        pinned_server("localhost", tmp_path) as real,
        Recorder(flow_file, upstream_ca=real.ca_file) as recorder,
    ):
        recorder.phase = RecordingPhase.BEFORE_CONSENT
        with httpx.Client(proxy=recorder.url, verify=real.context()) as client:  # it sees the real server
            client.post(f"https://localhost:{real.port}/{secret}-1", content=secret)
        eventually(lambda: len(recorder.gaps()) == 1)
        recorder.phase = RecordingPhase.PREFLIGHT
        with trusting(recorder) as client:
            client.post(f"https://localhost:{real.port}/{secret}-2", content=secret)
        with pytest.raises(httpx.ConnectError), httpx.Client(proxy=recorder.url) as client:
            client.get(f"https://localhost:{real.port}/")
        eventually(lambda: len(recorder.gaps()) == 3)
        recorder.phase = RecordingPhase.DECLARED
        with trusting(recorder) as client:
            client.get(f"https://localhost:{real.port}/declared")

    before, readable, refused = read_connections(flow_file)
    assert (before.kind, before.host) == (GapKind.NOT_LOOKED_INTO, "localhost")
    assert readable.detail.startswith("preflight: it could be read, and nothing of it was kept: ")
    assert (readable.size_bytes or 0) > len(secret)
    assert refused.kind is GapKind.REFUSED_TLS
    kept = flow_file.read_bytes()
    assert b"/declared" in kept
    assert secret.encode() not in kept + connections_file(flow_file).read_bytes()


@pytest.mark.parametrize(
    ("phase", "told"),
    [
        (RecordingPhase.BEFORE_CONSENT, "not kept: nobody had agreed"),
        (RecordingPhase.PREFLIGHT, "preflight: it could be read"),
    ],
)
def test_names_asked_of_resolvers_are_content_too(flow_file: Path, phase: RecordingPhase, told: str) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        recorder.phase = phase
        flow = tdnsflow(resp=False)  # it asks for dns.google
        assert recorder._loop is not None
        for hook in (recorder._recording.dns_request(flow), _answered(recorder, flow)):
            asyncio.run_coroutine_threadsafe(hook, recorder._loop).result(10)

    (gap,) = read_connections(flow_file)
    assert gap.detail.startswith(told)
    assert gap.host == "address"
    assert (gap.size_bytes or 0) > 0
    assert b"google" not in flow_file.read_bytes() + connections_file(flow_file).read_bytes()


async def _answered(recorder: Recorder, flow: DNSFlow) -> None:
    recorder._recording.dns_response(flow)


@pytest.mark.parametrize("phase", [RecordingPhase.BEFORE_CONSENT, RecordingPhase.PREFLIGHT])
def test_the_page_of_the_recorder_is_answered_and_its_visitor_not_kept(
    flow_file: Path, phase: RecordingPhase
) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder, trusting(recorder) as client:
        recorder.phase = phase
        assert client.get("http://hometruth.test/").status_code == 200

    assert flow_file.read_bytes() == b""
    assert [gap.host for gap in read_connections(flow_file)] == ["hometruth.test"]


def test_a_server_that_spoke_alone_is_counted_where_nothing_is_kept(flow_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mail, Recorder(flow_file) as recorder:
        recorder.open_only([])
        with tunnel(recorder, *mail.getsockname()) as raw:
            accepted, _ = mail.accept()
            accepted.sendall(b"220 mail.test")
            assert raw.recv(100) == b"220 mail.test"
            accepted.close()
        eventually(recorder.gaps)

    (gap,) = read_connections(flow_file)
    assert (gap.kind, gap.size_bytes, gap.received_bytes) == (GapKind.NOT_LOOKED_INTO, 0, 13)
