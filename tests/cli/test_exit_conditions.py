"""Whatever happens to a command's streams, its exit code never accuses: only what was found gives 1."""

import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.every_command import HOSTILE, RAW, arguments, leaves, write_inputs
from tests.cli.forked import CLOSED, GONE, LIMIT_S, Run, server

PATIENCE_S = 1.0
"""After this a command that serves or records is ended as a person would, with Ctrl-C."""
SERVING = {("record",), ("lab", "collector"), ("lab", "up")}
CONDITIONS: Mapping[str, Mapping[int, str]] = {
    "as usual": {},
    "standard input closed": {0: CLOSED},
    "standard output closed": {1: CLOSED},
    "standard error closed": {2: CLOSED},
    "standard output full": {1: "/dev/full"},
    "standard error full": {2: "/dev/full"},
    "reader gone": {1: GONE},
}
INTERRUPTED = """
import os, signal, sys, threading
from hometruth.__main__ import main
threading.Timer(float(sys.argv.pop(1)), os.kill, (os.getpid(), signal.SIGINT)).start()
main()
"""
"""Ctrl-C a while after the start; before `main` it is the interpreter's, not ours."""


def is_refused(path: tuple[str, ...]) -> bool:
    """True where all that `arguments` has is files that are not there."""
    return any(word.endswith("/absent") for word in arguments(path, Path("/")))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("path", list(leaves()), ids=" ".join)
def test_streams_that_fail_never_accuse(path: tuple[str, ...], tmp_path: Path) -> None:
    patience_s = PATIENCE_S if path in SERVING else LIMIT_S
    runs = []
    for condition, streams in CONDITIONS.items():
        folder = tmp_path / f"{HOSTILE}{condition}"
        (folder / "new").mkdir(parents=True)
        write_inputs(folder)
        runs.append(Run((*path, *arguments(path, folder)), "", streams, patience_s))
    # Those that serve until they are stopped do so together: most of their time is waiting.
    together = server().run_together
    done = together(runs) if path in SERVING else [each for run in runs for each in together([run])]
    outcomes = {
        condition: (each.returncode, each.stdout + each.stderr)
        for condition, each in zip(CONDITIONS, done, strict=True)
    }
    usual, said = outcomes["as usual"]
    for condition, (code, told) in outcomes.items():
        assert code in ({0, 2} if path in SERVING else {usual, 2}), (condition, code, told)
        assert "Traceback" not in told, (condition, told)
        assert not any(raw in told for raw in RAW), (condition, told)
        assert "defect of ours" not in told, (condition, told)
    assert usual == 2 or said, "a command that succeeds says something"
    assert outcomes["standard output closed"][0] == 2
    assert path in SERVING or outcomes["standard error closed"][0] == usual


@pytest.mark.parametrize("path", [path for path in leaves() if not is_refused(path)], ids=" ".join)
def test_an_interruption_never_accuses(path: tuple[str, ...], tmp_path: Path) -> None:
    """In a Python started for it: most of the half second goes to what a command imports.

    Commands that are refused as soon as they are loaded have nothing of their own to interrupt.
    """
    (tmp_path / "new").mkdir()
    write_inputs(tmp_path)
    words = [sys.executable, "-c", INTERRUPTED, "0.5", *path, *arguments(path, tmp_path)]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S, check=False)
    code, told = done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")
    finds = path in {("scan",), ("gate",), ("fleet",), ("digests",), ("identify",)}
    assert code in {0, int(finds), 2, -signal.SIGINT}, (code, told)
    assert "Traceback" not in told, told
    assert "defect of ours" not in told, told
