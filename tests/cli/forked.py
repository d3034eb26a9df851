"""Commands in processes of their own that need not start Python anew: a server has imported all, and forks.

What a command gets is as from a shell: descriptors that may be closed or full, standard streams made from
them as Python makes them, an environment, a folder; it ends as any program of Python ends.
"""

import atexit
import io
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any, NamedTuple

ROOT = Path(__file__).parents[2]
CLOSED, GONE = "closed", "reader gone"
"""In place of a file to open as a standard stream: none, and a pipe that nobody reads."""
LIMIT_S = 300.0
"""A command that runs longer hangs; a loaded machine may take minutes for one."""
POLL_S = 0.01
SLOW_TO_IMPORT = ("scipy.stats", "pyarrow.dataset", "pyarrow.parquet", "cramjam")
"""What commands import when they need it, and may find there."""


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


class Run(NamedTuple):
    """A command to run, as `Forking.run` describes it."""

    arguments: Sequence[str | Path]
    lines: str
    streams: Mapping[int, str]
    interrupt_after_s: float


class Forking:
    """The server, seen from a test."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(
        self,
        *arguments: str | Path,
        lines: str = "",
        streams: Mapping[int, str] | None = None,
        interrupt_after_s: float = LIMIT_S,
    ) -> Done:
        """`hometruth` with these *arguments*.

        Args:
            lines: Its input.
            streams: Files by descriptor, `CLOSED` or `GONE`, in place of the lines and captured outputs.
            interrupt_after_s: When to press Ctrl-C, if it is still running.
        """
        (done,) = self.run_together([Run(arguments, lines, streams or {}, interrupt_after_s)])
        return done

    def run_together(self, runs: Sequence[Run]) -> list[Done]:
        """All of them at once."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            places = [Path(folder, str(number)) for number in range(len(runs))]
            requests = [_request(run, place) for run, place in zip(runs, places, strict=True)]
            self._process.stdin.write(json.dumps(requests) + "\n")
            self._process.stdin.flush()
            codes = json.loads(self._process.stdout.readline())
            return [
                Done(code, _text(place / "out"), _text(place / "err"))
                for code, place in zip(codes, places, strict=True)
            ]


def _request(run: Run, place: Path) -> dict[str, Any]:
    """What the server is asked; the command's input and outputs are files in a new folder."""
    place.mkdir()
    (place / "in").write_text(run.lines, "utf-8")
    return {
        "arguments": [str(each) for each in run.arguments],
        "streams": {0: str(place / "in"), 1: str(place / "out"), 2: str(place / "err"), **run.streams},
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
        "interrupt_after_s": run.interrupt_after_s,
    }


@cache
def server() -> Forking:
    """The server of this process, until it ends."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.cli.forked"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT)
    atexit.register(process.communicate)  # it ends with its input
    return Forking(process)


def hometruth(*arguments: str | Path, lines: str = "") -> Done:
    """How `hometruth` with these *arguments* and this input ends."""
    return server().run(*arguments, lines=lines)


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.exists() else ""


PROGRAM = """#!{python} -IS
import json, os, signal, socket, sys
asked = socket.socket(socket.AF_UNIX)
asked.connect({address!r})
request = dict(arguments=sys.argv[1:], environment=dict(os.environ), folder=os.getcwd())
socket.send_fds(asked, [json.dumps(request).encode() + b"\\n"], [0, 1, 2])
answers = asked.makefile()
number = int(answers.readline())
for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(each, lambda which, _: os.kill(number, which))
code = int(answers.readline())
sys.exit(code if code >= 0 else 128 - code)
"""
"""Asks a server at an address, and hands over its own streams."""


@cache
def program() -> Path:
    """A folder for PATH, with a `hometruth` that a server of its own forks: for scripts of shells."""
    folder = Path(tempfile.mkdtemp())
    address = str(folder / "address")
    command = [sys.executable, "-W", "ignore", "-m", "tests.cli.forked", address]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT)
    atexit.register(shutil.rmtree, folder)
    atexit.register(process.communicate)  # it ends with its input
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    script = folder / "hometruth"
    script.write_text(PROGRAM.format(python=sys.executable, address=address))
    script.chmod(0o755)
    return folder


def _load() -> None:
    """All that commands import."""
    from hometruth.cli import COMMANDS  # noqa: PLC0415 - the tests that ask need none of it

    for module in [*(f"hometruth.cli.{name}" for name in COMMANDS), *SLOW_TO_IMPORT]:
        import_module(module)


def _serve_at(address: str) -> None:
    """Be the program for everybody who asks, until the input ends; returns in the child only."""
    from hometruth.cli import main  # noqa: PLC0415

    _load()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever waits for a command is a process, too
    print("ready", flush=True)  # noqa: T201
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        asked, _ = listener.accept()
        if not os.fork():
            listener.close()
            break
        asked.close()
    else:
        return
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    text, streams, _, _ = socket.recv_fds(asked, 1 << 20, 3)
    while not text.endswith(b"\n"):
        text += asked.recv(1 << 20)
    request = json.loads(text) | {"streams": dict(enumerate(streams))}
    if number := os.fork():
        asked.sendall(f"{number}\n".encode())
        code = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
        with suppress(BrokenPipeError):
            asked.sendall(f"{code}\n".encode())
        os._exit(0)
    asked.close()
    _become(request)
    main()


def _serve() -> None:
    """Answer each request with the exit code; returns in the child only, to end as a program ends."""
    from hometruth.cli import main  # noqa: PLC0415

    _load()
    with os.fdopen(os.dup(0)) as requests, os.fdopen(os.dup(1), "w") as answers:
        for line in requests:
            asked, pids = json.loads(line), list[int]()
            mine = _forked(asked, pids)
            if mine is not None:
                break
            limits = [request["interrupt_after_s"] for request in asked]
            answers.write(f"{json.dumps(_ended(pids, limits))}\n")
            answers.flush()
        else:
            return
        requests.close()
        answers.close()
    _become(mine)
    main()


def _forked(requests: Sequence[dict[str, Any]], pids: list[int]) -> dict[str, Any] | None:
    """A process for each request, its number in *pids*; in the new one, its request is returned."""
    for request in requests:
        pid = os.fork()
        if not pid:
            return request
        pids.append(pid)
    return None


def _ended(pids: Sequence[int], limits_s: Sequence[float]) -> list[int]:
    """The exit codes of the processes; each is interrupted as a person would if it serves so long."""
    started = time.monotonic()
    left = dict(zip(pids, limits_s, strict=True))
    codes: dict[int, int] = {}
    while len(codes) < len(pids):
        for pid in [pid for pid in pids if pid not in codes]:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                codes[pid] = os.waitstatus_to_exitcode(status)
            elif pid in left and time.monotonic() - started > left[pid]:
                os.kill(pid, signal.SIGINT)
                del left[pid]
        time.sleep(POLL_S)
    return [codes[pid] for pid in pids]


def _become(request: dict[str, Any]) -> None:
    """Take the streams, the environment and the arguments of the request."""
    for number in (0, 1, 2):
        os.close(number)
    streams: list[IO[str] | None] = [None, None, None]
    for number, path in sorted((int(number), path) for number, path in request["streams"].items()):
        if path == CLOSED:
            continue
        descriptor = _opened(path, number)
        if descriptor != number:
            os.dup2(descriptor, number)
            os.close(descriptor)
        streams[number] = _stream(number)
    for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.argv = ["hometruth", *request["arguments"]]


def _opened(path: str | int, number: int) -> int:
    if isinstance(path, int):
        return path
    if path == GONE:
        reader, writer = os.pipe()
        os.close(reader)
        return writer
    return os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT, 0o600)


def _stream(number: int) -> IO[str]:
    """A standard stream as Python makes one of this descriptor."""
    raw = io.FileIO(number, "rb" if number == 0 else "wb", closefd=False)
    buffered: Any = io.BufferedReader(raw) if number == 0 else io.BufferedWriter(raw)
    errors = "backslashreplace" if number == 2 else "strict"
    return io.TextIOWrapper(buffered, "utf-8", errors, line_buffering=number == 2)


if __name__ == "__main__":
    if sys.argv[1:]:
        _serve_at(sys.argv[1])
    else:
        _serve()
