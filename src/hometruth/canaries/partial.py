"""Puts together what is left of a canary in one value: cut at either end, or masked in between.

Only for values that dice made, where every character tells as much as any other: a part of a name, an address
or a number is a word that others have, too.
"""

from collections.abc import Iterable, Sequence
from math import log2
from typing import NamedTuple

from hometruth.canaries.bits import is_drawn
from hometruth.canaries.mint import is_minted
from hometruth.model import Canary, Form

SHORTEST_PART = 12
"""Characters that must be left, all runs of them together: 60 bits of a minted value."""
SHORTEST_RUN = 3
"""Characters beside a mask; fewer are there by chance in every second text."""
LONGEST_MASK = 8
"""Bytes between two runs, in the canary or in the value."""
CHARACTER_BITS = 5.0
"""Of a minted value: its alphabet has 32 letters."""


class Overlap(NamedTuple):
    """Bytes of a value that are bytes of a canary."""

    offset: int
    """In the value."""
    start: int
    """First byte of the canary."""
    end: int


class Partial(NamedTuple):
    """What a value holds of a canary."""

    canary: Canary
    index: int  # type: ignore[assignment]  # a tuple has a method of that name, which nobody needs here
    runs: tuple[Overlap, ...]
    """From the first to the last, none overlapping another."""

    @property
    def offset(self) -> int:
        """Byte of the value where the first run begins."""
        return self.runs[0].offset

    def form(self, data: bytes) -> Form:
        """How it is written in a value of such *data*."""
        return Form(
            _name(self.runs), data[self.offset : _after(self.runs[-1])], bits_of_runs(self.canary, self.runs)
        )


def may_be_cut(canary: Canary) -> bool:
    """True if a part of the value is worth as much as its share."""
    return canary.value.isascii() and (is_minted(canary.value) or is_drawn(canary.value))


def bits_of_runs(canary: Canary, runs: Sequence[Overlap]) -> float:
    """What finding the runs by chance would cost, less the choice of where they begin and go on."""
    length = len(canary.value)
    told = sum(run.end - run.start for run in runs)
    bits = min(canary.bits, CHARACTER_BITS * told) if is_minted(canary.value) else canary.bits * told / length
    return bits - log2(length - told + 1) - (len(runs) - 1) * log2(length * (LONGEST_MASK + 1))


def partial_of(
    canary: Canary, text: bytes, index: int, data: bytes, seeds: Iterable[tuple[int, int]]
) -> Partial | None:
    """The largest part of a canary in one value; None if it is too small, or all of it.

    Args:
        text: The canary's value in lower case.
        data: The value's bytes in lower case.
        seeds: Where a few bytes agree: offset in the value, and in the canary.
    """
    runs: list[Overlap] = []
    for offset, start in seeds:
        if not any(_holds(run, offset, start) for run in runs):
            runs += _along(text, data, offset, start)
    best = max(_chains(sorted(set(runs))), key=_told, default=())
    if _told(best) < SHORTEST_PART or any(run.end - run.start == len(text) for run in runs):
        return None
    return Partial(canary, index, best)


def _holds(run: Overlap, offset: int, start: int) -> bool:
    return run.start <= start < run.end and run.offset - run.start == offset - start


def _along(text: bytes, data: bytes, offset: int, start: int) -> list[Overlap]:
    """Runs that agree when the canary is laid beside the value as the seed says, over masks too."""
    shift = offset - start
    first, last = max(0, -shift), min(len(text), len(data) - shift)
    agreed = [text[at] == data[at + shift] for at in range(first, last)]
    runs, at = [], first
    while at < last:
        end = at
        while end < last and agreed[end - first]:
            end += 1
        if end - at >= SHORTEST_RUN:
            runs.append(Overlap(at + shift, at, end))
        at = end + 1
    return runs


def _chains(runs: Sequence[Overlap]) -> list[tuple[Overlap, ...]]:
    """Each run with those that may stand before it, as many characters as there can be."""
    chains: list[tuple[Overlap, ...]] = []
    for run in runs:
        longer = [(*chain, rest) for chain in chains if (rest := _going_on(chain[-1], run))]
        chains.append(max(longer, key=_told, default=(run,)))
    return chains


def _going_on(one: Overlap, other: Overlap) -> Overlap | None:
    """The other without what the one holds already: both may claim a character that is doubled at the cut."""
    shared = max(one.end - other.start, _after(one) - other.offset, 0)
    rest = Overlap(other.offset + shared, other.start + shared, other.end)
    is_near = rest.start - one.end <= LONGEST_MASK and rest.offset - _after(one) <= LONGEST_MASK
    return rest if is_near and rest.start < rest.end else None


def _after(run: Overlap) -> int:
    return run.offset + run.end - run.start


def _told(runs: Iterable[Overlap]) -> int:
    return sum(run.end - run.start for run in runs)


def _name(runs: Iterable[Overlap]) -> str:
    return "part" + "+".join(f"[{run.start}:{run.end}]" for run in runs)
