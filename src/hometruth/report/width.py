"""How wide output may be, and tables that never break a word to be narrower."""

import os
import sys
from contextlib import suppress

from rich.console import Console
from rich.table import Table

BORDER = 3
"""Characters between two columns."""
WIDTH_IN_FILES = 100
"""Characters, where no terminal tells how many it has."""


class _Piped(Console):
    """A console whose reader may go away: whoever called us knows what to do then."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console_of(*, stderr: bool = False) -> Console:
    """A console as wide as the terminal, whichever stream still leads to one; in files, `WIDTH_IN_FILES`."""
    stream = sys.stderr if stderr else sys.stdout
    return _Piped(stderr=stderr, highlight=False, width=None if stream.isatty() else _width())


def print_whole(console: Console, table: Table) -> None:
    """Print a table; where its words do not fit into the console, it is wider than that."""
    cells = [[str(column.header), *map(str, column.cells)] for column in table.columns]
    least = [max((len(word) for cell in column for word in cell.split()), default=0) for column in cells]
    most = [max(len(line) for cell in column for line in (cell.splitlines() or [""])) for column in cells]
    room = console.width - BORDER * len(cells) - 1
    before = console.width
    if sum(most) > room:
        spare = max(0, room - sum(least))
        for column, low, high in zip(table.columns, least, most, strict=True):
            column.width = low + min(spare, high - low)
            spare -= column.width - low
        console.width = max(before, sum(least) + BORDER * len(cells) + 1)
    console.print(table)
    console.width = before


def _width() -> int:
    if (columns := os.environ.get("COLUMNS", "")).isdecimal() and int(columns):
        return int(columns)
    for descriptor in (1, 2, 0):
        with suppress(OSError):
            return os.get_terminal_size(descriptor).columns or WIDTH_IN_FILES
    return WIDTH_IN_FILES
