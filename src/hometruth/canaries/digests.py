"""Finds digests of canaries: by a table of their first eight bytes, not by one automaton of millions.

Whatever looks like a digest in the traffic (a run of hexadecimal digits, bytes that are no text, a number of
64 bits) is looked up. So a thousand canaries in hundreds of forms cost their hashing, once, and digests cut
short to eight bytes and more are found like whole ones. Digests of 32 bits are looked up only where they are
the whole value.
"""

import re
import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from hometruth.canaries.evidence import SHORT_BITS, digest_bits
from hometruth.errors import CanaryError, is_installed
from hometruth.forms import Digested, digests_of, numbers_of, prefixes_of, short_digests_of
from hometruth.model import Canary, Form, Value

PREFIX = 8
"""Bytes of a digest that are matched at least."""
OWNER_BITS = 20
"""Bits of a prefix that give way to its owner's number where prefixes are kept in order; the 44 that are left
tell it from chance, and what is found is digested again and compared as a whole."""
SHORT_OWNER_BITS = 32
"""Bits beside a digest of 32."""
MOST_SHARING = 100
"""Of very many canaries, those that may share a text or a digest: the host of an address would else be found
as often as there are addresses."""
MANY = 50_000
"""Numbers from which on numpy sorts them; to import it takes as long as Python takes to sort so many."""
_BITMAP_BITS = 24
_SLICE = 1 << 20


class NumberIndex:
    """Numbers with their owners, looked up by either."""

    def __init__(self, numbers: "array[int]", owner_bits: int) -> None:
        """Each number above so many bits of its owner's; it is sorted in place."""
        self._owner_bits = owner_bits
        self.sorted, self.bitmap = numbers, bytearray(1 << _BITMAP_BITS - 3)
        """In order; and a bit for the first 24 of each: most of what is looked up begins like none."""
        (_index_many if len(numbers) >= MANY and is_installed("numpy") else _index_few)(numbers, self.bitmap)

    def __contains__(self, number: int) -> bool:
        wanted = number << self._owner_bits
        first = wanted >> 64 - _BITMAP_BITS
        if not 0 <= first < 1 << _BITMAP_BITS or not self.bitmap[first >> 3] >> (first & 7) & 1:
            return False
        at = bisect_left(self.sorted, wanted)
        return at < len(self.sorted) and self.sorted[at] >> self._owner_bits == number

    def owners(self, number: int) -> list[int]:
        """Those that a number belongs to."""
        if number not in self:
            return []
        first = bisect_left(self.sorted, number << self._owner_bits)
        after = bisect_left(self.sorted, number + 1 << self._owner_bits, first)
        return list(dict.fromkeys(each & (1 << self._owner_bits) - 1 for each in self.sorted[first:after]))


def _index_few(numbers: "array[int]", bitmap: bytearray) -> None:
    numbers[:] = array("Q", sorted(numbers))
    for first in {each >> 64 - _BITMAP_BITS for each in numbers}:
        bitmap[first >> 3] |= 1 << (first & 7)


def _index_many(numbers: "array[int]", bitmap: bytearray) -> None:
    """The same with numpy: of a hundred thousand canaries they are a hundred megabytes, and not copied."""
    import numpy as np  # noqa: PLC0415

    in_place = np.frombuffer(numbers, np.uint64)
    in_place.sort()
    begins = np.zeros(1 << _BITMAP_BITS, np.bool_)
    for at in range(0, len(in_place), _SLICE):
        begins[in_place[at : at + _SLICE] >> np.uint64(64 - _BITMAP_BITS)] = True
    bitmap[:] = np.packbits(begins, bitorder="little").tobytes()


def first_bits(prefix: bytes) -> int:
    """The bits of a prefix by which it is looked up."""
    return int.from_bytes(prefix) >> OWNER_BITS


LONGEST_BLOB = 256
"""Bytes; in longer values that are not text a digest is looked for at the beginning only. Formats that hold
one beside other things are taken apart by their layers."""
LONGEST_RUN = 4096
"""Hexadecimal digits; a longer run is something packed, in which a digest is looked for as in a long blob."""
MAX_REJECTED = 100_000
"""Runs remembered as no digest; they repeat from request to request."""
_HEX_RUN = re.compile(rb"[0-9a-fA-F]{16,}+")
_SHORT_HEX = re.compile(rb"(?:0x)?([0-9a-fA-F]{7,8})")
"""A leading zero is often left out."""
_MASK = 0xFFFFFFFF
_NO_OWNER = -1 << OWNER_BITS
ADLER_BITS = 24.0
"""Two sums, which short texts do not fill."""
_DECIMAL = re.compile(rb"-?[1-9][0-9]{5,19}")

Derived = Mapping[str, Sequence[tuple[str, str]]]
"""By id of a canary: texts that hold its value and are digested as a whole, each with what it is (host)."""
Found = tuple[Canary, Form, int]
"""Canary, form as it was found, offset in the value."""


class DigestTable:
    """Digests of a set of canaries, by their first bytes."""

    def __init__(
        self,
        canaries: Sequence[Canary],
        salts: Iterable[str] = (),
        derived: Derived | None = None,
        *,
        in_full: bool = True,
    ) -> None:
        """Digests of what was planted, or is known.

        Args:
            in_full: False for very many: without digests of 32 bits, and without those that more of them
                share than `MOST_SHARING`.

        Raises:
            CanaryError: They are more than the numbers of owners go to.
        """
        if len(canaries) > 1 << OWNER_BITS:
            raise CanaryError(
                f"{len(canaries)} canaries are more than {1 << OWNER_BITS}. Search for fewer at a time."
            )
        self._canaries, self._in_full = canaries, in_full
        self._derived = derived or {}
        self._salts = tuple(salts)
        self._rejected: set[bytes] = set()

    @cached_property
    def prefixes(self) -> NumberIndex:
        """First bits of each digest of 64 bits and more, with the numbers of canaries.

        Made when something first looks like a digest, which in a short recording may be never.
        """
        prefixes = array("Q")
        for number, canary in enumerate(self._canaries):
            for text in self._texts_of(canary):
                of_text = prefixes_of(text, PREFIX, self._salts)
                together = struct.unpack(f">{len(of_text)}Q", b"".join(of_text))
                prefixes.extend([each & _NO_OWNER | number for each in together])
        return NumberIndex(prefixes, OWNER_BITS)

    @cached_property
    def short(self) -> NumberIndex:
        """Digests of 32 bits, with the same.

        A phantom's would turn up by chance, and say nothing about the search.
        """
        short = array("Q")
        for number, canary in enumerate(self._canaries if self._in_full else ()):
            for text in () if canary.phantom else self._texts_of(canary):
                short.extend([each << SHORT_OWNER_BITS | number for each in numbers_of(text)])
        return NumberIndex(short, SHORT_OWNER_BITS)

    def _texts_of(self, canary: Canary) -> Iterator[str]:
        yield canary.value
        yield from (text for _, text in self._derived.get(canary.id, ()))

    def _digests_of(self, canary: Canary) -> Iterator[Digested]:
        """Digests of the canary's value, then of what was derived from it."""
        yield from _digests_known(canary.value, self._salts)
        for what, text in self._derived.get(canary.id, ()):
            for each in _digests_known(text, self._salts):
                yield each._replace(name=f"{each.name} of the {what}")

    def _short_of(self, canary: Canary) -> Iterator[tuple[str, int]]:
        """The same for those of 32 bits."""
        yield from short_digests_of(canary.value)
        for what, text in self._derived.get(canary.id, ()):
            yield from ((f"{name} of the {what}", number) for name, number in short_digests_of(text))

    def find(self, value: Value) -> Iterator[Found]:
        """Digests in one value."""
        data = value.data
        if len(data) < PREFIX:
            if len(data) == 4 and not data.isascii():
                yield from self._lookup_short(int.from_bytes(data), data, 0, caseless=False)
            if len(data) < 6:
                return
        for run in _HEX_RUN.finditer(data):
            yield from self._in_hex(run[0], run.start())
        if not data.isascii():
            yield from self._in_bytes(data)
        elif len(data) <= 20:
            yield from self._in_short_text(data)

    def _owners(self, index: NumberIndex, number: int) -> list[Canary]:
        numbers = index.owners(number)
        if not self._in_full and len(numbers) > MOST_SHARING:
            return []
        return [self._canaries[each] for each in numbers]

    def _in_hex(self, run: bytes, start: int) -> Iterator[Found]:
        if run in self._rejected:
            return
        if len(run) > LONGEST_RUN:
            run = run[: 2 * PREFIX]
        none = True
        text = run.decode("ascii")
        for shift in (0, 1):
            raw = bytes.fromhex(text[shift : shift + (len(text) - shift) // 2 * 2])
            for offset in range(len(raw) - PREFIX + 1):
                key = raw[offset : offset + PREFIX]
                if first_bits(key) in self.prefixes:
                    none = False
                    at = shift + 2 * offset
                    yield from self._named(key, run[at:].lower(), start + at, hexed=True)
        if none:
            if len(self._rejected) >= MAX_REJECTED:
                self._rejected.clear()
            self._rejected.add(run)

    def _in_bytes(self, data: bytes) -> Iterator[Found]:
        last = len(data) - PREFIX if len(data) <= LONGEST_BLOB else 0
        for offset in range(last + 1):
            key = data[offset : offset + PREFIX]
            if first_bits(key) in self.prefixes:
                yield from self._named(key, data[offset:], offset, hexed=False)

    def _in_short_text(self, data: bytes) -> Iterator[Found]:
        if match := _SHORT_HEX.fullmatch(data):
            yield from self._lookup_short(int(match[1], 16), match[1], match.start(1), caseless=True)
        if not _DECIMAL.fullmatch(data):
            return
        number = int(data)
        if -(1 << 31) <= number < 1 << 32:
            yield from self._lookup_short(number & _MASK, data, 0, caseless=True)
            if 0 < number < 1 << 31:  # scripts leave the sign out
                yield from self._lookup_short(-number & _MASK, data, 0, caseless=True)
        elif -(1 << 63) <= number < 1 << 64:
            key = (number & (1 << 64) - 1).to_bytes(8)
            for canary in self._owners(self.prefixes, first_bits(key)):
                for each in self._digests_of(canary):
                    if each.raw[:PREFIX] == key:
                        bits = self._bits(canary, each, 64.0, is_whole=False)
                        yield canary, Form(f"{each.name} decimal", data, bits, is_digest=True), 0

    def _lookup_short(self, number: int, written: bytes, offset: int, *, caseless: bool) -> Iterator[Found]:
        for canary in self._owners(self.short, number):
            name = next(name for name, known in self._short_of(canary) if known == number)
            bits = min(canary.bits, ADLER_BITS if name.startswith("adler32") else SHORT_BITS)
            yield canary, Form(name, written, bits, caseless=caseless, is_short=True, is_digest=True), offset

    def _named(self, key: bytes, data: bytes, offset: int, *, hexed: bool) -> Iterator[Found]:
        """The form whose digest begins *data*, for each canary that has one."""
        for canary in self._owners(self.prefixes, first_bits(key)):
            for each in self._digests_of(canary):
                if each.raw[:PREFIX] == key:
                    written = each.raw.hex().encode() if hexed else each.raw
                    length = _common(written, data)
                    digits = length if hexed else 2 * length
                    is_whole = length == len(written)
                    name = each.name if is_whole else f"{each.name}[:{digits}]"
                    bits = self._bits(canary, each, 4.0 * digits, is_whole=is_whole)
                    yield canary, Form(name, data[:length], bits, caseless=hexed, is_digest=True), offset
                    break

    def _bits(self, canary: Canary, each: Digested, n_bits: float, *, is_whole: bool) -> float:
        return digest_bits(
            canary, each.spelling, n_bits, is_whole=is_whole, n_tried=len(self.prefixes.sorted)
        )


@lru_cache(maxsize=64)
def _digests_known(text: str, salts: tuple[str, ...]) -> tuple[Digested, ...]:
    """All digests of a text: what was found once is found again, in the next request."""
    return tuple(digests_of(text, salts))


def _common(one: bytes, other: bytes) -> int:
    """Length of the beginning that both share."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
