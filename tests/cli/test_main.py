"""The entry point: what is our error, what is the machine's, and what a closed pipe means."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from hometruth.cli import COMMANDS, GROUPS
from tests.cli.every_command import arguments, command_at, leaves, write_inputs
from tests.cli.forked import Done, hometruth
from tests.cli.test_escaped import at_a_terminal

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


def test_ctrl_c_while_it_is_still_loading_is_one_sentence() -> None:
    code = """
import sys
class Pressed:
    def find_spec(self, name, *_):
        if name == "click":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Pressed())
from hometruth.__main__ import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr, done.stdout) == (2, "hometruth: interrupted\n", "")


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


NO_FILES = {("lab", "phone"): "words", ("mark",): "label", ("end",): "name", ("peel",): "value"}
"""Arguments that are words, by command."""


def test_the_shell_completes_names_of_files_wherever_a_command_takes_them() -> None:
    for path in leaves():
        command = command_at(path)
        context = click.Context(command)
        for param in command.params:
            names_a_file = param.human_readable_name.upper().startswith(("FILE", "PATH")) or (
                isinstance(param, click.Argument) and NO_FILES.get(path) != param.name
            )
            if names_a_file or (param.metavar or "").startswith(("FILE", "PATH")):
                (offered,) = param.shell_complete(context, "rec")
                assert (offered.type, offered.value) in {("file", "rec"), ("dir", "rec")}, (path, param.name)


VALUES_ARE_ALL = {("plant",), ("peel",)}
"""Commands that print a value, and nothing that could be left out."""
NO_RESULT = {
    *(("watch",), ("record",), ("mark",), ("end",), ("stamp",), ("annex",), ("report",), ("letter",)),
    *(("lab", name) for name in ("collector", "events", "fleet", "phone", "up")),
}
"""Commands that serve, record or write a file, and those with lines for programs (`--jsonl`)."""


def test_what_prints_json_can_be_quiet_and_the_other_way_round() -> None:
    for path in leaves():
        options = {name for param in command_at(path).params for name in param.opts}
        assert ("--json" in options) == ("--quiet" in options) or path in VALUES_ARE_ALL, path
        assert ("--json" in options) != (path in NO_RESULT), path


PLANTED = ["--canaries", "canaries.json"]
READING: dict[tuple[str, ...], list[str]] = {
    **{("info",): [], ("scan",): PLANTED, ("gate",): PLANTED, ("identify",): []},
    **{("export",): ["--parquet", "NEW"], ("digests",): ["--own", "own.toml"]},
    **{("redact",): ["--out", "NEW"], ("watch",): [*PLANTED, "--jsonl"], ("compare",): ["b.har", *PLANTED]},
}
"""Commands that read finished recordings, with what else they need; the first six take any number."""
READABLE = ("CAPTURE", "RECORDING|", "INPUT", "[FILE]")


@pytest.mark.parametrize("path", READING, ids=" ".join)
def test_standard_input_and_patterns_are_recordings_to_every_command(
    path: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_inputs(tmp_path)
    (tmp_path / "b.har").write_bytes((tmp_path / "a.har").read_bytes())
    monkeypatch.chdir(tmp_path)
    several = list(READING).index(path) < 6
    runs = []
    for number, name in enumerate(["a.har", "-", *(["a.*r"] if several else [])]):
        more = [f"new-{number}" if each == "NEW" else each for each in READING[path]]
        lines = Path("a.har").read_text() if name == "-" else ""
        runs.append(hometruth(*path, name, *more, lines=lines))
    first = runs[0]

    assert first.returncode < 2
    assert first.stdout
    for each in runs:
        assert each.returncode == first.returncode, each
        assert len(each.stdout.splitlines()) == len(first.stdout.splitlines()), each


def test_every_command_that_names_recordings_is_tried_with_standard_input() -> None:
    named = {
        path
        for path in leaves()
        for param in command_at(path).params
        if isinstance(param, click.Argument) and any(word in (param.metavar or "") for word in READABLE)
    }

    assert named - READING.keys() == {("fleet",)}, "a fleet says that it reads none"


READ = ("a.har", "canaries.json", "policy.toml", "baseline.json")
GATED = [word for name in READ for word in (f"--{name.split('.')[0]}", name)][1:]


@pytest.mark.parametrize(
    ("words", "read"),
    [
        *((["gate", *GATED, f"--{name}"], READ) for name in ("sarif", "junit", "markdown", "attest")),
        (["gate", *GATED, "--write-baseline"], READ[:-1]),
        *((["identify", name, "--svg"], READ[:1]) for name in ("x:base=a.har", "a.*r")),
        (["unicity", "table.csv", "--svg"], ["table.csv"]),
    ],
)
def test_nothing_is_written_over_what_a_command_reads(
    words: list[str], read: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_inputs(tmp_path)
    (tmp_path / "policy.toml").write_text('on_weak = "leak"\n')
    (tmp_path / "baseline.json").write_text('{"schema": "hometruth-baseline-1", "leaks": []}')
    monkeypatch.chdir(tmp_path)
    Path("linked").hardlink_to(read[0])
    for name in ("linked", *read):
        before = Path(name).read_bytes()
        done = hometruth(*words, name)
        assert (done.returncode, "another file of this command" in done.stderr) == (2, True), done
        assert Path(name).read_bytes() == before
    if "--write-baseline" in words:
        assert hometruth(*words, "baseline.json").returncode == 1


CAN_BE_QUIET = [path for path in leaves() if any("--quiet" in each.opts for each in command_at(path).params)]


@pytest.mark.parametrize("path", CAN_BE_QUIET, ids=" ".join)
def test_quiet_leaves_the_exit_code_and_what_json_prints(path: tuple[str, ...], tmp_path: Path) -> None:
    def done(*options: str) -> Done:
        folder = tmp_path / f"with{'-'.join(options)}"
        (folder / "new").mkdir(parents=True)
        write_inputs(folder)
        return hometruth(*path, *arguments(path, folder), *options)

    usual, quiet = done(), done("--quiet")
    assert (quiet.returncode, quiet.stdout) == (usual.returncode, "")
    if usual.returncode < 2:
        assert usual.stdout
        assert json.loads(done("--quiet", "--json").stdout)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["identify", "a.har"], "looking for identifiers in 1 recording"),
        (["compare", "a.har", "b.har", "--canaries", "canaries.json"], "comparing a.har and b.har"),
    ],
)
def test_progress_is_shown_at_a_terminal_and_nowhere_else(
    words: list[str], shown: str, tmp_path: Path
) -> None:
    write_inputs(tmp_path)
    (tmp_path / "b.har").write_bytes((tmp_path / "a.har").read_bytes())

    assert shown in at_a_terminal(*words, folder=tmp_path)
    done = outcome(*words, stdout=subprocess.PIPE, cwd=tmp_path)
    assert done.stdout
    assert shown not in done.stdout + done.stderr


PANICS = """
from hometruth import cli
class PanicException(BaseException): ...
def interrupted(_):
    raise PanicException("Failed to initialize python logging: PyErr { type: <class 'KeyboardInterrupt'> }")
cli._run = interrupted
cli.main()
"""


def test_a_library_in_rust_that_is_interrupted_as_it_begins_is_an_interruption() -> None:
    """PyO3 panics then, and names the interruption in words only."""
    done = subprocess.run([sys.executable, "-c", PANICS], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (2, "hometruth: interrupted\n")
