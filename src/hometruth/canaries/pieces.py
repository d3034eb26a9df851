"""Finds substrings of canaries: values that are a part of one, or end in the beginning of one.

Apart they prove nothing. Together they may be a value that was sent in pieces (`reassemble`), or one that was
sent while it was typed (`across`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick

from hometruth.canaries.bits import weights_of
from hometruth.canaries.haystack import Values
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


class Piece(NamedTuple):
    """A substring of a canary, and where it stands."""

    canary: Canary
    index: int  # type: ignore[assignment]  # a tuple has a method of that name, which nobody needs here
    offset: int
    """Byte of the value where it begins; it goes on to the end of the value."""
    start: int
    """First byte of the canary, in lower case, that it holds."""
    end: int


class Pieces:
    """Canaries of a search, by some of their substrings."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        windows: dict[bytes, list[int]] = defaultdict(list)
        self.windows: dict[bytes, Neighbours] = {}
        """What stands for the substrings of all canaries, and what may stand around each."""
        self._canaries: list[tuple[Canary, bytes]] = []
        for canary in canaries:
            text = _text(canary)
            for window in windows_of(canary):
                windows[window].append(len(self._canaries))
                _note_neighbours(text, window, self.windows.setdefault(window, (set(), set())))
            self._canaries.append((canary, text))
        self._owners = list(windows.values())
        self._neighbours = list(self.windows.values())
        self._longest = max((len(text) for _, text in self._canaries), default=0)
        self._windows = BytesAhoCorasick(list(windows)) if windows else None

    def find(self, peeled: Values) -> list[Piece]:
        """Pieces of every canary of which a telling one stands in the same part of the request."""
        if self._windows is None:
            return []
        indexes = [
            index
            for index, value in enumerate(peeled.values)
            # The address of a request says where it goes, not what it tells; echoes are seen in their parent.
            if SHORTEST_PIECE <= len(value.data) < 2 * self._longest
            and index not in peeled.echoes
            and value.part not in _ADDRESS
        ]
        parts: dict[tuple[Part, str], list[int]] = defaultdict(list)
        for index in indexes:
            parts[peeled.values[index].part, peeled.values[index].name].append(index)
        found: dict[int, list[Piece]] = defaultdict(list)
        for beside in parts.values():
            text = b"\0".join(peeled.values[index].data for index in beside).lower()
            seen = {
                pattern
                for pattern, start, end in self._windows.find_matches_as_indexes(text, overlapping=True)
                if fits(text, start, end, *self._neighbours[pattern])
            }
            for number in {owner for pattern in seen for owner in self._owners[pattern]}:
                for index in beside:
                    found[number] += _in_value(*self._canaries[number], index, peeled)
        return [
            piece
            for number in sorted(found)
            for piece in sorted(found[number], key=lambda piece: piece.start - piece.end)[:MAX_PIECES]
        ]


_ADDRESS = frozenset({Part.HOST, Part.PATH})


def _in_value(canary: Canary, whole: bytes, index: int, peeled: Values) -> Iterator[Piece]:
    """Places of the canary that the value is, or the beginning of it that the value ends in."""
    data = peeled.values[index].data.lower()
    if len(data) < len(whole):
        start = whole.find(data)
        while start >= 0:
            yield Piece(canary, index, 0, start, start + len(data))
            start = whole.find(data, start + 1)
    at = data.rfind(whole[:WINDOW])
    rest = len(data) - at
    if at > 0 and rest < len(whole) and data[at:] == whole[:rest] and not data[at - 1 : at].isalnum():
        yield Piece(canary, index, at, 0, rest)


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
