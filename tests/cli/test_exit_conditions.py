"""Whatever happens to a command's streams, its exit code never accuses: only what was found gives 1."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cli.every_command import HOSTILE, RAW, arguments, leaves, write_inputs

LIMIT_S = 60.0
PATIENCE_S = 2.5
"""After this a command that serves or records is ended as a person would, with Ctrl-C."""
SERVING = {("record",), ("lab", "collector"), ("lab", "up")}
CONDITIONS: Mapping[str, str] = {
    "as usual": 'exec "$@" </dev/null',
    "standard input closed": 'exec "$@" <&-',
    "standard output closed": 'exec "$@" </dev/null >&-',
    "standard error closed": 'exec "$@" </dev/null 2>&-',
    "standard output full": 'exec "$@" </dev/null >/dev/full',
    "standard error full": 'exec "$@" </dev/null 2>/dev/full',
    "reader gone": 'exec "$@" </dev/null >&3',
}
INTERRUPTED = """
import os, signal, sys, threading
from hometruth.cli import main
threading.Timer(float(sys.argv.pop(1)), os.kill, (os.getpid(), signal.SIGINT)).start()
main()
"""
"""Ctrl-C a while after the start; before `main` it is the interpreter's, not ours."""


def run(words: list[str], condition: str, *, patience_s: float = LIMIT_S) -> tuple[int, str]:
    """Exit code and what was said, both streams together."""
    reader, gone = os.pipe()
    os.close(reader)
    call = ["sh", "-c", CONDITIONS[condition].replace(">&3", f">&{gone}"), "sh", *words]
    with subprocess.Popen(
        call, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[gone]
    ) as process:
        os.close(gone)
        try:
            out, err = process.communicate(timeout=patience_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=LIMIT_S)
        return process.returncode, (out + err).decode("utf-8", "replace")


def hometruth(path: tuple[str, ...], folder: Path) -> list[str]:
    return [sys.executable, "-m", "hometruth", *path, *arguments(path, folder)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("path", list(leaves()), ids=" ".join)
def test_streams_that_fail_never_accuse(path: tuple[str, ...], tmp_path: Path) -> None:
    def under(condition: str) -> tuple[int, str]:
        folder = tmp_path / f"{HOSTILE}{condition}"
        (folder / "new").mkdir(parents=True)
        write_inputs(folder)
        patience_s = PATIENCE_S if path in SERVING else LIMIT_S
        return run(hometruth(path, folder), condition, patience_s=patience_s)

    with ThreadPoolExecutor(2) as pool:
        outcomes = dict(zip(CONDITIONS, pool.map(under, CONDITIONS), strict=True))
    usual, said = outcomes["as usual"]
    for condition, (code, told) in outcomes.items():
        assert code in ({0, 2} if path in SERVING else {usual, 2}), (condition, code, told)
        assert "Traceback" not in told, (condition, told)
        assert not any(raw in told for raw in RAW), (condition, told)
        assert "defect of ours" not in told, (condition, told)
    assert usual == 2 or said, "a command that succeeds says something"
    assert outcomes["standard output closed"][0] == 2
    assert path in SERVING or outcomes["standard error closed"][0] == usual


@pytest.mark.parametrize("path", list(leaves()), ids=" ".join)
def test_an_interruption_never_accuses(path: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    write_inputs(tmp_path)
    words = [sys.executable, "-c", INTERRUPTED, "0.5", *path, *arguments(path, tmp_path)]
    code, told = run(words, "as usual", patience_s=PATIENCE_S if path in SERVING else LIMIT_S)
    finds = path in {("scan",), ("digests",), ("identify",)}
    assert code in {0, int(finds), 2, -signal.SIGINT}, (code, told)
    assert "Traceback" not in told, told
    assert "defect of ours" not in told, told
