"""The strings that sifting comes across, each once, and which came out of which."""

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

SHORTEST = 4
"""Bytes; nothing shorter is looked for."""
LONGEST_KNOWN = 1 << 12
"""Bytes of a string that is remembered; what repeats from request to request is short."""
MOST_KNOWN_BYTES = 24 << 20
"""Bytes of all that is remembered, then it is forgotten."""
OBJECT_BYTES = 100
"""Bytes that remembering a string takes besides its own."""


class _Words(dict[bytes, int]):
    """Numbers of words, each given when it is first asked for; -1 for those known to be empty."""

    def __init__(self, empty: Container[bytes]) -> None:
        super().__init__()
        self.count = 0
        self._empty = empty

    def __missing__(self, word: bytes) -> int:
        if word in self._empty:
            number = -1
        else:
            number = self.count
            self.count += 1
        self[word] = number
        return number


class Nodes:
    """A graph: a string is suspect if one that came out of it is."""

    def __init__(self) -> None:
        self.empty: set[bytes] = set()
        """Strings of earlier batches that were sifted and held nothing."""
        self._empty_words: set[bytes] = set()
        """Words that were decoded, and nothing was in what came out."""
        self._known_bytes = 0
        self.begin()

    def begin(self) -> None:
        """Start a batch."""
        if self._known_bytes > MOST_KNOWN_BYTES:
            self.empty, self._empty_words, self._known_bytes = set(), set(), 0
        self._numbers: dict[bytes, int] = {}
        self._words = _Words(self._empty_words)
        self._parents: list[int] = []
        self._children: list[int] = []
        self._suspect: set[int] = set()
        self._opaque: set[int] = set()
        self._damaged: set[int] = set()
        self._words_held: set[tuple[int, bytes]] = set()
        self._held: list[tuple[Sequence[bytes], NDArray[np.uint64]]] = []
        """After `settle`: words, and for each string a bit for each of them that it holds."""
        self._weak: set[int] = set()
        """Links, by their place, to a reading that is a guess beside another of the same bytes."""
        self._links: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]] = []
        """Links to words: from, to, and whether to a guess."""
        self._waiting: list[tuple[int, bytes]] = []
        self._closed: list[tuple[int, bytes]] = []
        self._count = 0

    def add(self, data: bytes) -> int:
        """The number of a string, which will be sifted if it is new; -1 if it is known to be empty."""
        if len(data) < SHORTEST or data in self.empty:
            return -1
        number = self._numbers.get(data)
        if number is None:
            number = self._numbers[data] = self._count
            self._count += 1
            self._waiting.append((number, data))
        return number

    def child(self, parent: int, data: bytes, *, guess: bool = False) -> None:
        """Note that a string came out of another; as a *guess*, if another reading says what is damaged."""
        number = self.add(data)
        if number >= 0:
            if guess:
                self._weak.add(len(self._parents))
            self._parents.append(parent)
            self._children.append(number)

    def closed_child(self, parent: int, data: bytes) -> None:
        """Note a string that is only searched, not sifted further."""
        self._closed.append((parent, data))

    def closed(self) -> list[tuple[int, bytes]]:
        """Strings only to be searched, each with the number of the one it came out of."""
        closed, self._closed = self._closed, []
        return closed

    def words(
        self, parents: NDArray[np.int64], words: Sequence[bytes], guesses: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], list[bytes], NDArray[np.int64]]:
        """Note words in strings, which are to be decoded, once each.

        Args:
            parents: The string each is in.
            words: The words, some of them more than once.
            guesses: True for those that another reading of the same bytes stands beside.

        Returns:
            Of the words that are new: the place of each among *words*, the word, and its number.
        """
        known = self._words
        n_known = len(known)
        known.count = self._count
        numbers = np.fromiter(map(known.__getitem__, words), np.int64, len(words))
        first = self._count
        self._count = known.count
        linked = numbers >= 0
        self._links.append((parents[linked], numbers[linked], guesses[linked]))
        before = np.maximum.accumulate(np.concatenate([[first - 1], numbers]))[:-1]
        new = np.flatnonzero(numbers > before)
        return new, [word for word in islice(known, n_known, None) if known[word] >= 0], numbers[new]

    def next_round(self) -> list[tuple[int, bytes]]:
        """Strings not sifted yet."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def suspect(self, number: int) -> None:
        """Note that a string may hold something."""
        self._suspect.add(number)

    def damaged(self, number: int) -> None:
        """Note that a string could not be read to its end, which is a gap unless it is a guess."""
        self._damaged.add(number)

    def opaque(self, number: int) -> None:
        """Note that of a string, some may be opaque."""
        self._opaque.add(number)

    def word(self, number: int, word: bytes) -> None:
        """Note that a string holds a word, which is something only beside others."""
        self._words_held.add((number, word))

    def words_held(self, number: int) -> frozenset[bytes]:
        """Words in a string and in what came out of it; after `settle`."""
        if number < 0 or not self._held:
            return frozenset()
        return frozenset(
            word
            for words, bits in self._held
            if bits[number]
            for place, word in enumerate(words)
            if int(bits[number]) >> place & 1
        )

    def suspect_all(self, numbers: Iterable[int]) -> None:
        """Note that some may."""
        self._suspect.update(numbers)

    def settle(self) -> None:
        """Carry suspicion from each string to those it came out of, and remember what is beyond it."""
        if self._suspect or self._damaged or self._opaque or self._words_held:
            links = np.array([self._parents, self._children], np.int64)
            strong = np.ones(links.shape[1], bool)
            strong[list(self._weak)] = False
            if self._links:
                parents, children, guesses = (np.concatenate(each) for each in zip(*self._links, strict=True))
                links = np.concatenate([links, [parents, children]], axis=1)
                strong = np.concatenate([strong, ~guesses])
            suspect = self._spread(self._suspect, links) | self._spread(self._damaged, links[:, strong])
            self._suspect = set(np.flatnonzero(suspect).tolist())
            self._opaque = set(np.flatnonzero(self._spread(self._opaque, links)).tolist())
            self._held = [*self._spread_words(links)]
        known = self._suspect | self._opaque
        for _, bits in self._held:
            known.update(np.flatnonzero(bits).tolist())
        for strings, empty in ((self._numbers, self.empty), (self._words, self._empty_words)):
            fresh = [
                data
                for data, number in strings.items()
                if number >= 0 and number not in known and len(data) <= LONGEST_KNOWN
            ]
            empty.update(fresh)
            self._known_bytes += sum(map(len, fresh)) + OBJECT_BYTES * len(fresh)

    def is_suspect(self, number: int) -> bool:
        """True if a string may hold something; after `settle`."""
        return number in self._suspect

    def opaque_strings(self) -> set[bytes]:
        """Strings of this batch of which some may be opaque; after `settle`."""
        return {data for data, number in self._numbers.items() if number in self._opaque}

    def long_words(self, numbers: Container[int], shortest: int) -> set[bytes]:
        """Words of this batch that are as long, and among these."""
        return {word for word, number in self._words.items() if len(word) >= shortest and number in numbers}

    def is_opaque(self, number: int) -> bool:
        """True if some of a string may be opaque; after `settle`."""
        return number in self._opaque

    def _spread(self, numbers: set[int], links: NDArray[np.int64]) -> NDArray[np.bool_]:
        """True for these strings, what they came out of, and what that came out of."""
        reached = np.zeros(self._count, bool)
        reached[list(numbers)] = True
        parents, children = links
        n_reached = 0
        while (now := int(reached.sum())) > n_reached:
            n_reached = now
            reached[parents[reached[children]]] = True
        return reached

    def _spread_words(self, links: NDArray[np.int64]) -> Iterator[tuple[Sequence[bytes], NDArray[np.uint64]]]:
        """The words of each string with those of what came out of it, as many at a time as there are bits."""
        words = sorted({word for _, word in self._words_held})
        parents, children = links
        for first in range(0, len(words), 64):
            some = words[first : first + 64]
            places = {word: place for place, word in enumerate(some)}
            bits = np.zeros(self._count, np.uint64)
            for number, word in self._words_held:
                if word in places:
                    bits[number] |= np.uint64(1 << places[word])
            while True:
                before = bits.copy()
                hit = np.flatnonzero(bits[children])
                np.bitwise_or.at(bits, parents[hit], bits[children[hit]])
                if np.array_equal(bits, before):
                    break
            yield some, bits
