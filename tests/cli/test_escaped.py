"""What strangers wrote reaches no terminal raw: names of files and keys, in results and in errors.

That every command keeps hostile names of folders out of pipes too is in `test_exit_conditions.py`.
"""

import ast
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hometruth.cli
from tests.cli.every_command import ENTRY, HOSTILE, RAW, write_inputs


def at_a_terminal(*words: str, folder: Path) -> str:
    """What a person sees who runs `hometruth` with these words in *folder*."""
    master, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "hometruth", *words], stdout=terminal, stderr=terminal, cwd=folder
    )
    os.close(terminal)
    told = b""
    while True:
        try:
            told += os.read(master, 65_536) or b""
        except OSError:  # the other end is closed
            break
    process.wait()
    os.close(master)
    return told.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("command", "name", "text"),
    [
        (("scan",), f"{HOSTILE}.har", '{"log": broken'),
        (("claims", "check"), "claims.toml", json.dumps(HOSTILE) + "=1\n"),
        (("watch",), f"{HOSTILE}.har", json.dumps({"log": {"version": "1.2", "entries": [ENTRY]}})),
        (("run",), "plan.toml", json.dumps(HOSTILE) + "=1\n"),
        (("unicity",), "table.csv", f"{HOSTILE},b\n1,2\n"),
    ],
)
def test_a_terminal_gets_nothing_raw(command: tuple[str, ...], name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "canaries.json").write_text('{"c1": "qhxw7atk3mzn5vpd2q"}')
    words = [*command, name, *(["--canaries", "canaries.json"] if command == ("scan",) else [])]
    told = at_a_terminal(*words, folder=tmp_path)

    assert told
    assert not any(raw in told for raw in RAW), told


def test_who_wants_no_colours_gets_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_inputs(tmp_path)
    monkeypatch.setenv("TERM", "xterm")
    words = ["gate", "a.har", "--canaries", "canaries.json", "--jobs", "1"]
    coloured = re.compile(r"\x1b\[[0-9;]*3[0-7]m")
    monkeypatch.delenv("NO_COLOR", raising=False)

    assert coloured.search(at_a_terminal(*words, folder=tmp_path))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not coloured.search(at_a_terminal(*words, folder=tmp_path))


def test_errors_are_printed_by_one_function() -> None:
    """`err=True` bypasses it, but for a question; progress bars and lists of gaps have their own consoles."""
    offenders = []
    for file in Path(hometruth.cli.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) not in ("click.prompt", "click.confirm"):
                named = any(each.arg == "err" for each in node.keywords)
                offenders += [f"{file.name}:{node.lineno}"] if named and file.name != "__init__.py" else []

    assert offenders == []
