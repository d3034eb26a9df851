"""Finds substrings of canaries: values that are a part of one, or end in the beginning of one.

Apart they prove nothing. Together they may be a value that was sent in pieces (`reassemble`), or one that was
sent while it was typed (`across`). What is left of one value that was cut at either end, or masked in
between, is put together here, only for values that dice made, where every character tells as much as any
other: a part of a name, an address or a number is a word that others have, too.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import log2
from types import MappingProxyType
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick

from hometruth.canaries.evidence import is_drawn, weights_of
from hometruth.canaries.haystack import SEPARATOR, Values, haystacks
from hometruth.canaries.mint import is_minted
from hometruth.model import Canary, Form, Gap, GapKind, Part

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
"""Pieces of one canary in one exchange, and places of its windows in one value; what repeats more often is a
common word."""
COMMON_SHARE, LEAST_COMMON = 0.01, 20
"""Share of a recording's requests, and their number, in which a window may stand before it is a common word:
it then says nothing of a value in pieces, unless as much stands beside it as `MOST_WINDOWS` says."""
MOST_WINDOWS = 2 / 3
"""Of what the windows of a value tell: what must be in one part of a request if all are common words."""
Words = frozenset[bytes]
"""Windows of canaries that people chose, in lower case."""


Neighbours = tuple[set[bytes], set[bytes]]
"""Bytes that stand before a substring of a canary, and after it."""
Place = tuple[bytes, int]
"""A canary in lower case, and a byte of it."""


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
    left_out: Mapping[str, int] = MappingProxyType({})
    """By id of a canary, its pieces beyond `MAX_PIECES`; phantoms are not counted."""


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
        self._windows_of: list[list[bytes]] = []
        self._shares: dict[tuple[int, tuple[bytes, ...]], float] = {}
        for canary in canaries:
            text = _text(canary)
            self._windows_of.append(windows_of(canary))
            for window in self._windows_of[-1]:
                owners[window].append(len(self._canaries))
                _note_neighbours(text, window, self.windows.setdefault(window, (set(), set())))
            self._canaries.append((canary, text))
        self._may_be_cut = {number for number, (canary, _) in enumerate(self._canaries) if may_be_cut(canary)}
        self.words = {
            window: tuple(self._places_of(window, numbers))
            for window, numbers in owners.items()
            if self._may_be_cut.isdisjoint(numbers)
        }
        """Windows of nothing that dice made, which may be words that stand in every request: for each, the
        canaries that hold it, and where."""
        self._owners = list(owners.items())
        self._owners_of = owners
        self._neighbours = list(self.windows.values())
        self._longest = max((len(text) for _, text in self._canaries), default=0)
        self._windows = BytesAhoCorasick(list(owners)) if owners else None

    def listed(self) -> Iterator[tuple[Canary, Sequence[bytes]]]:
        """Each canary with its windows."""
        yield from zip((canary for canary, _ in self._canaries), self._windows_of, strict=True)

    def strewn(self, found: Words) -> Words:
        """Those of some windows, all of one request, that are not beside most others of their canary."""
        numbers = {number for window in found for number in self._owners_of[window]}
        own = {
            number: tuple(each for each in self._windows_of[number] if each in found) for number in numbers
        }
        return frozenset(
            window
            for number, windows in own.items()
            if self._share(number, windows) < MOST_WINDOWS
            for window in windows
        )

    def _places_of(self, window: bytes, numbers: Iterable[int]) -> Iterator[Place]:
        for number in numbers:
            text = self._canaries[number][1]
            yield from ((text, at) for at in range(len(text) - WINDOW + 1) if text.startswith(window, at))

    def may_be_pieces(self, found: Words, common: Words) -> bool:
        """True if these words, all of them in one part of a request, may be of some canary in pieces."""
        numbers = {number for window in found for number in self._owners_of[window]}
        return any(self._is_telling(number, found, common) for number in numbers)

    def _is_telling(self, number: int, found: Words, common: Words) -> bool:
        """True if what was found of a canary in one part is more than common words, or enough of them."""
        if number in self._may_be_cut or not common:
            return True
        own = tuple(window for window in self._windows_of[number] if window in found)
        return any(window not in common for window in own) or self._share(number, own) >= MOST_WINDOWS

    def _are_telling(self, number: int, pieces: Sequence[CanaryPiece], common: Words) -> bool:
        """True if one of the pieces of a canary in one part holds a window, or as much as common words take:
        a window somewhere in a longer value makes no piece of what stands beside it."""
        if number in self._may_be_cut:
            return True
        text = self._canaries[number][1]
        held = {text[piece.start : piece.end] for piece in pieces}
        words = frozenset(
            window for window in self._windows_of[number] if any(window in each for each in held)
        )
        return bool(words) and self._is_telling(number, words, common)

    def _share(self, number: int, found: tuple[bytes, ...]) -> float:
        """How much of what all windows of a canary tell these do."""
        if (number, found) not in self._shares:
            canary, text = self._canaries[number]
            weights = weights_of(canary.value)
            told, whole = (
                sum(
                    weights[at] for at in {text.find(window) + n for window in windows for n in range(WINDOW)}
                )
                for windows in (found, self._windows_of[number])
            )
            self._shares[number, found] = told / whole
        return self._shares[number, found]

    def find(self, peeled: Values, without: Collection[str] = (), common: Words = frozenset()) -> SeenPieces:
        """Pieces of every canary of which a telling one stands in the same part of the request, and cut ones.

        Args:
            without: Ids of canaries that were found whole: their parts are no news.
            common: Words that tell nothing alone, since they stand in many requests.
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
        lowered: dict[int, bytes] = {}
        for index, where in indexes.items():
            if where in matches.patterns:
                beside[where].append(index)
                lowered[index] = peeled.values[index].data.lower()
        found: dict[int, list[CanaryPiece]] = defaultdict(list)
        for where, patterns in matches.patterns.items():
            words = frozenset(self._owners[pattern][0] for pattern in patterns)
            for number in {owner for pattern in patterns for owner in self._owners[pattern][1]}:
                is_news = self._canaries[number][0].id not in without
                if is_news and self._is_telling(number, words, common):
                    pieces = [*_in_values(*self._canaries[number], beside[where], lowered)]
                    if self._are_telling(number, pieces, common):
                        found[number] += pieces
        return SeenPieces(
            tuple(
                piece
                for number in sorted(found)
                for piece in sorted(found[number], key=lambda piece: piece.start - piece.end)[:MAX_PIECES]
            ),
            tuple(self._partial(matches, peeled, without)),
            left_out=self._left_out(found, matches, without),
        )

    def _left_out(
        self, found: Mapping[int, Sequence[CanaryPiece]], matches: _Matches, without: Collection[str]
    ) -> dict[str, int]:
        """Pieces, or places, that `MAX_PIECES` leaves out, of each canary that is no phantom."""
        left: dict[str, int] = {}
        seen = chain(found.items(), ((number, seeds) for (number, _), seeds in matches.seeds.items()))
        for number, pieces in seen:
            canary, _ = self._canaries[number]
            if len(pieces) > MAX_PIECES and not canary.phantom and canary.id not in without:
                left[canary.id] = max(left.get(canary.id, 0), len(pieces) - MAX_PIECES)
        return left

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
_QUOTES, _AROUND, _DIGITS = b'\0"', b" \t\r\n,:[]{}", b"-0123456789"
"""What stands beside strings of JSON, and beside its numbers."""


def may_hold_pieces(part: Part) -> bool:
    """False for the address of a request, which says where it goes."""
    return part not in _ADDRESS


class WordCount:
    """Counts the requests in which words of canaries stand, so that common ones are known beforehand."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._pieces = Pieces(canary for canary in canaries if not may_be_cut(canary))
        self._words = [*self._pieces.windows.items()]
        self._patterns = BytesAhoCorasick([word for word, _ in self._words]) if self._words else None
        self._requests: Counter[bytes] = Counter()
        self.n_requests = 0

    def __bool__(self) -> bool:
        """False if there is nothing to count."""
        return bool(self._words)

    def add(self, parts: Iterable[bytes]) -> None:
        """Count one request by those of its parts that may hold pieces.

        Words of a canary that is there, or most of it, are not counted: not they are what is common.
        """
        self.n_requests += 1
        text = SEPARATOR.join(parts).lower()
        matches = self._patterns.find_matches_as_indexes(text, overlapping=True) if self._patterns else ()
        found = frozenset(
            self._words[word][0]
            for word, start, end in matches
            if fits(text, start, end, *self._words[word][1])
        )
        self._requests.update(self._pieces.strewn(found))

    def common(self) -> Words:
        """Words in more requests than a word may be in."""
        most = max(LEAST_COMMON, COMMON_SHARE * self.n_requests)
        return frozenset(word for word, n in self._requests.items() if n > most)

    def gaps(self, where: str) -> Iterator[Gap]:
        """What is left out for being common: for each canary, its words."""
        common = self.common()
        for canary, windows in self._pieces.listed():
            words = [
                f"{word.decode('utf-8', 'replace')!r} in {self._requests[word]}"
                for word in windows
                if word in common
            ]
            if words:
                detail = (
                    f"pieces of {canary.id} with common words alone were not compared: of {self.n_requests} "
                    f"requests, {', '.join(words)}"
                )
                yield Gap(GapKind.BUDGET, where, detail)


def _in_values(
    canary: Canary, whole: bytes, indexes: Iterable[int], lowered: Mapping[int, bytes]
) -> Iterator[CanaryPiece]:
    """Pieces of a canary that values are, or end in; *lowered* are their bytes."""
    beginning = whole[:WINDOW]
    for index in indexes:
        data = lowered[index]
        if data in whole or beginning in data:  # of most values, neither
            yield from _in_value(canary, whole, index, data)


def _in_value(canary: Canary, whole: bytes, index: int, data: bytes) -> Iterator[CanaryPiece]:
    """Places of the canary that the value is, or the beginning of it that the value ends in."""
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


def may_be_piece(text: bytes, start: int, end: int, places: Iterable[Place]) -> bool:
    """True if a window, from *start* to *end*, may be in a value that is a piece of one of these canaries.

    A piece is a whole value, or ends one (`_in_value`). In a *text* values begin and end where it does, at a
    zero byte, at the quotes of JSON, and around one of its numbers; whatever else is cut out of it is a text
    of its own.
    """
    return any(_reaches_ends(text, start, end, *place) for place in places)


def _reaches_ends(text: bytes, start: int, end: int, whole: bytes, at: int) -> bool:
    """True if the canary goes on around a window, at its byte *at*, until a value may end at both sides."""
    # Asked of every word in a recording: most of them end at the first byte that is compared.
    right, last, size = end, end - start + at, len(text)
    while right < size:
        byte = text[right]
        if byte in _QUOTES or (byte in _AROUND and text[right - 1] in _DIGITS):
            break
        if last == len(whole) or byte != whole[last]:
            return False
        right, last = right + 1, last + 1
    left = start
    while left:
        byte = text[left - 1]
        if byte in _QUOTES or (byte in _AROUND and text[left] in _DIGITS):
            break
        if not at:
            return not text[left - 1 : left].isalnum()
        if byte != whole[at - 1]:
            return False
        left, at = left - 1, at - 1
    return True


def fits(text: bytes, start: int, end: int, before: set[bytes] | None, after: set[bytes]) -> bool:
    """True unless letters or digits go on there that do not belong to it: few bytes stand in many tokens by
    chance, but a piece of a canary is a value of its own, and the word for a salt ends its name."""
    left, right = text[max(start - 1, 0) : start], text[end : end + 1]
    return (not right.isalnum() or right in after) and (
        before is None or not left.isalnum() or left in before
    )
