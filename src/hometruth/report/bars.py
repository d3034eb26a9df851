"""Sentences and plots in plain text, readable on any terminal and in any file."""

import textwrap
from collections.abc import Iterable, Iterator

WIDTH = 50
"""Characters of a bar for all."""
LINE = 100
"""Characters of a line of a sentence."""


def bars(rows: Iterable[tuple[str, float]]) -> Iterator[str]:
    """Lines of label, bar and percentage; values are shares, 0 to 1."""
    rows = list(rows)
    room = max((len(label) for label, _ in rows), default=0)
    for label, share in rows:
        yield f"  {label:>{room}} |{'#' * round(share * WIDTH):<{WIDTH}}| {percent(share):>6}"


def percent(share: float) -> str:
    """A share for people: one decimal, and never 0 or 100 unless it is."""
    if 0 < share < 0.001:
        return "<0.1 %"
    if 0.999 < share < 1:
        return ">99.9 %"
    return f"{share * 100:.1f} %"


def wrapped(line: str) -> str:
    """A long sentence on several lines, indented like its first; tables and plots are narrower."""
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.fill(line, LINE, subsequent_indent=indent) if len(line) > LINE else line
