"""Finds patterns by how they begin, and then looks at the rest of each.

An automaton takes memory for every byte of its patterns, and one that is quick, half a kilobyte and more.
Those of a thousand canaries, once for each disguise, took a third of a worker's; of beginnings it is a
fraction, and where chance meets one, comparing the rest costs nothing.
"""

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
        self._numbers: dict[bytes, list[int]] = {}
        for number, pattern in enumerate(patterns):
            self._numbers.setdefault(pattern[:BEGINNING], []).append(number)
        self._patterns = patterns
        self._beginnings = list(self._numbers)
        kind = Implementation.DFA if fast and sum(map(len, self._beginnings)) <= MOST_FAST_BYTES else None
        self._automaton = BytesAhoCorasick(self._beginnings, implementation=kind) if patterns else None

    def find(self, data: bytes) -> Iterator[tuple[int, int, int]]:
        """Number, start and end of every pattern at every place, those that overlap, too."""
        if self._automaton is None:
            return
        for beginning, start, _ in self._automaton.find_matches_as_indexes(data, overlapping=True):
            for number in self._numbers[self._beginnings[beginning]]:
                pattern = self._patterns[number]
                if data.startswith(pattern, start):
                    yield number, start, start + len(pattern)
