"""The entry point: what is our error, what is the machine's, and what a closed pipe means."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hometruth.cli import COMMANDS, GROUPS
from tests.cli.forked import hometruth

HOMETRUTH = [sys.executable, "-m", "hometruth"]


def outcome(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*HOMETRUTH, *arguments], text=True, stderr=subprocess.PIPE, check=False, **options)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("arguments", [("frobnicate",), ("run",), ("demo", "--frob"), ("run", "absent.toml")])
def test_misuse_is_one_message_and_exit_code_2(arguments: tuple[str, ...]) -> None:
    done = outcome(*arguments, stdout=subprocess.PIPE)

    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_is_one_message_and_exit_code_2() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full on this system")
    with full.open("w") as out:
        done = outcome("plant", "-n", "5000", stdout=out)

    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_goes_away_is_no_crash() -> None:
    with subprocess.Popen(
        [*HOMETRUTH, "plant", "-n", "20000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()

    assert "Traceback" not in errors
    assert "Exception ignored" not in errors


def test_evidence_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "something").write_text("evidence")
    done = outcome("demo", "--out", str(tmp_path), stdout=subprocess.PIPE)

    assert done.returncode == 2
    assert "never overwritten" in done.stderr
    assert (tmp_path / "something").read_text() == "evidence"


def test_a_terminal_without_unicode_gets_escapes() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = outcome("peel", "%E2%89%A0", stdout=subprocess.PIPE, env=environment)

    assert done.returncode == 0
    assert "\\u2260" in done.stdout


def test_a_mistyped_command_gets_a_suggestion_and_nonsense_none() -> None:
    assert "No such command 'scam'. Did you mean 'scan'?" in hometruth("scam", "a.har").stderr
    nonsense = hometruth("xyzzy")
    assert (nonsense.returncode, "Did you mean" in nonsense.stderr) == (2, False)


def test_help_groups_every_command_by_its_job() -> None:
    lines = hometruth("--help").stdout.splitlines()
    jobs = [line.rstrip(":") for line in lines if line.rstrip(":") in GROUPS]

    assert jobs == list(GROUPS)
    assert [name for name in COMMANDS if not any(line.startswith(f"  {name} ") for line in lines)] == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_as_documented(shell: str) -> None:
    script = Path(sys.executable).with_name("hometruth")
    environment = {**os.environ, "_HOMETRUTH_COMPLETE": f"{shell}_source"}
    done = subprocess.run([script], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "_HOMETRUTH_COMPLETE" in done.stdout
    assert f"{shell}_complete" in done.stdout
