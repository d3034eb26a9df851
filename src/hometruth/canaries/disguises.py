"""How values look under encodings that a search sees through; and finds them under disguises with a key.

Base64 has three images of a value, one for each position of the value among groups of three bytes; only the
characters that do not depend on the neighbours are kept.

Keys are not tried: XOR with one byte leaves the XOR of neighbouring bytes as it was, adding to each leaves
their difference, moving letters round the alphabet the distance of neighbouring letters. All three are
computed for all bytes at once, as one large number, and searched. A key of several bytes (a mask) that
begins again at its end leaves bytes as many apart, XORed with each other, as they were; the key is what is
left over. Only bytes that are no text, and that nothing opens, are tried for one.
"""

import base64
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick

from hometruth.canaries.beginnings import Beginnings
from hometruth.forms import LETTER_MAPS
from hometruth.model import Canary

SHORTEST_MASKED = 24
"""Bytes under a mask; fewer say nothing of a key."""
LONGEST_MASKED = 1 << 16
"""Bytes of a value that are looked at; what is longer stays opaque, which is told."""
SAMPLE = 512
"""Bytes from which it is told whether a mask of such a length can be over text."""
MOST_UNLIKE = 0.2
"""Share of bytes whose highest bit differs from that of the byte a key's length before it: text has none but
where letters beyond ASCII begin or end; chance has half."""
LONGEST_KEY = 32
"""Bytes of a key that begins again at its end."""
LEAST_BEYOND = 5
"""Bytes of a value that are left to be recognised when a key was fitted to the first ones."""
_CONTROL = bytes(byte for byte in (*range(32), 127) if byte not in b"\t\r\n")
_TOP = b"0" * 128 + b"1" * 128
_PLACES = bytes(range(256))
_BACKWARD = bytes(-place % 256 for place in range(256))


def may_be_masked(data: bytes) -> bool:
    """True for bytes that are no text, as many as a key can be told from."""
    return SHORTEST_MASKED <= len(data) <= LONGEST_MASKED and not _is_text(data)


def _is_text(data: bytes) -> bool:
    if len(data.translate(None, _CONTROL)) < len(data):
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


class Masks:
    """Values of a set of canaries, as they show through masks."""

    def __init__(self, targets: Sequence[bytes]) -> None:
        self._targets = targets
        self._by_period: dict[int, tuple[list[bytes], Beginnings]] = {}
        self._by_difference: tuple[list[bytes], Beginnings] | None = None

    def find(self, data: bytes) -> Iterator[tuple[str, str]]:
        """Disguise and key of every mask in which a value shows."""
        if not SHORTEST_MASKED <= len(data) <= LONGEST_MASKED:
            return
        for name in _likely_rolling(data[:SAMPLE]):
            yield from (("rolling", f"{name}+{key}") for key in self._constants(name, _unrolled(name, data)))
        for period in _likely_periods(data[:SAMPLE]):
            if period > 1:
                yield from (("xor", "0x" + key.hex()) for key in self._repeated(data, period))

    def _constants(self, name: str, data: bytes) -> Iterator[str]:
        if name == "xor":
            yield from (f"0x{key[0]:02x}" for key in self._repeated(data, 1))
        else:
            yield from (str(by) for by in self._added(data))

    def _repeated(self, data: bytes, period: int) -> Iterator[bytes]:
        """Keys of such a length, as they are at the first byte.

        Each byte of a key is fitted to one of the value and borne out by another.
        """
        if period not in self._by_period:
            self._by_period[period] = _compiled(
                [target for target in self._targets if len(target) >= 2 * period],
                lambda target: apart(target, period)[period:],
                LEAST_BEYOND,
            )
        targets, beginnings = self._by_period[period]
        for number, start, _ in beginnings.find(apart(data, period)):
            at = start - period
            if at >= 0:
                key = bytes(data[at + n] ^ targets[number][n] for n in range(period))
                turned = at % period
                key = key[period - turned :] + key[: period - turned]
                if len(set(key)) > 1 or (period == 1):
                    yield key

    def _added(self, data: bytes) -> Iterator[int]:
        if self._by_difference is None:
            self._by_difference = _compiled(
                self._targets, lambda target: differences(target)[1:], LEAST_BEYOND
            )
        targets, beginnings = self._by_difference
        for number, start, _ in beginnings.find(differences(data)):
            if start:
                yield (data[start - 1] - targets[number][0]) % 256


def apart(data: bytes, period: int) -> bytes:
    """Each byte XOR the one so many places before it; the first ones are as they were."""
    number = int.from_bytes(data)
    return (number ^ number >> 8 * period).to_bytes(len(data))


def differences(data: bytes) -> bytes:
    """Each byte less the one before it, modulo 256; the first is as it was."""
    return _less(data, b"\0" + data[:-1])


def _less(data: bytes, other: bytes) -> bytes:
    """Each byte less the other's, without a borrow from the next one."""
    tops = int.from_bytes(b"\x80" * len(data))
    one, two = int.from_bytes(data), int.from_bytes(other)
    low = (one | tops) - (two & ~tops)
    return (low ^ ((one ^ ~two) & tops)).to_bytes(len(data))


def _unrolled(name: str, data: bytes) -> bytes:
    """What is under a mask that depends on the place alone."""
    times = len(data) // 256 + 1
    places = (_PLACES * times)[: len(data)]
    if name == "xor":
        return (int.from_bytes(data) ^ int.from_bytes(places)).to_bytes(len(data))
    return _less(data, places if name == "add" else (_BACKWARD * times)[: len(data)])


class _SampleBits(NamedTuple):
    """For samples of some size: what is asked of all of them."""

    tops: int
    """The highest bit of each byte."""
    places: tuple[tuple[str, int], ...]
    """The places of the bytes, as each rolling mask has them."""
    periods: tuple[tuple[int, int, float], ...]
    """Places so far apart, the bits that are compared then, and how many may be unlike."""


@lru_cache(maxsize=SAMPLE)
def _sample_bits(size: int) -> _SampleBits:
    places = (_PLACES * (SAMPLE // 256))[:size]
    backward = (_BACKWARD * (SAMPLE // 256))[:size]
    return _SampleBits(
        int.from_bytes(b"\x80" * size),
        (("xor", int.from_bytes(places)), ("add", int.from_bytes(places)), ("sub", int.from_bytes(backward))),
        tuple(
            (period, (1 << size - period) - 1, MOST_UNLIKE * (size - period))
            for period in range(1, min(LONGEST_KEY, size - SHORTEST_MASKED // 2) + 1)
        ),
    )


def _likely_rolling(sample: bytes) -> list[str]:
    """Masks that depend on the place, under which nearly all bytes have the highest bit of the one before.

    Or, where a constant was added besides, which moves text across that bit, are as near to it as in text.
    """
    sample_bits = _sample_bits(len(sample))
    tops, (_, _, most) = sample_bits.tops, sample_bits.periods[0]
    number = int.from_bytes(sample)
    likely = []
    near = _near(sample)
    for name, places in sample_bits.places:
        bits = number ^ places
        if name != "xor":
            bits = ((number | tops) - (places & ~tops)) ^ ((number ^ ~places) & tops)
        if name in near or ((bits ^ bits >> 8) & tops >> 8).bit_count() <= most:
            likely.append(name)
    return likely


def _near(sample: bytes) -> list[str]:
    """Masks under which nearly all bytes are as near to the one before as characters of ASCII are.

    What the place adds is one more, or less, from byte to byte.
    """
    steps = differences(sample[:NEAR_SAMPLE])[1:]
    most = MOST_FAR * len(steps)
    return [name for name, near in _NEAR.items() if len(steps.translate(None, near)) <= most]


NEAR_SAMPLE = 128
"""Bytes."""
MOST_FAR = 0.1
"""Share of bytes; of random ones, 1 in 4 is."""
_NEAR = {
    name: bytes(byte for byte in range(256) if min((byte - by) % 256, (by - byte) % 256) < 95)
    for name, by in (("add", 1), ("sub", -1))
}


def _likely_periods(sample: bytes) -> list[int]:
    """Numbers of places so far apart that nearly all bytes have the highest bit of the one before."""
    tops = int(sample.translate(_TOP), 2)
    return [
        period
        for period, bits, most in _sample_bits(len(sample)).periods
        if ((tops ^ tops >> period) & bits).bit_count() <= most
    ]


def _compiled(
    targets: Sequence[bytes], of: Callable[[bytes], bytes], least: int
) -> tuple[list[bytes], Beginnings]:
    patterns: dict[bytes, bytes] = {}
    for target in targets:
        pattern = of(target)
        if len(pattern) >= least and len(set(pattern)) >= least:
            patterns.setdefault(pattern, target)
    return list(patterns.values()), Beginnings(list(patterns))


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
                elif sum(map(_is_letter, target)) >= LEAST_LETTERS:  # digits between most of them
                    for by in range(1, _LETTERS):
                        direct[_moved(target, by)].append(("rot", str(by)))
                for turned in {_reversed(target), target[::-1]}:  # by characters, by bytes
                    direct[turned].append(("reverse", ""))
                for name, letters in LETTER_MAPS.items():
                    if (written := letters.write(target)) != target:
                        direct[written].append(("letter-map", name))
        self._xor, self._add, self._rot = list(xor.values()), list(add.values()), list(rot.values())
        self._direct = list(direct.values())
        self.unkeyed = tuple(direct)
        """What values look like through disguises without a key to fit."""
        self.fitted = (list(xor), list(add), list(rot))
        """The same of those with a key: what it leaves as it was."""
        self._masks = Masks(list(self._xor))
        self._find_xor = Beginnings(list(xor), fast=True)
        self._find_add = Beginnings(list(add), fast=True)
        self._find_rot = Beginnings(list(rot), fast=True)
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
        for pattern, start, end in self._find_xor.find(xor_steps(text)) if self._xor else ():
            key = text[start - 1] ^ self._xor[pattern][0]
            if key and start:
                yield start - 1, end, "xor", f"0x{key:02x}"
        for pattern, start, end in self._find_add.find(differences(text)) if self._add else ():
            by = start and (text[start - 1] - self._add[pattern][0]) % 256
            if by:
                yield start - 1, end, "add", str(by)
        for pattern, start, end in self._find_rot.find(letter_steps(text)) if self._rot else ():
            by = start and _rotation(text[start - 1 : end], self._rot[pattern])
            if by:
                yield start - 1, end, "rot", str(by)


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


def _is_letter(byte: int) -> bool:
    return 0x61 <= (byte | 0x20) <= 0x7A


def _moved(target: bytes, by: int) -> bytes:
    """The same with every letter moved so far round the alphabet."""
    here = bytes(range(0x61, 0x7B))
    there = here[by:] + here[:by]
    return target.translate(bytes.maketrans(here + here.upper(), there + there.upper()))


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
