import asyncio
import gc
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from h2.connection import H2Connection  # type: ignore[import-untyped]
from h2.events import StreamEnded  # type: ignore[import-untyped]
from hyperframe.frame import DataFrame, Frame, GoAwayFrame, HeadersFrame
from mitmproxy.connection import Client

from hometruth.capture import Listening, Recorder, Sinkhole, read_capture, read_connections
from hometruth.capture.connections import connections_file
from hometruth.capture.proxy import authority
from hometruth.capture.proxy import server as server_module
from hometruth.capture.proxy.recorder import YOUNG_OBJECTS
from hometruth.capture.proxy.recording import NOBODY, Recording, Senders
from hometruth.capture.proxy.server import QUIET_POLLS, SETTLE_POLLS, _settle
from hometruth.capture.proxy.tunnel_watch import TunnelWatch
from hometruth.errors import CaptureError
from hometruth.model import Delivery, Exchange, Gap, GapKind
from tests.capture.conftest import LoopbackServer, eventually, trusting, tunnel


def exchanges(path: Path) -> list[Exchange]:
    """Everything in a recording, which must be exchanges only."""
    items = list(read_capture(path))
    assert all(isinstance(item, Exchange) for item in items), items
    return [item for item in items if isinstance(item, Exchange)]


def test_an_https_request_is_read_back_as_it_was_sent(flow_file: Path) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder, trusting(recorder) as client:
        client.post("https://a.example:8443/p%20q?x=%41", content=b"\x00\xff", headers={"X-One": "1"})

    (exchange,) = exchanges(flow_file)
    assert (exchange.method, exchange.url) == ("POST", "https://a.example:8443/p%20q?x=%41")
    assert exchange.target == b"/p%20q?x=%41"
    assert exchange.request_body == b"\x00\xff"
    assert exchange.request_header("x-one") == b"1"
    assert exchange.status == 200


def test_the_clients_own_tls_offer_is_kept_with_the_exchange(flow_file: Path) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        only_1_2 = ssl.create_default_context(cafile=str(recorder.ca_file))
        only_1_2.maximum_version = ssl.TLSVersion.TLSv1_2
        with httpx.Client(proxy=recorder.url, verify=only_1_2) as client:
            client.get("https://old.example/")
        from_1_2 = ssl.create_default_context(cafile=str(recorder.ca_file))
        from_1_2.minimum_version = ssl.TLSVersion.TLSv1_2  # what it is by default hangs on who built Python
        with httpx.Client(proxy=recorder.url, verify=from_1_2) as client:
            client.get("https://new.example/")
            client.get("http://plain.example/")

    old, new, plain = (exchange.tls for exchange in exchanges(flow_file))
    assert old is not None
    assert new is not None
    assert (old.negotiated, old.offered, old.sni) == ("TLSv1.2", ("TLSv1.2",), "old.example")
    assert (new.negotiated, set(new.offered), new.sni) == ("TLSv1.3", {"TLSv1.2", "TLSv1.3"}, "new.example")
    assert plain is None


def test_every_exchange_carries_the_trial_it_started_in(flow_file: Path) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder, trusting(recorder) as client:
        for trial in (None, "t-1", "t-2", None):
            recorder.mark(trial)
            client.get("https://a.example/")

    assert [exchange.trial for exchange in exchanges(flow_file)] == [None, "t-1", "t-2", None]


def test_normal_mode_forwards(flow_file: Path, server: LoopbackServer) -> None:
    server.body = b"from the real server"
    with Recorder(flow_file) as recorder, trusting(recorder) as client:
        answer = client.post(f"{server.url}/in?q=1", content=b"sent")

    (exchange,) = exchanges(flow_file)
    assert answer.content == exchange.response_body == b"from the real server"
    assert [(one.target, one.body) for one in server.received] == [("/in?q=1", b"sent")]
    assert exchange.server_address == ("127.0.0.1", server.port)


def test_an_upstream_that_is_down_is_an_exchange_with_an_error(flow_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with Recorder(flow_file) as recorder, trusting(recorder) as client:
        answer = client.get(f"http://127.0.0.1:{port}/")

    (exchange,) = exchanges(flow_file)
    assert answer.status_code == 502
    assert exchange.error


def test_what_was_tried_to_be_sent_is_read_though_no_server_is_there(flow_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with Recorder(flow_file) as recorder, trusting(recorder) as client:
        answer = client.post(f"https://127.0.0.1:{port}/leak", content=b"a secret")

    (exchange,) = exchanges(flow_file)
    assert answer.status_code == 502
    assert (exchange.target, exchange.request_body) == (b"/leak", b"a secret")
    assert exchange.delivered is Delivery.NO_ANSWER
    assert read_connections(flow_file) == []


def test_concurrent_clients_are_all_recorded_once(flow_file: Path) -> None:
    def visit(number: int) -> None:
        with trusting(recorder) as client:
            for turn in range(10):
                client.get(f"https://h{number}.example/{turn}")

    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder, ThreadPoolExecutor(8) as pool:
        list(pool.map(visit, range(8)))

    read = exchanges(flow_file)
    expected = {f"https://h{number}.example/{turn}" for number in range(8) for turn in range(10)}
    assert sorted(exchange.url for exchange in read) == sorted(expected)
    assert recorder.n_exchanges == 80
    assert len({exchange.id for exchange in read}) == 80
    assert [exchange.source.index for exchange in read] == list(range(80))


def test_a_client_that_refuses_the_certificate_is_a_gap_with_host_and_trial(
    sinkhole: Recorder, flow_file: Path
) -> None:
    sinkhole.mark("t-9")
    with httpx.Client(proxy=sinkhole.url) as distrusting, pytest.raises(httpx.ConnectError):
        distrusting.get("https://pinned.example/")
    eventually(sinkhole.gaps)

    (gap,) = sinkhole.gaps()
    assert (gap.kind, gap.host, gap.trial) == (GapKind.REFUSED_TLS, "pinned.example", "t-9")
    (noted,) = read_connections(flow_file)  # already, while it records
    assert (noted.kind, noted.host, noted.trial) == (GapKind.REFUSED_TLS, "pinned.example", "t-9")


def handshake_and_leave(recorder: Recorder, host: str) -> None:
    """What a pinned app does whose check comes after the handshake."""
    trust = ssl.create_default_context(cafile=str(recorder.ca_file))
    with tunnel(recorder, host) as raw, trust.wrap_socket(raw, server_hostname=host):
        pass


def test_a_connection_that_is_never_used_is_a_gap_of_its_own_kind(sinkhole: Recorder) -> None:
    handshake_and_leave(sinkhole, "pinned.example")
    eventually(sinkhole.gaps)

    assert [(gap.kind, gap.host) for gap in sinkhole.gaps()] == [(GapKind.UNUSED, "pinned.example")]


@pytest.mark.parametrize("spare_first", [True, False])
def test_a_spare_connection_to_a_host_that_is_read_in_the_session_is_no_gap(
    flow_file: Path, spare_first: bool
) -> None:
    told: list[Gap] = []
    with Recorder(flow_file, sinkhole=Sinkhole(), on_gap=told.append) as recorder:
        recorder.mark("t-1")
        if spare_first:
            handshake_and_leave(recorder, "heard.example")
            eventually(recorder.gaps)
        with trusting(recorder) as client:
            client.get("https://heard.example/")
        if not spare_first:
            handshake_and_leave(recorder, "heard.example")
        handshake_and_leave(recorder, "pinned.example")
        eventually(recorder.gaps)
        recorder.mark("t-2")
        handshake_and_leave(recorder, "heard.example")
        eventually(lambda: len(recorder.gaps()) == 2)

    expected = [("pinned.example", "t-1"), ("heard.example", "t-2")]
    assert [(gap.host, gap.trial) for gap in recorder.gaps()] == expected
    assert [(gap.host, gap.trial) for gap in read_connections(flow_file)] == expected
    assert [(gap.host, gap.trial) for gap in told] == expected


def test_a_recording_with_spare_connections_only_leaves_no_list_of_them(flow_file: Path) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        handshake_and_leave(recorder, "heard.example")
        eventually(recorder.gaps)
        with trusting(recorder) as client:
            client.get("https://heard.example/")

    assert not connections_file(flow_file).exists()


def test_recordings_are_for_their_owner_only(flow_file: Path) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        handshake_and_leave(recorder, "pinned.example")
        eventually(recorder.gaps)

    for file in (flow_file, connections_file(flow_file)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_key_of_the_authority_is_on_no_disk_while_the_recorder_runs(sinkhole: Recorder) -> None:
    folder = sinkhole.ca_file.parent

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not [file for file in folder.iterdir() if b"PRIVATE KEY" in file.read_bytes()]


ENDLESS = """
import pathlib, sys, time
from hometruth.capture import Recorder, Sinkhole
with Recorder(pathlib.Path(sys.argv[1]), sinkhole=Sinkhole()) as recorder:
    print(recorder.ca_file.parent, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_polite_kill_leaves_no_folder_behind(flow_file: Path, number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", ENDLESS, flow_file], stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        folder = Path(running.stdout.readline().strip())
        assert folder.is_dir()
        running.send_signal(number)

    assert running.returncode == 128 + number
    assert not folder.exists()


def test_what_a_killed_recorder_left_is_swept_by_the_next_and_what_lives_is_not(
    flow_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authority, "_YOUNG_S", 0.0)
    folders = []
    for name, number in (("killed", signal.SIGKILL), ("alive", signal.SIGTERM)):
        with subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", ENDLESS, tmp_path / name],
            stdout=subprocess.PIPE,
            text=True,
        ) as running:
            assert running.stdout
            folders.append(Path(running.stdout.readline().strip()))
            if name == "killed":
                running.send_signal(number)
                continue
            with Recorder(flow_file, sinkhole=Sinkhole()):
                assert [folder.exists() for folder in folders] == [False, True]
            running.send_signal(number)


def test_a_sinkhole_opens_no_connection_for_a_protocol_that_is_not_http(
    flow_file: Path, server: LoopbackServer
) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        with tunnel(recorder, "127.0.0.1", server.port) as raw:
            raw.sendall(b"\x05\x01\x00 not http")
        eventually(lambda: recorder.n_exchanges)

    (exchange,) = exchanges(flow_file)
    assert (exchange.scheme, exchange.host, exchange.port) == ("tcp", "127.0.0.1", server.port)
    assert [message.data for message in exchange.messages] == [b"\x05\x01\x00 not http"]
    assert exchange.delivered is Delivery.NO_ANSWER
    assert server.received == []


def test_a_conversation_that_is_not_http_is_recorded_as_what_it_is(flow_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, Recorder(flow_file) as recorder:
        raw = socket.create_connection((recorder.host, recorder.port), timeout=10)
        raw.sendall(f"CONNECT 127.0.0.1:{other.getsockname()[1]} HTTP/1.1\r\n\r\n".encode())
        raw.recv(1000)
        raw.sendall(b"\x05\x01\x00")
        accepted, _ = other.accept()
        with raw, accepted:
            accepted.recv(3)
            accepted.sendall(b"\x05\x00")
            raw.recv(2)
        eventually(lambda: recorder.n_exchanges)

    (exchange,) = exchanges(flow_file)
    assert (exchange.method, exchange.delivered) == ("TCP", Delivery.YES)
    assert [(message.sent, message.data) for message in exchange.messages] == [
        (True, b"\x05\x01\x00"),
        (False, b"\x05\x00"),
    ]
    assert recorder.gaps() == ()


def test_bytes_that_are_no_request_are_a_gap(sinkhole: Recorder) -> None:
    with socket.create_connection((sinkhole.host, sinkhole.port), timeout=10) as raw:
        raw.sendall(b"\x00\x01\x02\r\n\r\n")
        raw.recv(1000)
    eventually(sinkhole.gaps)

    assert [gap.kind for gap in sinkhole.gaps()] == [GapKind.NOT_HTTP]


def test_an_exchange_under_way_at_the_end_is_kept_and_marked(flow_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, Recorder(flow_file) as recorder:
        raw = socket.create_connection((recorder.host, recorder.port), timeout=10)
        raw.sendall(f"GET http://127.0.0.1:{silent.getsockname()[1]}/slow HTTP/1.1\r\n\r\n".encode())
        accepted, _ = silent.accept()
        accepted.recv(1000)
    raw.close()
    accepted.close()

    (exchange,) = exchanges(flow_file)
    assert (exchange.target, exchange.status) == (b"/slow", None)
    assert exchange.error == "the recording ended before this exchange did"


def plain_connection(recorder: Recorder) -> socket.socket:
    return socket.create_connection((recorder.host, recorder.port), timeout=10)


def tls_connection(recorder: Recorder) -> socket.socket:
    trust = ssl.create_default_context(cafile=str(recorder.ca_file))
    return trust.wrap_socket(tunnel(recorder, "a.example"), server_hostname="a.example")


@pytest.mark.parametrize("connection", [plain_connection, tls_connection])
@pytest.mark.parametrize("kept_alive", [False, True])
@pytest.mark.parametrize("piece", [b"POST http://a.example/leak HTTP/1.1\r\nHo", b"\x01\r\n\r\n"])
@pytest.mark.parametrize("closed_before", [False, True])
def test_a_piece_of_a_request_is_a_gap_whoever_ends_it(
    flow_file: Path,
    connection: Callable[[Recorder], socket.socket],
    kept_alive: bool,
    piece: bytes,
    closed_before: bool,
) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        raw = connection(recorder)
        if kept_alive:
            raw.sendall(b"GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n")
            assert raw.recv(10_000).startswith(b"HTTP/1.1 200")
        raw.sendall(piece)
        if closed_before:
            raw.close()
    raw.close()

    *requests, kept = exchanges(flow_file)  # what nobody could be handed is searched all the same
    assert len(requests) == kept_alive
    assert (kept.scheme, kept.delivered) == ("tcp", Delivery.NO_ANSWER)
    assert [message.data for message in kept.messages] == [piece]
    is_heard_out = connection is tls_connection and piece.startswith(b"\x01") and not kept_alive
    assert [gap.kind for gap in recorder.gaps()] == ([] if is_heard_out else [GapKind.NOT_HTTP])


@pytest.mark.parametrize("senders", [NOBODY, Senders(name_processes=True)])
def test_what_came_just_before_the_end_is_read_however_busy_it_is(
    flow_file: Path, monkeypatch: pytest.MonkeyPatch, senders: Senders
) -> None:
    """On a connection in use; and on one of which it is looked up first whose it is."""
    monkeypatch.setattr(server_module, "HANG_UP_POLL_S", 0.001)
    held = threading.Event()
    request = b"GET http://a.example/%s HTTP/1.1\r\nHost: a.example\r\n\r\n"
    with Recorder(flow_file, sinkhole=Sinkhole(), senders=senders) as recorder:
        raw = plain_connection(recorder)
        if senders is NOBODY:
            raw.sendall(request % b"first")
            assert raw.recv(10_000).startswith(b"HTTP/1.1 200")
        else:
            eventually(lambda: recorder._recording._connections)
        assert recorder._loop is not None
        recorder._loop.call_soon_threadsafe(held.wait)
        raw.sendall(request % b"last")
        held.set()
    raw.close()

    assert exchanges(flow_file)[-1].target == b"/last"


def http2_connection(recorder: Recorder) -> socket.socket:
    trust = ssl.create_default_context(cafile=str(recorder.ca_file))
    trust.set_alpn_protocols(["h2"])
    return trust.wrap_socket(tunnel(recorder, "a.example"), server_hostname="a.example")


@pytest.mark.parametrize(
    ("frames", "kind"),
    [
        (GoAwayFrame(0), GapKind.UNUSED),
        (HeadersFrame(1, data=b"\xff" * 8, flags=["END_HEADERS"]), GapKind.NOT_HTTP),
        (DataFrame(1, data=b"leak"), GapKind.NOT_HTTP),
    ],
)
def test_a_client_that_greets_and_leaves_over_http2_said_nothing_and_one_that_babbles_did(
    flow_file: Path, frames: Frame, kind: GapKind
) -> None:
    """As Firefox does when it is quit."""
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        raw = http2_connection(recorder)
        talk = H2Connection()
        talk.initiate_connection()
        raw.sendall(talk.data_to_send() + frames.serialize())
    raw.close()

    assert [gap.kind for gap in recorder.gaps()] == [kind]


def test_who_has_connected_before_the_end_is_heard_though_nobody_had_let_them_in(flow_file: Path) -> None:
    held, ending = threading.Event(), threading.Event()
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:

        def end_while_busy() -> None:
            assert recorder._end is not None
            recorder._end.set()
            ending.set()
            held.wait()

        assert recorder._loop is not None
        recorder._loop.call_soon_threadsafe(end_while_busy)
        ending.wait()
        with plain_connection(recorder) as raw:
            raw.sendall(b"\x01\r\n\r\n")
        held.set()

    assert [gap.kind for gap in recorder.gaps()] == [GapKind.NOT_HTTP]


@pytest.mark.parametrize("frame_is_whole", [True, False])
def test_a_piece_of_a_request_over_http2_is_a_gap_too(flow_file: Path, frame_is_whole: bool) -> None:
    fields = [(":method", "GET"), (":scheme", "https"), (":authority", "a.example"), (":path", "/leak")]
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        raw = http2_connection(recorder)
        talk = H2Connection()
        talk.initiate_connection()
        talk.send_headers(1, fields, end_stream=True)
        raw.sendall(talk.data_to_send())
        while not any(isinstance(event, StreamEnded) for event in talk.receive_data(raw.recv(65536))):
            raw.sendall(talk.data_to_send())
        frame = HeadersFrame(
            3, data=talk.encoder.encode(fields)
        ).serialize()  # its END_HEADERS is yet to come
        raw.sendall(frame if frame_is_whole else frame[:-3])
    raw.close()

    assert recorder.n_exchanges == 1
    assert [gap.kind for gap in recorder.gaps()] == [GapKind.NOT_HTTP]


@pytest.mark.parametrize("reads_the_answer", [True, False])
def test_a_client_that_leaves_during_the_handshake_has_refused_nothing(
    sinkhole: Recorder, *, reads_the_answer: bool
) -> None:
    """A browser that is quit meanwhile, say: it sent no alert, so nobody knows that it distrusts."""
    coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
    leaving = ssl.create_default_context().wrap_bio(coming, going, server_hostname="a.example")
    with suppress(ssl.SSLWantReadError):
        leaving.do_handshake()
    with tunnel(sinkhole, "a.example") as raw:
        raw.sendall(going.read())
        if reads_the_answer:
            assert raw.recv(65536)
    eventually(sinkhole.gaps)

    assert [(gap.kind, gap.host) for gap in sinkhole.gaps()] == [(GapKind.UNUSED, "a.example")]


def test_a_connection_open_and_unused_at_the_end_is_a_gap(flow_file: Path) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        raw = tls_connection(recorder)
    raw.close()

    assert [(gap.kind, gap.host) for gap in read_connections(flow_file)] == [(GapKind.UNUSED, "a.example")]


def test_a_refusal_under_way_at_the_end_is_read(flow_file: Path) -> None:
    coming, going, held = ssl.MemoryBIO(), ssl.MemoryBIO(), threading.Event()
    distrusting = ssl.create_default_context().wrap_bio(coming, going, server_hostname="pinned.example")

    def refuse() -> None:
        while True:
            coming.write(raw.recv(65536))
            try:
                distrusting.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError:
                raw.sendall(going.read())
                return

    with ThreadPoolExecutor(1) as pool:
        with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
            raw = tunnel(recorder, "pinned.example")
            assert recorder._loop is not None
            recorder._loop.call_soon_threadsafe(held.wait)
            with suppress(ssl.SSLWantReadError):
                distrusting.do_handshake()
            raw.sendall(going.read())
            refusing = pool.submit(refuse)
            held.set()
        refusing.result()
    raw.close()

    assert [(g.kind, g.host) for g in recorder.gaps()] == [(GapKind.REFUSED_TLS, "pinned.example")]


@pytest.mark.parametrize(("told_after", "polls"), [(0, 1), (3, 4), (1000, SETTLE_POLLS - QUIET_POLLS)])
def test_the_end_waits_for_what_may_still_be_told_and_not_for_ever(told_after: int, polls: int) -> None:
    class Silent:
        asked, is_looking_up = 0, False

        @property
        def may_still_be_told(self) -> bool:
            self.asked += 1
            return self.asked <= told_after

    recording = Silent()
    asyncio.run(_settle(cast(Recording, recording)))

    assert recording.asked == polls


def test_a_port_in_use_is_one_error_and_leaves_no_file(flow_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(CaptureError, match=f"127.0.0.1:{port}: cannot listen"),
            Recorder(flow_file, listening=Listening(port=port)),
        ):
            pass

    assert list(flow_file.parent.iterdir()) == []


def test_a_recording_is_never_written_over(flow_file: Path) -> None:
    flow_file.write_bytes(b"precious")

    with pytest.raises(CaptureError, match="exists already"), Recorder(flow_file):
        pass
    assert flow_file.read_bytes() == b"precious"


def test_one_recorder_at_a_time(sinkhole: Recorder, tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="runs in this process already"), Recorder(tmp_path / "other.mitm"):
        pass


def test_a_recorder_can_follow_another(tmp_path: Path) -> None:
    for name in ("one.mitm", "two.mitm"):
        with Recorder(tmp_path / name, sinkhole=Sinkhole()) as recorder, trusting(recorder) as client:
            client.get(f"https://{name}.example/")

    assert [exchanges(tmp_path / name)[0].host for name in ("one.mitm", "two.mitm")] == [
        "one.mitm.example",
        "two.mitm.example",
    ]


def test_exchanges_are_told_as_they_are_written(flow_file: Path) -> None:
    told: list[Exchange] = []
    with (
        Recorder(flow_file, sinkhole=Sinkhole(), on_exchange=told.append) as recorder,
        trusting(recorder) as client,
    ):
        client.get("https://a.example/1")
        client.get("https://a.example/2")

    assert told == exchanges(flow_file)


def test_the_authority_ends_with_the_recording(flow_file: Path) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        folder = recorder.ca_file.parent
        assert folder.exists()

    assert not folder.exists()


def test_a_defect_of_ours_ends_the_recording_and_is_raised(flow_file: Path) -> None:
    def defect(_: Exchange) -> None:
        raise ZeroDivisionError

    with (
        pytest.raises(ZeroDivisionError),
        Recorder(flow_file, sinkhole=Sinkhole(), on_exchange=defect) as recorder,
    ):
        with trusting(recorder) as client, pytest.raises(httpx.HTTPError):
            client.get("http://a.example/")
            client.get("http://a.example/")
        recorder.wait(10)


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ("was_not_seen", (0, "a silence")),
        (
            "hung_up",
            (
                SimpleNamespace(
                    client=Client(peername=("::1", 1), sockname=("::1", 2)),
                    server=SimpleNamespace(address=None),
                ),
                "dns.test",
            ),
        ),
    ],
)
def test_what_cannot_be_noted_ends_the_recording_also_outside_of_hooks(
    flow_file: Path, monkeypatch: pytest.MonkeyPatch, told: str, what: tuple[Any, ...]
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    with (
        pytest.raises(OSError, match="no space left"),
        Recorder(flow_file, sinkhole=Sinkhole()) as recorder,
    ):
        monkeypatch.setattr(recorder._recording, "_add", full)
        assert recorder._loop is not None
        recorder._loop.call_soon_threadsafe(getattr(recorder._recording, told), *what)
        recorder.wait(10)


def test_the_last_silence_of_a_tunnel_is_noted_before_the_recording_ends(
    flow_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending: list[bool] = []
    recorder = Recorder(flow_file, listening=Listening(wireguard=0), sinkhole=Sinkhole())
    monkeypatch.setattr(TunnelWatch, "ended", lambda *_: ending.append(recorder._recording._ending))
    with recorder:
        pass

    assert ending == [False]


def test_memory_is_looked_through_seldom_while_it_records_and_as_before_then(flow_file: Path) -> None:
    before = gc.get_threshold()
    with Recorder(flow_file, sinkhole=Sinkhole()):
        assert gc.get_threshold() == (YOUNG_OBJECTS, *before[1:])

    assert gc.get_threshold() == before


RECORDING_CHILD = """
    import resource, sys
    from pathlib import Path
    import httpx
    from hometruth.capture import Recorder, Sinkhole

    limit = int(sys.argv[2])
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    with Recorder(Path(sys.argv[1]), sinkhole=Sinkhole()) as recorder:
        with httpx.Client(proxy=recorder.url) as client:
            for number in range(20):
                client.post(f"http://a.example/{number}", content=b"x" * 1000)
        print("sent", flush=True)
        recorder.wait(60)
"""


def recording_child(flow_file: Path, *, file_limit: int = 0) -> "subprocess.Popen[str]":
    """Another process that records 20 exchanges of more than 1000 bytes each, and then waits."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(RECORDING_CHILD), str(flow_file), str(file_limit)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_killed_recorder_leaves_everything_it_had_seen(flow_file: Path) -> None:
    with recording_child(flow_file) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "sent\n"
        os.kill(child.pid, signal.SIGKILL)

    assert [exchange.target for exchange in exchanges(flow_file)] == [b"/%d" % number for number in range(20)]


def test_a_full_disk_ends_the_recording_with_one_error_and_a_whole_file(flow_file: Path) -> None:
    with recording_child(flow_file, file_limit=20_000) as child:
        _, err = child.communicate(timeout=60)

    targets = [exchange.target for exchange in exchanges(flow_file)]
    assert "CaptureError" in err
    assert "writing failed (File too large)" in err
    assert targets == [b"/%d" % number for number in range(len(targets))]
    assert 5 < len(targets) < 20
