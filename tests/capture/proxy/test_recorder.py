import os
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from hometruth.capture import Recorder, Sinkhole, read_capture, read_connections
from hometruth.errors import CaptureError
from hometruth.model import Exchange, GapKind
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


def test_a_host_that_cannot_be_reached_for_a_tunnel_is_a_gap(flow_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with Recorder(flow_file) as recorder:
        with trusting(recorder) as client, pytest.raises(httpx.HTTPError):
            client.get(f"https://127.0.0.1:{port}/")
        eventually(recorder.gaps)

    (gap,) = read_connections(flow_file)
    assert (gap.kind, gap.host) == (GapKind.NOT_RECORDED, "127.0.0.1")


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


def test_a_handshake_without_a_request_is_a_gap(sinkhole: Recorder) -> None:
    handshake_and_leave(sinkhole, "pinned.example")
    eventually(sinkhole.gaps)

    assert [(gap.kind, gap.host) for gap in sinkhole.gaps()] == [(GapKind.REFUSED_TLS, "pinned.example")]


def test_a_spare_connection_to_a_host_that_was_heard_is_no_gap(sinkhole: Recorder) -> None:
    with trusting(sinkhole) as client:
        client.get("https://heard.example/")
    handshake_and_leave(sinkhole, "heard.example")
    handshake_and_leave(sinkhole, "pinned.example")
    eventually(sinkhole.gaps)

    assert [gap.host for gap in sinkhole.gaps()] == ["pinned.example"]


def test_a_sinkhole_opens_no_connection_for_a_protocol_that_is_not_http(
    flow_file: Path, server: LoopbackServer
) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole()) as recorder:
        with tunnel(recorder, "127.0.0.1") as raw:
            raw.sendall(b"\x05\x01\x00 not http")
            assert raw.recv(1000) == b""
        eventually(recorder.gaps)

    assert [gap.kind for gap in recorder.gaps()] == [GapKind.NOT_HTTP]
    assert [gap.kind for gap in read_capture(flow_file)] == [GapKind.NOT_HTTP]  # type: ignore[union-attr]
    assert server.received == []


def test_a_conversation_that_is_not_http_is_a_gap_with_its_size(flow_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, Recorder(flow_file) as recorder:
        raw = socket.create_connection((recorder.host, recorder.port), timeout=10)
        raw.sendall(f"CONNECT 127.0.0.1:{other.getsockname()[1]} HTTP/1.1\r\n\r\n".encode())
        accepted, _ = other.accept()
        with raw, accepted:
            raw.recv(1000)
            raw.sendall(b"\x05\x01\x00")
            accepted.recv(3)
            accepted.sendall(b"\x05\x00")
            raw.recv(2)
        eventually(recorder.gaps)

    (gap,) = read_capture(flow_file)
    assert (gap.kind, gap.size_bytes) == (GapKind.NOT_HTTP, 5)  # type: ignore[union-attr]
    assert recorder.gaps()[0].size_bytes == 5


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


def test_a_port_in_use_is_one_error_and_leaves_no_file(flow_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(CaptureError, match=f"127.0.0.1:{port}: cannot listen"),
            Recorder(flow_file, port=port),
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
