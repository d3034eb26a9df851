"""Finds substrings of canaries: values that are a part of one, or end in the beginning of one.

Apart they prove nothing. Together they may be a value that was sent in pieces (`reassemble`), or one that was
sent while it was typed (`across`).
"""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick

from hometruth.canaries.bits import weights_of
from hometruth.canaries.haystack import Values, haystacks
from hometruth.canaries.partial import Partial, may_be_cut, partial_of
from hometruth.model import Canary, Part

WINDOW = 6
"""Bytes that must be seen before anything is looked at more closely. A piece at either end of a canary needs
as many, one in the middle nearly twice as many, and then every other piece beside it is found too."""
SHORTEST_CANARY = 2 * WINDOW
"""Bytes of a value worth sending in pieces."""
SHORTEST_PIECE = 2
"""Bytes of the further pieces."""
LEAST_TELLING = 4
"""Bytes of a window that tell anything: ``https:`` and ``.html?`` are in every request."""
MAX_PIECES = 200
"""Pieces of one canary in one exchange; what repeats more often is a common word."""


Neighbours = tuple[set[bytes], set[bytes]]
"""Bytes that stand before a substring of a canary, and after it."""


class CanaryPiece(NamedTuple):
    """A substring of a canary, and where it stands."""

    canary: Canary
    index: int  # type: ignore[assignment]  # a tuple has a method of that name, which nobody needs here
    offset: int
    """Byte of the value where it begins; it goes on to the end of the value."""
    start: int
    """First byte of the canary, in lower case, that it holds."""
    end: int


class SeenPieces(NamedTuple):
    """What was seen of canaries in the values of an exchange."""

    pieces: tuple[CanaryPiece, ...] = ()
    partial: tuple[Partial, ...] = ()
    """Parts of minted values, anywhere in a value."""
    rows: tuple[tuple[CanaryPiece, ...], ...] = ()
    """Whole values, each a list of its characters."""


@dataclass(slots=True)
class _Matches:
    """Windows of canaries in the values of an exchange, those that `fits` lets pass."""

    patterns: dict[tuple[Part, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    """By part of the request, in values that may be pieces."""
    seeds: dict[tuple[int, int], list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    """By number of a minted canary and index of a value: offsets in the value and in the canary."""


class Pieces:
    """Canaries of a search, by some of their substrings."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        owners: dict[bytes, list[int]] = defaultdict(list)
        self.windows: dict[bytes, Neighbours] = {}
        """What stands for the substrings of all canaries, and what may stand around each."""
        self._canaries: list[tuple[Canary, bytes]] = []
        for canary in canaries:
            text = _text(canary)
            for window in windows_of(canary):
                owners[window].append(len(self._canaries))
                _note_neighbours(text, window, self.windows.setdefault(window, (set(), set())))
            self._canaries.append((canary, text))
        self._may_be_cut = {number for number, (canary, _) in enumerate(self._canaries) if may_be_cut(canary)}
        self._owners = list(owners.items())
        self._neighbours = list(self.windows.values())
        self._longest = max((len(text) for _, text in self._canaries), default=0)
        self._windows = BytesAhoCorasick(list(owners)) if owners else None

    def find(self, peeled: Values, without: Collection[str] = ()) -> SeenPieces:
        """Pieces of every canary of which a telling one stands in the same part of the request, and cut ones.

        Args:
            without: Ids of canaries that were found whole: their parts are no news.
        """
        if self._windows is None:
            return SeenPieces()
        indexes = {
            index: (value.part, value.name)
            for index, value in enumerate(peeled.values)
            # The address of a request says where it goes, not what it tells; echoes are seen in their parent.
            if SHORTEST_PIECE <= len(value.data) < 2 * self._longest
            and index not in peeled.echoes
            and value.part not in _ADDRESS
        }
        matches = self._matches(peeled, indexes)
        beside: dict[tuple[Part, str], list[int]] = defaultdict(list)
        for index, where in indexes.items():
            if where in matches.patterns:
                beside[where].append(index)
        found: dict[int, list[CanaryPiece]] = defaultdict(list)
        for where, patterns in matches.patterns.items():
            for number in {owner for pattern in patterns for owner in self._owners[pattern][1]}:
                if self._canaries[number][0].id not in without:
                    for index in beside[where]:
                        found[number] += _in_value(*self._canaries[number], index, peeled)
        return SeenPieces(
            tuple(
                piece
                for number in sorted(found)
                for piece in sorted(found[number], key=lambda piece: piece.start - piece.end)[:MAX_PIECES]
            ),
            tuple(self._partial(matches, peeled, without)),
        )

    def _matches(self, peeled: Values, indexes: Container[int]) -> _Matches:
        assert self._windows is not None
        matches = _Matches()
        for part in haystacks(peeled, self._longest):
            text = part.text.lower()
            for pattern, start, end in self._windows.find_matches_as_indexes(text, overlapping=True):
                if not fits(text, start, end, *self._neighbours[pattern]):
                    continue
                index, offset = part.place(start, end) or (-1, 0)
                if index in indexes:
                    value = peeled.values[index]
                    matches.patterns[value.part, value.name].add(pattern)
                window, numbers = self._owners[pattern]
                for number in self._may_be_cut.intersection(numbers):
                    matches.seeds[number, index].append((offset, self._canaries[number][1].find(window)))
        return matches

    def _partial(self, matches: _Matches, peeled: Values, without: Collection[str]) -> Iterator[Partial]:
        for (number, index), seeds in sorted(matches.seeds.items()):
            canary, text = self._canaries[number]
            if canary.id not in without:
                data = peeled.values[index].data.lower()
                if partial := partial_of(canary, text, index, data, seeds[:MAX_PIECES]):
                    yield partial


_ADDRESS = frozenset({Part.HOST, Part.PATH})


def _in_value(canary: Canary, whole: bytes, index: int, peeled: Values) -> Iterator[CanaryPiece]:
    """Places of the canary that the value is, or the beginning of it that the value ends in."""
    data = peeled.values[index].data.lower()
    if len(data) < len(whole):
        start = whole.find(data)
        while start >= 0:
            yield CanaryPiece(canary, index, 0, start, start + len(data))
            start = whole.find(data, start + 1)
    at = data.rfind(whole[:WINDOW])
    rest = len(data) - at
    if at > 0 and rest < len(whole) and data[at:] == whole[:rest] and not data[at - 1 : at].isalnum():
        yield CanaryPiece(canary, index, at, 0, rest)


def windows_of(canary: Canary) -> list[bytes]:
    """Substrings, in lower case: every piece that is long enough holds one. None of short canaries."""
    text, weights = _text(canary), weights_of(canary.value)
    telling = [at for at, weight in enumerate(weights) if weight]
    if len(text) < SHORTEST_CANARY or not telling:
        return []
    first, last = telling[0], max(telling[-1] + 1 - WINDOW, 0)
    windows = {}
    for start in (*range(first, last, WINDOW), last):
        window = text[start : start + WINDOW]
        if len(window) == WINDOW and sum(map(bool, weights[start : start + WINDOW])) >= LEAST_TELLING:
            windows[window] = start
    return list(windows)


def _text(canary: Canary) -> bytes:
    return canary.value.lower().encode("utf-8", "surrogatepass")


def _note_neighbours(text: bytes, window: bytes, neighbours: Neighbours) -> None:
    before, after = neighbours
    at = text.find(window)
    while at >= 0:
        before.add(text[max(at - 1, 0) : at])
        after.add(text[at + len(window) : at + len(window) + 1])
        at = text.find(window, at + 1)


def fits(text: bytes, start: int, end: int, before: set[bytes] | None, after: set[bytes]) -> bool:
    """True unless letters or digits go on there that do not belong to it: few bytes stand in many tokens by
    chance, but a piece of a canary is a value of its own, and the word for a salt ends its name."""
    left, right = text[max(start - 1, 0) : start], text[end : end + 1]
    return (not right.isalnum() or right in after) and (
        before is None or not left.isalnum() or left in before
    )
