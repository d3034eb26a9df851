"""Connections that are let through unopened: real TLS, real refusals, and what is counted of them."""

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hometruth.capture import Recorder, Sinkhole, read_connections
from hometruth.capture.connections import connections_file
from hometruth.capture.proxy.passing import Passing
from hometruth.model import Gap, GapKind
from tests.capture.conftest import eventually, trusting, tunnel
from tests.capture.pinned import PinnedServer, pinned_connection, pinned_server, post

HOST = "pinned.example"
MOST_OVERHEAD = 24
"""Bytes that encryption adds to a record: a tag of 16, and an explicit nonce in TLS 1.2, a type in 1.3."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PinnedServer]:
    with pinned_server(HOST, tmp_path) as served:
        yield served


def refuse(recorder: Recorder, server: PinnedServer, host: str = HOST) -> None:
    noted = len(recorder.gaps())
    with pytest.raises(ssl.SSLError), pinned_connection(recorder.url, host, server.context()):
        pass
    eventually(lambda: len(recorder.gaps()) > noted)


def passed(flow_file: Path) -> list[Gap]:
    return [gap for gap in read_connections(flow_file) if gap.kind is GapKind.PASSED]


def test_by_default_what_is_refused_stays_refused(flow_file: Path, server: PinnedServer) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole({HOST: server.url})) as recorder:
        refuse(recorder, server)
        refuse(recorder, server)

    assert [gap.kind for gap in read_connections(flow_file)] == [GapKind.REFUSED_TLS] * 2
    assert server.received == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_after_a_refusal_the_host_is_let_through_and_counted(
    flow_file: Path, server: PinnedServer, version: ssl.TLSVersion
) -> None:
    routes, sizes = {HOST: server.url}, [100, 40_000, 3]
    with Recorder(flow_file, sinkhole=Sinkhole(routes), passing=Passing(learn=True)) as recorder:
        recorder.mark("t-1")
        refuse(recorder, server)
        with pinned_connection(recorder.url, HOST, server.context(version=version)) as connection:
            for size in sizes:
                post(connection, HOST, bytes(size))
        eventually(lambda: len(recorder.gaps()) == 2)

    (gap,) = passed(flow_file)
    assert [len(body) for body in server.received] == sizes
    assert (gap.host, gap.trial) == (HOST, "t-1")
    assert gap.size_bytes is not None
    assert sum(gap.bursts) < gap.size_bytes < sum(sizes) + 3_000
    assert gap.received_bytes
    finished, requests = (
        (gap.bursts[:1], gap.bursts[1:]) if version is ssl.TLSVersion.TLSv1_3 else ((), gap.bursts)
    )
    assert len(finished) == (version is ssl.TLSVersion.TLSv1_3)
    assert len(requests) == len(sizes)
    # The heads differ in the digits of the length alone, the bodies in the number of their records.
    overheads = [burst - size for burst, size in zip(requests, sizes, strict=True)]
    assert max(overheads) - min(overheads) <= 2 * MOST_OVERHEAD + 4
    assert "bytes up" in gap.detail
    line = json.loads(connections_file(flow_file).read_text().splitlines()[-1])
    assert [size for _, size, _ in line["bursts"]] == list(gap.bursts)
    assert flow_file.stat().st_size == 0


def test_a_host_named_before_needs_no_refusal(flow_file: Path, server: PinnedServer) -> None:
    passing = Passing(frozenset({HOST}))
    with (
        Recorder(flow_file, sinkhole=Sinkhole({HOST: server.url}), passing=passing) as recorder,
        pinned_connection(recorder.url, HOST, server.context()) as connection,
    ):
        post(connection, HOST, b"x")

    assert [gap.kind for gap in read_connections(flow_file)] == [GapKind.PASSED]


def test_a_connection_that_outlasts_a_session_is_counted_in_each(
    flow_file: Path, server: PinnedServer
) -> None:
    passing = Passing(frozenset({HOST}))
    with Recorder(flow_file, sinkhole=Sinkhole({HOST: server.url}), passing=passing) as recorder:
        recorder.mark("t-1")
        with pinned_connection(recorder.url, HOST, server.context()) as connection:
            post(connection, HOST, bytes(5_000))
            recorder.mark("t-2")
            eventually(lambda: len(passed(flow_file)) == 1)  # before it ends: a kill would lose no more
            post(connection, HOST, bytes(9_000))

    first, second = passed(flow_file)
    assert (first.trial, second.trial) == ("t-1", "t-2")
    assert 5_000 < first.bursts[-1] < 5_300
    assert len(second.bursts) == 1
    assert 9_000 < second.bursts[0] < 9_300


def test_in_a_sinkhole_nothing_is_let_through_that_no_server_here_answers(
    flow_file: Path, server: PinnedServer
) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole(), passing=Passing(learn=True)) as recorder:
        refuse(recorder, server)
        refuse(recorder, server)

    assert [gap.kind for gap in read_connections(flow_file)] == [GapKind.REFUSED_TLS] * 2


def test_without_a_sinkhole_the_real_server_is_reached(flow_file: Path, tmp_path: Path) -> None:
    with (
        pinned_server("localhost", tmp_path) as server,
        Recorder(flow_file, passing=Passing(frozenset({"localhost"}))) as recorder,
        httpx.Client(proxy=recorder.url, verify=server.context()) as client,
    ):
        answer = client.post(f"https://localhost:{server.port}/", content=b"secret")

    (gap,) = passed(flow_file)
    assert (answer.content, server.received) == (b"ok", [b"secret"])
    assert gap.host == "localhost"


def test_a_host_that_was_read_stays_open_for_all(flow_file: Path, server: PinnedServer) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole({HOST: server.url}), passing=Passing(learn=True)) as recorder:
        with trusting(recorder) as client:
            client.post(f"https://{HOST}/", content=b"readable")
        refuse(recorder, server)
        refuse(recorder, server)
        with trusting(recorder) as client:
            client.post(f"https://{HOST}/", content=b"still readable")

    assert recorder.n_exchanges == 2
    assert server.received == [b"readable", b"still readable"]
    assert passed(flow_file) == []


def test_a_connection_left_unused_once_lets_nothing_through(flow_file: Path, server: PinnedServer) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole({HOST: server.url}), passing=Passing(learn=True)) as recorder:
        trust = ssl.create_default_context(cafile=str(recorder.ca_file))
        with trust.wrap_socket(tunnel(recorder, HOST), server_hostname=HOST):
            pass
        eventually(recorder.gaps)
        with trusting(recorder) as client:
            client.post(f"https://{HOST}/", content=b"readable")

    assert recorder.n_exchanges == 1


def test_a_name_other_than_the_address_asked_for_is_not_let_through(
    flow_file: Path, server: PinnedServer
) -> None:
    passing = Passing(frozenset({HOST}))
    with Recorder(flow_file, sinkhole=Sinkhole({HOST: server.url}), passing=passing) as recorder:
        with pytest.raises(ssl.SSLError):
            server.context().wrap_socket(tunnel(recorder, "other.example"), server_hostname=HOST)
        eventually(recorder.gaps)

    assert [gap.kind for gap in read_connections(flow_file)] == [GapKind.REFUSED_TLS]
