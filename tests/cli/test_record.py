import json
import os
import pty
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from hometruth.capture import read_capture, read_connections
from hometruth.capture.connections import connections_file
from hometruth.capture.marks import read_marks
from hometruth.capture.proxy.own_pages import AGREE_PATH, HOST
from hometruth.capture.proxy.passing import NOT_AGREED, READABLE
from hometruth.capture.proxy.recording import STATED
from hometruth.model import Exchange, GapKind, Sender
from tests.capture.conftest import eventually, show_trust
from tests.capture.pinned import pinned_server
from tests.cli.forked import hometruth


class Recording:
    """`hometruth record` in a process of its own."""

    def __init__(self, out: Path, *options: str) -> None:
        self.out = out
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hometruth", "record", "--out", str(out), "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "PYTHONUTF8": "1"},
        )
        self.announced = "".join(self._until("Ctrl-C ends the recording"))
        found = re.search(r"proxy +(http://\S+)", self.announced)
        assert found, self.announced
        self.url = found[1]

    def _until(self, words: str) -> Iterator[str]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            yield line
            if words in line:
                return

    def end(self, number: signal.Signals) -> str:
        """Send a signal; everything it still says."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        assert err == ""
        assert self.process.returncode == 0
        return out


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Recording]:
    one = Recording(tmp_path / "mine.mitm", "--sinkhole")
    yield one
    one.process.kill()
    one.process.communicate()


def trust(recording: Recording) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=f"{recording.out}.ca.pem")


def visit(recording: Recording, url: str) -> None:
    with httpx.Client(proxy=recording.url, verify=trust(recording)) as client:
        client.get(url)


def test_it_announces_itself_and_says_how_to_trust_it(recording: Recording) -> None:
    assert recording.announced.startswith("RECORDING everything")
    for words in ("Chromium", "Firefox", "Android", "iPhone", f"{recording.out}.ca.pem", "spki-list="):
        assert words in recording.announced
    assert "WARNING" not in recording.announced


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_end_leaves_a_complete_recording_and_a_summary(
    recording: Recording, number: signal.Signals
) -> None:
    visit(recording, "https://a.example/one")
    visit(recording, "https://b.example/two")
    with httpx.Client(proxy=recording.url) as distrusting, pytest.raises(httpx.ConnectError):
        distrusting.get("https://pinned.example/")

    said = recording.end(number)
    read = [item for item in read_capture(recording.out) if isinstance(item, Exchange)]
    assert [exchange.url for exchange in read] == ["https://a.example/one", "https://b.example/two"]
    assert "https://a.example/one" in said
    assert "Recorded 2 exchanges with 2 hosts" in said
    assert re.search(r"1 +pinned\.example: refused-tls", said)
    assert f"hometruth scan {recording.out} --canaries" in said
    assert not Path(f"{recording.out}.ca.pem").exists()


def test_nothing_recorded_is_said_plainly(recording: Recording) -> None:
    said = recording.end(signal.SIGINT)

    assert "Recorded 0 exchanges" in said
    assert "Nothing came through the proxy" in said


def test_a_pinned_host_is_let_through_and_summed_up(tmp_path: Path) -> None:
    options = ("--pass-pinned", "--app", "Example Browser")
    with pinned_server("localhost", tmp_path) as server:
        one = Recording(tmp_path / "mine.mitm", *options)
        with httpx.Client(proxy=one.url, verify=server.context()) as client:
            address = f"https://localhost:{server.port}/"
            with pytest.raises(httpx.ConnectError):
                client.post(address, content=b"refused")
            eventually((tmp_path / "mine.mitm.connections.jsonl").read_bytes)
            client.post(address, content=b"let through")
        said = one.end(signal.SIGINT)

    (fact,) = [gap for gap in read_connections(one.out) if gap.kind is GapKind.PASSED]
    assert server.received == [b"let through"]
    assert "hosts for which an app refuses the certificate" in one.announced
    assert "Example Browser: you state" in one.announced
    assert (
        f"localhost: pinned: not opened, {fact.size_bytes:,} bytes up, {fact.received_bytes:,} down" in said
    )
    assert fact.sender == Sender("Example Browser", STATED)


def test_a_sinkhole_lets_nothing_through(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hometruth", "record", "--sinkhole", "--pass-pinned"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert done.returncode == 2
    assert "--sinkhole lets nothing out" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_preflight_says_what_could_be_read_and_keeps_nothing(tmp_path: Path) -> None:
    one = Recording(tmp_path / "mine.mitm", "--sinkhole", "--preflight")
    visit(one, "https://a.example/secret-page")
    host, _, port = one.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(b"CONNECT chat.example:5222 HTTP/1.1\r\n\r\n")
        assert raw.recv(1000).startswith(b"HTTP/1.1 200")
        raw.sendall(b"\x01 secret-page")
    with httpx.Client(proxy=one.url) as distrusting, pytest.raises(httpx.ConnectError):
        distrusting.get("https://pinned.example/")

    said = one.end(signal.SIGINT)
    assert one.announced.startswith("PREFLIGHT")
    assert re.search(r"  a\.example: \d+ bytes up, [\d,]+ down; readable: yes", said)
    assert re.search(r"  chat\.example: 13 bytes up, 0 down; readable: no \(not HTTP\)", said)
    assert re.search(r"  pinned\.example: 0 bytes up, 0 down; readable: no \(.*does not trust", said)
    assert "secret-page" not in said + one.out.read_text() + connections_file(one.out).read_text()


def test_of_another_device_nothing_is_kept_before_its_owner_agrees_and_trust_is_shown(tmp_path: Path) -> None:
    one = Recording(tmp_path / "mine.mitm", "--sinkhole", "--listen", "0.0.0.0")
    one.url = f"http://127.0.0.1:{one.url.rpartition(':')[2]}"
    visit(one, "http://a.example/before-consent")
    with httpx.Client(proxy=one.url) as device:
        made_up = device.post(f"http://{HOST}{AGREE_PATH}", data={"word": "made up"})
        asked = device.get(f"http://{HOST}/").text
        found = re.search(r"name=word value=(\w+)", asked)
        assert found
        agreed = device.post(f"http://{HOST}{AGREE_PATH}", data={"word": found[1]})
        told = device.get(f"http://{HOST}/").text
    visit(one, "https://a.example/in-preflight")
    with httpx.Client(proxy=one.url, verify=trust(one)) as device:
        show_trust(device)
    visit(one, "https://a.example/kept")

    said = one.end(signal.SIGINT)
    assert one.announced.startswith("NOTHING IS KEPT YET")
    assert (made_up.status_code, agreed.status_code) == (403, 303)
    assert "May this device be recorded?" in asked
    assert "This device is being recorded" in told
    assert [word for word in ("PREFLIGHT", "RECORDING everything") if word in said][
        -1
    ] == "RECORDING everything"
    kept = [item.target for item in read_capture(one.out) if isinstance(item, Exchange)]
    assert kept == [b"/kept"]
    reasons = [(gap.host, gap.detail.rpartition(":")[0]) for gap in read_connections(one.out)]
    assert ("a.example", NOT_AGREED) in reasons
    assert ("a.example", READABLE) in reasons
    assert re.search(r"a\.example: not looked into, \d+ bytes up", said)


@pytest.mark.parametrize(("options", "first"), [((), "NOTHING IS KEPT"), (("--agreed",), "RECORDING")])
def test_who_never_agreed_has_nothing_kept_and_is_told_so(
    tmp_path: Path, options: tuple[str, ...], first: str
) -> None:
    one = Recording(tmp_path / "mine.mitm", "--sinkhole", "--listen", "0.0.0.0", *options)
    one.url = f"http://127.0.0.1:{one.url.rpartition(':')[2]}"
    visit(one, "http://a.example/")

    said = one.end(signal.SIGINT)
    assert len(list(read_capture(one.out))) == bool(options)  # of a recording nothing was kept: it is one
    assert one.announced.startswith(first)
    assert ("it ended before the owner of the device had agreed" in said) is not bool(options)
    assert bool(one.out.read_bytes()) is bool(options)


@pytest.mark.parametrize(("options", "is_kept"), [((), False), (("--all-traffic",), True)])
def test_of_another_device_all_is_looked_into_on_purpose_only(
    tmp_path: Path, options: tuple[str, ...], is_kept: bool
) -> None:
    one = Recording(tmp_path / "mine.mitm", "--listen", "0.0.0.0", "--agreed", *options)
    one.url = f"http://127.0.0.1:{one.url.rpartition(':')[2]}"
    for host in ("canary.example", "other.invalid"):
        visit(one, f"http://{host}/secret-path")

    said = one.end(signal.SIGINT)
    hosts = [item.host for item in read_capture(one.out) if isinstance(item, Exchange)]
    assert hosts == ["canary.example", *(["other.invalid"] * is_kept)]
    assert ("other.invalid: not looked into" in said) is not is_kept
    assert ("--all-traffic is for all" in one.announced) is not is_kept
    scope = "all traffic, of whatever app, on purpose" if is_kept else "these hosts only: example *.example"
    (tmp_path / "canaries.jsonl").write_text('{"id": "c", "kind": "page", "value": "qzv7k2w9x4m8t3"}')
    for command, told in (
        (("info",), f"looked into  {scope}"),
        (("scan", "--canaries", tmp_path / "canaries.jsonl"), f"Looked into in {one.out}: {scope}"),
        (("scan",), f"Looked into in {one.out}: {scope}"),
    ):
        done = hometruth(*command, one.out)
        assert told in " ".join(f"{done.stdout} {done.stderr}".split("\n")), command
    assert json.loads(hometruth("info", "--json", one.out).stdout)["looked_into"] == [scope]


def test_captured_text_cannot_command_the_terminal(recording: Recording) -> None:
    visit(recording, "http://a.example/[bold]x")
    host, _, port = recording.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(b"GET http://a.example/\x1b]0;owned\x07 HTTP/1.1\r\nHost: a.example\r\n\r\n")
        assert raw.recv(1000).startswith(b"HTTP/1.1 200")

    said = recording.end(signal.SIGINT)
    assert "\x1b" not in said
    assert "\x07" not in said
    assert "[bold]x" in said
    assert "owned" in said


def test_listening_beyond_loopback_is_warned_of(tmp_path: Path) -> None:
    one = Recording(tmp_path / "mine.mitm", "--sinkhole", "--listen", "0.0.0.0")

    assert "WARNING      0.0.0.0 is not loopback" in one.announced
    one.end(signal.SIGINT)


def test_a_program_whose_traffic_cannot_be_taken_is_no_recording_of_it(tmp_path: Path) -> None:
    """mitmproxy says that it listens where the system does not let it, and where it cannot at all."""
    one = [sys.executable, "-m", "hometruth", "record", "--out", str(tmp_path / "mine.mitm")]
    nowhere = os.environ | {"PATH": str(tmp_path)}  # no sudo, by which it is started on Linux
    done = subprocess.run(
        [*one, "--port", "0", "--program", "some-app"],
        capture_output=True,
        text=True,
        check=False,
        env=nowhere,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert "traffic cannot be taken" in done.stderr
    assert "cgroups of version 2" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "mine.mitm").exists()


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "old.mitm").write_text("precious")
    done = subprocess.run(
        [sys.executable, "-m", "hometruth", "record", "--out", tmp_path / "old.mitm", "--port", "0"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert "exists already" in done.stderr
    assert (tmp_path / "old.mitm").read_text() == "precious"


def test_in_a_terminal_a_typed_line_is_a_mark_and_the_tunnel_has_a_code_for_a_camera(tmp_path: Path) -> None:
    out = tmp_path / "mine.mitm"
    outer, inner = pty.openpty()
    options = ("--out", str(out), "--port", "0", "--sinkhole", "--wireguard", "--wireguard-port", "0")
    with subprocess.Popen(
        [sys.executable, "-m", "hometruth", "record", *options],
        stdin=inner,
        stdout=inner,
        env=os.environ | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "PYTHONUTF8": "1", "TERM": "xterm"},
    ) as running:
        os.close(inner)
        os.write(outer, b"private window\n\nbegin\n")
        said = b""
        while b"PREFLIGHT" not in said:
            said += os.read(outer, 1 << 16)
        os.write(outer, b"begin\n")
        while b"RECORDING everything" not in said:
            said += os.read(outer, 1 << 16)
        running.send_signal(signal.SIGINT)
        with suppress(OSError):  # how a terminal ends
            while os.read(outer, 1 << 16):
                pass
    os.close(outer)

    assert b"marked: private window" in said
    assert b"or type begin" in said
    assert [mark.label for mark in read_marks(out)] == ["private window"]
    drawn = max(said.decode().splitlines(), key=lambda line: line.count("█"))
    assert len(drawn.strip()) > 40  # modules of a code that holds a whole configuration
    assert running.returncode == 0
