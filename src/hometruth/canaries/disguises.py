"""How values look under encodings that a search sees through; and finds them under disguises with a key.

Base64 has three images of a value, one for each position of the value among groups of three bytes; only the
characters that do not depend on the neighbours are kept.

Keys are not tried: XOR with one byte leaves the XOR of neighbouring bytes as it was, adding to each leaves
their difference, moving letters round the alphabet the distance of neighbouring letters. All three are
computed for all bytes at once, as one large number, and searched.
"""

import base64
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation

from hometruth.canaries.masks import Masks, differences
from hometruth.forms import LETTER_MAPS
from hometruth.model import Canary

SHORTEST_IMAGE = 10
"""Characters; shorter images of short values are in every long base64 text by chance."""
SHORTEST = 8
"""Bytes of a value that can be told from chance although a key is fitted to it."""
LEAST_DISTINCT = 5
"""Different neighbours in a value: one letter repeated is under every key everywhere."""
LEAST_LETTERS = 6
"""Neighbouring letters in a value that moving letters would change."""
_LETTERS = 26
_MIXED, _NO_LETTERS = 50, 51
_OTHER = 100
MOST_FAST_BYTES = 50_000
"""Bytes of patterns up to which a table of all transitions is made: it takes half a kilobyte for each, and a
third of the time."""


def images_of(value: str) -> Iterator[tuple[str, bytes]]:
    """Pairs (encoding, bytes) of the value as it is and lower-cased."""
    for text in dict.fromkeys((value, value.lower())):
        data = text.encode("utf-8", "surrogatepass")
        for name, image in _images(text, data):
            if len(image) >= SHORTEST_IMAGE and image != data:
                yield name, image


def _images(text: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    for shift in range(3):
        standard = _base64_at(data, shift)
        yield "base64", standard
        url_safe = standard.translate(bytes.maketrans(b"+/", b"-_"))
        if url_safe != standard:
            yield "base64", url_safe
    yield "hex", data.hex().encode()
    yield "hex", data.hex().upper().encode()
    yield "utf-16", text.encode("utf-16-le", "surrogatepass")
    yield "utf-16", text.encode("utf-16-be", "surrogatepass")
    yield "reversed", data[::-1]


def _base64_at(data: bytes, shift: int) -> bytes:
    """Base64 of *data* that begins *shift* bytes into a group, without characters that others share."""
    encoded = base64.b64encode(bytes(shift) + data).rstrip(b"=")
    first = (0, 2, 3)[shift]
    last = len(encoded) if (shift + len(data)) % 3 == 0 else len(encoded) - 1
    return encoded[first:last]


class Disguise(NamedTuple):
    """A value that may hold a canary under a disguise, which disguise, and its key."""

    index: int  # type: ignore[assignment]  # a tuple has a method of that name, which nobody needs here
    layer: str
    key: str


class Disguises:
    """Values of a set of canaries as they look through each disguise."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        xor: dict[bytes, bytes] = {}
        add: dict[bytes, bytes] = {}
        rot: dict[bytes, bytes] = {}
        direct: dict[bytes, list[tuple[str, str]]] = defaultdict(list)
        for canary in canaries:
            for target in _targets(canary):
                steps = xor_steps(target)[1:]
                if len(set(steps)) >= LEAST_DISTINCT:
                    xor.setdefault(steps, target)
                    add.setdefault(differences(target)[1:], target)
                moves = letter_steps(target)[1:]
                if sum(move < _LETTERS for move in moves) >= LEAST_LETTERS:
                    rot.setdefault(moves, target)
                for turned in {_reversed(target), target[::-1]}:  # by characters, by bytes
                    direct[turned].append(("reverse", ""))
                for name, letters in LETTER_MAPS.items():
                    if (written := letters.write(target)) != target:
                        direct[written].append(("letter-map", name))
        self._xor, self._add, self._rot = list(xor.values()), list(add.values()), list(rot.values())
        self._direct = list(direct.values())
        self.unkeyed = tuple(direct)
        """What values look like through disguises without a key to fit."""
        self._masks = Masks(list(self._xor))
        self._find_xor = _automaton(xor) if xor else None
        self._find_add = _automaton(add) if add else None
        self._find_rot = _automaton(rot) if rot else None
        self._find_direct = BytesAhoCorasick(list(direct)) if direct else None

    def find(self, text: bytes) -> Iterator[tuple[int, int, str, str]]:
        """Start, end, disguise and key of every place in *text*."""
        if self._find_direct:
            for pattern, start, end in self._find_direct.find_matches_as_indexes(text, overlapping=True):
                yield from ((start, end, layer, key) for layer, key in self._direct[pattern])
        yield from self.find_fitted(text)

    def find_masks(self, data: bytes) -> Iterator[tuple[str, str]]:
        """Disguise and key of masks over bytes that nothing opens: longer keys, and rolling ones."""
        return self._masks.find(data)

    def find_fitted(self, text: bytes) -> Iterator[tuple[int, int, str, str]]:
        """The same, of disguises whose key is fitted to what was found."""
        if self._find_xor:
            steps = xor_steps(text)
            for pattern, start, end in self._find_xor.find_matches_as_indexes(steps, overlapping=True):
                key = text[start - 1] ^ self._xor[pattern][0]
                if key and start:
                    yield start - 1, end, "xor", f"0x{key:02x}"
        if self._find_add:
            steps = differences(text)
            for pattern, start, end in self._find_add.find_matches_as_indexes(steps, overlapping=True):
                by = start and (text[start - 1] - self._add[pattern][0]) % 256
                if by:
                    yield start - 1, end, "add", str(by)
        if self._find_rot:
            steps = letter_steps(text)
            for pattern, start, end in self._find_rot.find_matches_as_indexes(steps, overlapping=True):
                by = start and _rotation(text[start - 1 : end], self._rot[pattern])
                if by:
                    yield start - 1, end, "rot", str(by)


def _automaton(patterns: Collection[bytes]) -> BytesAhoCorasick:
    few = sum(map(len, patterns)) <= MOST_FAST_BYTES
    return BytesAhoCorasick(list(patterns), implementation=Implementation.DFA if few else None)


def xor_steps(data: bytes) -> bytes:
    """Each byte XOR the one before it; the first is as it was."""
    number = int.from_bytes(data)
    return (number ^ number >> 8).to_bytes(len(data))


def letter_steps(data: bytes) -> bytes:
    """How far each letter is from the one before it, of either case; the first byte says nothing."""
    here = int.from_bytes(data.translate(_HERE))
    before = int.from_bytes(data.translate(_BEFORE)) >> 8
    return (here + before).to_bytes(len(data)).translate(_STEPS)


def _targets(canary: Canary) -> Iterator[bytes]:
    for text in dict.fromkeys((canary.value, canary.value.lower())):
        data = text.encode("utf-8", "surrogatepass")
        if len(data) >= SHORTEST:
            yield data
    if not canary.phantom:
        yield from (image for name, image in images_of(canary.value) if name == "base64")


def _reversed(data: bytes) -> bytes:
    return data.decode("utf-8", "surrogatepass")[::-1].encode("utf-8", "surrogatepass")


def _rotation(found: bytes, target: bytes) -> int:
    """By how much every letter of *found* was moved from *target*; 0 if it was not, or something differs."""
    moved = set()
    for byte, meant in zip(found.lower(), target.lower(), strict=True):
        if 0x61 <= meant <= 0x7A:
            moved.add((byte - meant) % _LETTERS)
        elif byte != meant:
            return 0
    return moved.pop() if len(moved) == 1 else 0


def _table(of: Callable[[int], int], other: int) -> bytes:
    letters = {byte: of((byte | 0x20) - 0x61) for byte in (*range(0x41, 0x5B), *range(0x61, 0x7B))}
    return bytes(letters.get(byte, other) for byte in range(256))


def _step(total: int) -> int:
    if total < 2 * _LETTERS:
        return total % _LETTERS
    return _NO_LETTERS if total == 2 * _OTHER else _MIXED


_HERE = _table(lambda letter: letter, _OTHER)
_BEFORE = _table(lambda letter: _LETTERS - letter, _OTHER)
_STEPS = bytes(_step(total) for total in range(256))
"""Sums of a byte and the one before it: two letters below 52, one at 100 to 126, none at 200."""
