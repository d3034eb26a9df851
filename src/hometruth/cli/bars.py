"""A plot in plain text: one bar a line, readable on any terminal and in any file."""

from collections.abc import Iterable, Iterator

WIDTH = 50
"""Characters of a bar for all."""


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
