"""From an empty folder to a failing gate, with what the page says and nothing else."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.forked import program
from tests.docs.pages import DOCS, blocks

PAGE = DOCS / "how-to" / "gate-a-build.md"
pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="no curl on this machine")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder after all shell blocks were run in the order of the page, and what they printed."""
    folder = tmp_path_factory.mktemp("project")
    script = "".join(block.text for block in blocks("sh") if block.page == PAGE)
    script = script.replace("8106", str(free_port()))
    path = f"{program()}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-eu"],
        input=script,
        cwd=folder,
        env={**os.environ, "PATH": path, "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def test_what_the_page_shows_is_what_it_prints(session: tuple[Path, str]) -> None:
    _, printed = session
    shown = "".join(block.text for block in blocks("text") if block.page == PAGE)
    lines = shown.splitlines()

    assert len(lines) > 12
    told = iter(printed.splitlines())
    for line in lines:
        wanted = re.escape(line).replace("…", ".*")
        assert any(re.fullmatch(wanted, each) for each in told), f"not printed, or not in this order: {line}"


def test_every_output_is_there_and_only_its_owner_reads_the_recording(session: tuple[Path, str]) -> None:
    folder, _ = session

    assert all(
        (folder / name).stat().st_size > 100 for name in ("gate.sarif", "gate.xml", "gate.md", "gate.json")
    )
    assert (folder / "shop.mitm").stat().st_mode & 0o077 == 0
