"""Finds patterns by how they begin, and then looks at the rest of each.

An automaton takes memory for every byte of its patterns, and one that is quick, half a kilobyte and more.
Those of a thousand canaries, once for each disguise, took a third of a worker's; of beginnings it is a
fraction, and where chance meets one, comparing the rest costs nothing.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from ahocorasick_rs import BytesAhoCorasick, Implementation

BEGINNING = 8
"""Bytes, of which chance meets one of a thousand in one of 10^16 places."""
MOST_FAST_BYTES = 20_000
"""Bytes of beginnings up to which a table of all transitions is made: it takes up to a kilobyte for each, and
a third of the time."""


class Beginnings:
    """Patterns, each of them once."""

    def __init__(self, patterns: Sequence[bytes], *, fast: bool = False) -> None:
        order = sorted(range(len(patterns)), key=patterns.__getitem__)
        self._patterns, self._numbers = [patterns[number] for number in order], array("I", order)
        """In order, so that those of one beginning stand together; and the number of each."""
        beginnings: list[bytes] = []
        self._first = array("I")
        """Of each beginning, the first pattern that has it; and the end."""
        for at, pattern in enumerate(self._patterns):
            if not beginnings or pattern[:BEGINNING] != beginnings[-1]:
                beginnings.append(pattern[:BEGINNING])
                self._first.append(at)
        self._first.append(len(patterns))
        self._lengths: dict[int, Sequence[int]] = {}
        kind = Implementation.DFA if fast and sum(map(len, beginnings)) <= MOST_FAST_BYTES else None
        self._automaton = BytesAhoCorasick(beginnings, implementation=kind) if patterns else None

    def find(self, data: bytes) -> Iterator[tuple[int, int, int]]:
        """Number, start and end of every pattern at every place, those that overlap, too."""
        if self._automaton is None:
            return
        for beginning, start, _ in self._automaton.find_matches_as_indexes(data, overlapping=True):
            for at in self._beginning_with(beginning, data, start):
                yield self._numbers[at], start, start + len(self._patterns[at])

    def _beginning_with(self, beginning: int, data: bytes, start: int) -> Iterator[int]:
        """Places of the patterns that go on as the data do."""
        first, after = self._first[beginning], self._first[beginning + 1]
        if beginning not in self._lengths:
            self._lengths[beginning] = sorted({len(self._patterns[at]) for at in range(first, after)})
        for length in self._lengths[beginning]:
            found = data[start : start + length]
            at = bisect_left(self._patterns, found, first, after)
            if len(found) == length and at < after and self._patterns[at] == found:
                yield at
