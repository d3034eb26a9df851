"""What a person at a terminal sees while something takes its time; nobody else does."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from hometruth.errors import escape_terminal


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say on standard error, if it is a terminal, that something is under way, and for how long."""
    errors = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bars:
        bars.add_task(escape_terminal(what), total=None)
        yield
