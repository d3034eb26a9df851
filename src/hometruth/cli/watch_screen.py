"""Where `watch` shows: the terminal, lines for programs, a page, or a video of that page."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from hometruth.model import Canary, Condition
from hometruth.report.watch import Display, JsonLines, TwoColumns


@dataclass(frozen=True, slots=True)
class WatchView:
    """How it was asked to be shown."""

    jsonl: bool
    page: bool
    port: int
    """0 for any that is free."""
    film: Path | None
    """Gets a video of the page."""


@contextmanager
def screen_for(
    planted: Sequence[Canary],
    shown: WatchView,
    *,
    title: str,
    conditions: Mapping[str, Condition] | None = None,
    start_ns: int | None = None,
) -> Iterator[Display]:
    """Open what it is shown on; a page waits for its first reader, and stays until Ctrl-C.

    Args:
        title: Of a page.
        conditions: Under which each canary is planted, by its id, as far as that is known beforehand.
        start_ns: Time zero.

    Raises:
        HometruthError: If the page cannot be served, or no video made of it.
    """
    if not shown.page:
        console = Console(highlight=False)
        # A terminal says the condition with the session, so it needs none with each value.
        yield JsonLines() if shown.jsonl else TwoColumns(console, planted, start_ns=start_ns)
        return
    # Imported late: a terminal pays neither for templates nor for a server.
    from hometruth.report.watch_page import LiveRows, PageDisplay  # noqa: PLC0415
    from hometruth.report.watch_server import serving  # noqa: PLC0415

    rows = LiveRows()
    with ExitStack() as stack:
        url = stack.enter_context(serving(rows, title=title, port=shown.port))
        if shown.film is not None:
            from hometruth.cli.watch_film import filming  # noqa: PLC0415

            stack.enter_context(filming(url, shown.film, rows.opened))
        else:
            click.echo(f"Open {url} in a browser on this machine. Ctrl-C ends it.")
            _wait_for(rows.opened)
        yield PageDisplay(rows, planted, conditions=conditions, start_ns=start_ns)
        rows.end()
        if shown.film is None:
            with suppress(KeyboardInterrupt):
                _wait_for(threading.Event())


LISTENS_S = 0.5
"""A Ctrl-C that comes while a wait begins is seen when that wait ends, so none is without an end."""


def _wait_for(event: threading.Event) -> None:
    while not event.wait(LISTENS_S):
        pass
