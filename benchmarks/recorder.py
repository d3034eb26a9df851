"""`python -m benchmarks.recorder {throughput,burst,preconnect}`: the recorder beside mitmdump, under bursts
of connections, and behind real browsers that open connections ahead.
"""

import argparse
import asyncio
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.browsers import BROWSERS
from hometruth.capture import Recorder, Sinkhole
from hometruth.model import GapKind

AT_ONCE = 16
"""Connections that ask one request after another."""
BODY = b"x" * 1000
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
START_S = 60.0
SETTLES_S = 2.0
"""How long a browser is left alone after a visit: what it opened ahead, it closes or uses."""
AHEAD, USED, PINNED = "ahead.example", "used.example", "pinned.example"
PAGE = (
    f"<!doctype html><link rel=preconnect href=https://{AHEAD}><link rel=preconnect href=https://{USED}>"
    f"<img src=https://{USED}/picture>"
).encode()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that says the same to everything."""
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(ANSWER)
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        pass
    finally:
        writer.close()


async def ask(port: int, target: str, n: int) -> None:
    """*n* requests over one connection to the proxy at *port*."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(n):
        writer.write(f"GET {target} HTTP/1.1\r\nHost: a.test\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode(errors="replace"))
        size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        await reader.readexactly(size)
    writer.close()


async def requests_per_s(port: int, n: int) -> float:
    """Through the proxy at *port*, to a server of this process."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    target = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    await ask(port, target, 10)
    began = time.monotonic()
    await asyncio.gather(*(ask(port, target, n // AT_ONCE) for _ in range(AT_ONCE)))
    took = time.monotonic() - began
    server.close()
    return n // AT_ONCE * AT_ONCE / took


@contextmanager
def proxy(command: list[str], port: int) -> Iterator[int]:
    """A proxy in a process of its own, once it takes connections; gives its number."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > until or process.poll() is not None:
                    raise
                time.sleep(0.1)
        yield process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(START_S)


def cpu_s(process: int) -> float:
    """Processor time that it has taken so far (proc_pid_stat(5)); what else runs here does not change it."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nobody listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return int(probe.getsockname()[1])


def throughput(n: int, rounds: int) -> dict[str, list[float]]:
    """Requests a second through each, in turns, so that a slow minute is slow for both."""
    measured: dict[str, list[float]] = {"mitmdump": [], "hometruth record": []}
    for _ in range(rounds):
        for name, rates in measured.items():
            with tempfile.TemporaryDirectory() as folder:
                port, file = free_port(), str(Path(folder, "x.mitm"))
                if name == "mitmdump":
                    program = [str(Path(sys.executable).with_name("mitmdump")), "--quiet", "--set"]
                    command = [*program, f"confdir={folder}", "-w", file, "--listen-host", "127.0.0.1", "-p"]
                else:
                    command = [sys.executable, "-m", "hometruth", "record", "--out", file, "--port"]
                with proxy([*command, str(port)], port):
                    rates.append(asyncio.run(requests_per_s(port, n)))
    return measured


async def _visit(port: int) -> float:
    """Seconds from opening a connection to the end of its only answer."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n")
    told = await reader.read()
    writer.close()
    if not told.startswith(b"HTTP/1.1 200"):
        raise ConnectionError(told[:80])
    return time.monotonic() - began


async def burst(port: int, n: int) -> tuple[list[float], list[str]]:
    """*n* connections at once: seconds that each took, and what those said that failed."""
    done = await asyncio.gather(*(_visit(port) for _ in range(n)), return_exceptions=True)
    failed = [repr(each) for each in done if isinstance(each, BaseException)]
    return [each for each in done if isinstance(each, float)], failed


@contextmanager
def page_server() -> Iterator[int]:
    """Serves `PAGE`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(PAGE)))
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def preconnect(browser: str, program: str, folder: Path) -> Counter[tuple[str, GapKind]]:
    """What is noted of hosts while a real browser opens a page that makes it connect ahead, and a client that
    trusts the system only asks for `PINNED`."""
    with page_server() as port:
        routes = {"start.example": f"http://127.0.0.1:{port}"}
        with Recorder(folder / "ahead.mitm", sinkhole=Sinkhole(routes)) as recorder:
            with BROWSERS[browser](program, folder / "profile", recorder) as visit:
                visit("https://start.example/")
                time.sleep(SETTLES_S)
            with socket.create_connection((recorder.host, recorder.port)) as raw:
                raw.sendall(f"CONNECT {PINNED}:443 HTTP/1.1\r\n\r\n".encode())
                raw.recv(1000)
                with suppress(ssl.SSLError):
                    ssl.create_default_context().wrap_socket(raw, server_hostname=PINNED)

            def gaps() -> Counter[tuple[str, GapKind]]:
                return Counter((gap.host or "", gap.kind) for gap in recorder.gaps())

            until = time.monotonic() + SETTLES_S
            while (PINNED, GapKind.REFUSED_TLS) not in gaps() and time.monotonic() < until:
                time.sleep(0.05)
            return gaps()


def main() -> None:
    """Measure one of the three and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("throughput", "burst", "preconnect"))
    parser.add_argument("-n", type=int, default=0, help="requests, connections, or runs of each browser")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.what == "throughput":
        rates = throughput(options.n or 3000, options.rounds)
        for name, each in rates.items():
            print(f"{name}: {', '.join(f'{rate:,.0f}' for rate in each)} requests/s")
        ours, theirs = (max(rates[name]) for name in ("hometruth record", "mitmdump"))
        print(f"best of {options.rounds}: {ours / theirs:.2f} times mitmdump")
    elif options.what == "burst":
        with tempfile.TemporaryDirectory() as folder:
            port = free_port()
            file = str(Path(folder, "x.mitm"))
            command = [sys.executable, "-m", "hometruth", "record", "--sinkhole", "--out", file, "--port"]
            with proxy([*command, str(port)], port) as process:
                before_s = cpu_s(process)
                took, failed = asyncio.run(burst(port, options.n or 2000))
                worked_s = cpu_s(process) - before_s
        print(f"{len(took)} answered, {len(failed)} failed, slowest {max(took):.2f} s", *failed[:3], sep="\n")
        print(f"the recorder worked for {worked_s:.2f} s of processor time")
    else:
        for browser in BROWSERS:
            if program := shutil.which(browser):
                for _ in range(options.n or 10):
                    with tempfile.TemporaryDirectory() as folder:
                        print(browser, dict(preconnect(browser, program, Path(folder))), flush=True)


if __name__ == "__main__":
    main()
