"""Who sent it, as far as a recorder can know: the tester's word, a process on this machine, local capture."""

import asyncio
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from mitmproxy.io import FlowWriter
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import tflow

from hometruth.capture import Recorder, Sinkhole, read_capture, read_connections
from hometruth.capture.proxy import server
from hometruth.capture.proxy.process import Processes, has_started
from hometruth.capture.proxy.recording import NOT_LOOKED_UP, PROCESS, STATED, Senders
from hometruth.model import Exchange, Sender
from hometruth.recipients import sender_of
from tests.capture.conftest import eventually, trusting

STATEMENT = Senders(only_app="Mint Browser")
CLIENT = """
import sys, urllib.request
proxy = urllib.request.ProxyHandler({"http": sys.argv[1]})
urllib.request.build_opener(proxy).open("http://a.example/").read()
"""


def only(flow_file: Path) -> Exchange:
    (exchange,) = read_capture(flow_file)
    assert isinstance(exchange, Exchange)
    return exchange


def test_what_the_tester_states_is_noted_as_such(flow_file: Path) -> None:
    with Recorder(flow_file, sinkhole=Sinkhole(), senders=STATEMENT) as recorder, trusting(recorder) as one:
        one.get("https://a.example/")

    assert sender_of(only(flow_file), ()) == Sender("Mint Browser", STATED)


def test_what_the_request_says_itself_goes_before_the_testers_word(flow_file: Path) -> None:
    agent = {"User-Agent": "Mozilla/5.0 XiaoMi/MiuiBrowser/12.1.4"}
    with Recorder(flow_file, sinkhole=Sinkhole(), senders=STATEMENT) as recorder, trusting(recorder) as one:
        one.get("https://a.example/", headers=agent)

    assert sender_of(only(flow_file), ()) == Sender("Mi Browser", "user agent")


@pytest.mark.skipif(sys.platform != "linux", reason="programs are looked up in /proc, which is Linux'")
def test_a_program_of_this_machine_is_named(flow_file: Path, tmp_path: Path) -> None:
    program = tmp_path / "phone-app"
    program.symlink_to(sys.executable)
    with Recorder(flow_file, sinkhole=Sinkhole(), senders=Senders(name_processes=True)) as recorder:
        subprocess.run([program, "-c", CLIENT, recorder.url], check=True, timeout=30)

    assert sender_of(only(flow_file), ()) == Sender("phone-app", PROCESS)


def test_what_was_not_looked_up_when_the_recording_ended_is_told(
    flow_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look-up hangs for as long as the test says, as on a machine with very many programs."""
    goes_on = threading.Event()
    monkeypatch.setattr(Processes, "_names", lambda *_: goes_on.wait(30) and {})
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(server, "HANG_UP_S", 0.05)
    with Recorder(flow_file, sinkhole=Sinkhole(), senders=Senders(name_processes=True)) as recorder:
        raw = socket.create_connection((recorder.host, recorder.port))
        raw.sendall(b"GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n")
        eventually(lambda: recorder._recording.is_looking_up)
    goes_on.set()
    raw.close()

    assert only(flow_file).url == "http://a.example/"  # read all the same
    assert [gap.detail for gap in read_connections(flow_file)] == [NOT_LOOKED_UP]


BUSY = """
import os, socket, sys
below = [os.open(os.devnull, os.O_RDONLY) for _ in range(400)]
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
for file in below:
    os.close(file)
print("ready", flush=True)
while True:
    for file in [os.open(os.devnull, os.O_RDONLY) for _ in range(300)]:
        os.close(file)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="programs are looked up in /proc, which is Linux'")
def test_a_program_that_closes_other_files_meanwhile_is_named_all_the_same(tmp_path: Path) -> None:
    program = tmp_path / "busy-app"
    program.symlink_to(sys.executable)

    async def named(ends: tuple[tuple[str, int], tuple[str, int]]) -> set[str | None]:
        processes = Processes()
        try:
            return {await processes.at(*ends) for _ in range(60)}
        finally:
            processes.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [str(program), "-c", BUSY, str(listener.getsockname()[1])]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as busy:
            try:
                connection, peer = listener.accept()
                assert busy.stdout
                busy.stdout.readline()
                with connection:
                    names = asyncio.run(named((peer, connection.getsockname())))
            finally:
                busy.kill()

    assert names == {"busy-app"}


@pytest.mark.skipif(sys.platform != "linux", reason="programs are looked up in /proc, which is Linux'")
def test_a_program_that_was_started_through_another_is_known_until_it_ends(tmp_path: Path) -> None:
    program = tmp_path / "redirector ) of"
    program.symlink_to(sys.executable)
    waits = f"import subprocess; subprocess.run([{str(program)!r}, '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-c", waits], stdin=subprocess.PIPE) as through:
        eventually(lambda: has_started("redirector ) of"))
        through.communicate(b"\n")

    assert not has_started("redirector ) of")
    assert not has_started("init")  # it runs, and is nobody's of ours


BURST = """
import asyncio, sys, time

async def visit(port, number):
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = "GET http://a.example/ HTTP/1.1\\r\\nHost: a.example\\r\\nConnection: close\\r\\n\\r\\n"
    writer.write(head.encode())
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200"), answer

async def main():
    await asyncio.gather(*(visit(int(sys.argv[1]), number) for number in range(400)))

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="programs are looked up in /proc, which is Linux'")
def test_in_a_burst_of_connections_every_one_is_answered_and_named(flow_file: Path, tmp_path: Path) -> None:
    program = tmp_path / "burst-app"
    program.symlink_to(sys.executable)
    with Recorder(flow_file, sinkhole=Sinkhole(), senders=Senders(name_processes=True)) as recorder:
        subprocess.run([program, "-c", BURST, str(recorder.port)], check=True, timeout=120)

    read = [item for item in read_capture(flow_file) if isinstance(item, Exchange)]
    assert len(read) == 400
    assert {exchange.sent_by for exchange in read} == {Sender("burst-app", PROCESS)}


def test_this_very_process_is_never_named(flow_file: Path) -> None:
    with (
        Recorder(flow_file, sinkhole=Sinkhole(), senders=Senders(name_processes=True)) as recorder,
        trusting(recorder) as one,
    ):
        one.get("https://a.example/")

    assert only(flow_file).sent_by is None


@pytest.mark.parametrize(
    ("mode", "app"),
    [
        ("local:curl", "curl"),
        ("local", None),
        ("local:curl,wget", None),
        ("local:!curl", None),
        ("regular", None),
    ],
)
def test_a_program_that_mitmproxy_was_told_to_capture_alone_is_the_sender(
    flow_file: Path, mode: str, app: str | None
) -> None:
    flow = tflow.tflow(resp=True)
    flow.client_conn.proxy_mode = ProxyMode.parse(mode)
    with flow_file.open("wb") as file:
        FlowWriter(file).add(flow)  # type: ignore[no-untyped-call]

    sender = only(flow_file).sent_by
    assert (sender and sender.app) == app
