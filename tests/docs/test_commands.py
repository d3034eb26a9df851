"""The command reference is what the commands say, and command lines in the documentation are possible."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import click
import pytest

from hometruth.cli import COMMANDS, hometruth
from tests.docs.pages import DOCS, ROOT
from tests.docs.shell import command_lines, mentions

LINES = list(command_lines())
MENTIONS = list(mentions())
SCRIPT = ROOT / "scripts" / "make_command_reference.py"


def _all(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from _all(child, f"{path} {name}")


def test_the_command_reference_is_up_to_date() -> None:
    written = (DOCS / "reference" / "commands.md").read_text("utf-8")
    # In a process of its own: click keeps the help option of a command that a test has run by itself.
    code = f"import runpy; print(runpy.run_path({str(SCRIPT)!r})['command_reference'](), end='')"
    environment = {**os.environ, "COLUMNS": "40"}  # whatever the terminal is
    made = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )

    assert written == made.stdout, f"run python {SCRIPT.relative_to(ROOT)}"


def test_the_command_reference_has_every_command_and_option() -> None:
    page = (DOCS / "reference" / "commands.md").read_text("utf-8")

    for path, command in _all(hometruth, "hometruth"):
        _, found, rest = page.partition(f"\n## {path}\n")
        assert found, f"{path} is not in the reference"
        text = rest.partition("\n## ")[0]
        for option in command.params:
            if isinstance(option, click.Option):
                assert all(name in text for name in option.opts), f"{path} {option.opts}"


def test_the_exit_codes_of_every_command_are_documented() -> None:
    page = (DOCS / "reference" / "exit-codes.md").read_text("utf-8")

    assert [name for name in COMMANDS if f"| `{name}` |" not in page] == []


@pytest.mark.parametrize(
    ("block", "words"), LINES, ids=[f"{block.place} {' '.join(words)}" for block, words in LINES]
)
def test_every_command_line_parses(block: object, words: list[str]) -> None:
    parse(words)


@pytest.mark.parametrize(
    ("page", "words"), MENTIONS, ids=[f"{page} {' '.join(words)}" for page, words in MENTIONS]
)
def test_every_command_mentioned_exists(page: str, words: list[str]) -> None:
    with suppress(click.MissingParameter):
        parse(words)


def test_every_command_is_shown_at_work_somewhere() -> None:
    assert set(COMMANDS) - {words[0] for _, words in LINES if words} == set()


@pytest.mark.parametrize(
    "words", [["scam", "a.har"], ["scan"], ["scan", "a.har", "--canary", "f"], ["lab", "down"]]
)
def test_an_impossible_command_line_does_not_parse(words: list[str]) -> None:
    with pytest.raises(click.UsageError):
        parse(words)


def parse(words: list[str]) -> None:
    """Parse as the command line does, down to the last subcommand, and run nothing."""
    command: click.Command = hometruth
    context = click.Context(command, info_name="hometruth")
    while isinstance(command, click.Group):
        if not words:
            raise click.UsageError("a command is missing", context)
        name, child, words = command.resolve_command(context, words)
        assert name is not None
        assert child is not None
        command, context = child, click.Context(child, parent=context, info_name=name)
    command.make_context(context.info_name or "", list(words), parent=context.parent)
