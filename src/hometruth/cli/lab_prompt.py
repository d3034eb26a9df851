"""The prompt of `hometruth lab up`: a person acts on the simulated phone, and sees what arrives."""

import difflib
from collections.abc import Iterator
from typing import TextIO

import click

from hometruth.cli.lab_hand import Hand
from hometruth.cli.lab_words import ACTIONS, Quit
from hometruth.errors import LabError
from hometruth.report.text import escape_terminal


def do(hand: Hand, line: str) -> bool:
    """Carry out one line, print what the phone did and what arrived; False if it could not be done."""
    word, _, rest = line.strip().partition(" ")
    action = ACTIONS.get(word)
    if action is None:
        near = difflib.get_close_matches(word, ACTIONS, n=1)
        click.echo(f"  no command {escape_terminal(word)!r}" + (f"; {near[0]}?" if near else "; try `help`"))
        return False
    try:
        click.echo(f"  phone    {escape_terminal(action.run(hand, rest.strip()))}")
    except LabError as err:
        click.echo(f"  error    {escape_terminal(str(err))}")
        return False
    hand.print_arrivals(word)
    return True


def talk(hand: Hand, stdin: TextIO) -> None:
    """Read lines until `quit`, the end of *stdin* or Ctrl-C."""
    try:
        for line in _lines(stdin):
            if line.strip():
                do(hand, line)
    except (Quit, KeyboardInterrupt):
        click.echo()


def _lines(stdin: TextIO) -> Iterator[str]:
    if not stdin.isatty():
        for raw in stdin.buffer:
            line = raw.decode("utf-8", "replace")
            click.echo(f"> {escape_terminal(line.rstrip())}")  # so that a transcript reads like a dialogue
            yield line
        return
    import readline  # noqa: F401, PLC0415 - gives input() a history; only a terminal has a use for it

    while True:
        try:
            yield input("> ")
        except EOFError:
            click.echo()
            return
