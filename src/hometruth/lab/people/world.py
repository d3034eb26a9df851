"""What there is to visit, to search for and to listen to: names made up by counting, nothing real.

How popular a thing is falls with its rank as in Zipf's law, with exponents that are invented.
"""

from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate
from random import Random

SYLLABLES = ("ba", "do", "fe", "gi", "ka", "lu", "mo", "ne", "pi", "ra", "so", "ta", "ve", "wi", "zu")
GIVEN, FAMILY = 2, 3
"""Syllables of a made-up name."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Things of one sort, the most popular first."""

    template: str
    size: int
    exponent: float
    """Of Zipf's law. Invented."""

    def name(self, rank: int) -> str:
        """The thing of that rank, counted from 1."""
        return self.template.format(rank=rank)


SHELVES = {
    "page": Shelf("https://site-{rank:04d}.sites.example/", 2000, 0.9),
    "search": Shelf("topic {rank:04d}", 3000, 0.8),
    "item": Shelf("news-{rank:05d}", 5000, 0.7),
    "video": Shelf("video-{rank:05d}", 5000, 0.8),
    "song": Shelf("Song {rank:05d}", 8000, 0.9),
    "folder": Shelf("Folder {rank:02d}", 40, 0.7),
    "setting": Shelf("settings page {rank:02d}", 30, 0.7),
    "tap": Shelf("app {rank:03d}", 300, 0.8),
}
"""Sizes and exponents are invented."""


class Zipf:
    """Draws ranks from 1 to *size*, each with a probability proportional to rank to the power -exponent."""

    def __init__(self, size: int, exponent: float) -> None:
        self._sums = list(accumulate((rank + 1) ** -exponent for rank in range(size)))

    def draw(self, rng: Random) -> int:
        """One rank."""
        return bisect(self._sums, rng.random() * self._sums[-1]) + 1

    def draw_distinct(self, rng: Random, n: int) -> tuple[int, ...]:
        """*n* different ranks in the order in which they came; at most half of all there are."""
        assert n <= len(self._sums) // 2, "drawing most of a shelf one by one takes for ever"
        drawn: dict[int, None] = {}
        while len(drawn) < n:
            drawn.setdefault(self.draw(rng))
        return tuple(drawn)


def made_up_name(rng: Random) -> str:
    """A given and a family name that nobody has, as far as we know."""

    def word(n: int) -> str:
        return "".join(rng.choice(SYLLABLES) for _ in range(n)).capitalize()

    return f"{word(GIVEN)} {word(FAMILY)}"
