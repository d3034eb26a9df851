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
from hometruth.capture.proxy.recording import STATED
from hometruth.model import Exchange, GapKind, Sender
from tests.capture.conftest import eventually
from tests.capture.pinned import pinned_server


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


def visit(recording: Recording, url: str) -> None:
    trust = ssl.create_default_context(cafile=f"{recording.out}.ca.pem")
    with httpx.Client(proxy=recording.url, verify=trust) as client:
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
    with httpx.Client(proxy=one.url) as distrusting, pytest.raises(httpx.ConnectError):
        distrusting.get("https://pinned.example/")

    said = one.end(signal.SIGINT)
    assert one.announced.startswith("PREFLIGHT")
    assert re.search(r"  a\.example: \d+ bytes up, [\d,]+ down; readable: yes", said)
    assert re.search(r"  pinned\.example: 0 bytes up, 0 down; readable: no \(.*does not trust", said)
    assert "secret-page" not in said + one.out.read_text() + connections_file(one.out).read_text()


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
        os.write(outer, b"private window\n\n")
        said = b""
        while b"marked: private window" not in said:
            said += os.read(outer, 1 << 16)
        running.send_signal(signal.SIGINT)
        with suppress(OSError):  # how a terminal ends
            while os.read(outer, 1 << 16):
                pass
    os.close(outer)

    assert [mark.label for mark in read_marks(out)] == ["private window"]
    drawn = max(said.decode().splitlines(), key=lambda line: line.count("█"))
    assert len(drawn.strip()) > 40  # modules of a code that holds a whole configuration
    assert running.returncode == 0
