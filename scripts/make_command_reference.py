"""Writes docs/reference/commands.md from what the commands themselves say with `--help`.

Run it after changing a command: `python scripts/make_command_reference.py`. A test fails until that is done.
"""

from collections.abc import Iterator
from pathlib import Path

import click

from hometruth.cli import hometruth

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "commands.md"
WIDTH = 80
"""Columns of the help, whatever terminal this runs in."""
HEAD = """\
# Commands

<!-- Made by scripts/make_command_reference.py from the commands' own help. Do not edit. -->

What each command prints with `--help`. What the codes they exit with mean: [exit codes](exit-codes.md).
"""


def command_reference() -> str:
    """The page: every command and subcommand, each with its help."""
    sections = [f"## {path}\n\n```text\n{text}\n```\n" for path, text in _helps(hometruth, "hometruth", None)]
    return "\n".join([HEAD, *sections])


def _helps(command: click.Command, name: str, parent: click.Context | None) -> Iterator[tuple[str, str]]:
    """Full name and help of *command* and everything below it, in the order the help lists them."""
    context = click.Context(
        command, info_name=name, parent=parent, terminal_width=WIDTH, **command.context_settings
    )
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None
            yield from _helps(found, child, context)


if __name__ == "__main__":
    PAGE.write_text(command_reference(), "utf-8")
