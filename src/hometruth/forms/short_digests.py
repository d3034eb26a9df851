"""Digests of 32 bits of a value in its usual spellings: what programs of phones and browsers hash with.

Any of them is met by chance in a large recording; what they are worth is for the search to say.

Sources: ISO 3309 (crc32), RFC 1950 (adler32), the Java Language Specification's `String.hashCode` (also what
scripts compute as ``(h << 5) - h + c | 0``), draft-eastlake-fnv (fnv1, fnv1a), D. J. Bernstein's and
O. Yigit's string hashes as listed at http://www.cse.yorku.ca/~oz/hash.html (djb2, djb2a with XOR, sdbm), and
B. Jenkins, "Hash functions", Dr. Dobb's Journal 1997 (one-at-a-time).
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator

from hometruth.forms.spellings import spellings_of

SHORTEST_DIGESTED = 7
"""Bytes of a text; hashes that multiply by 31 or 33 do not fill 32 bits with fewer."""
MOST_NUMBERS = 2048
"""Numbers that one value and all that is derived from it come to at most."""
ShortDigest = Callable[[bytes], int]
_MASK = 0xFFFFFFFF


def _murmur3(data: bytes) -> int:
    import mmh3  # noqa: PLC0415  # compiled code that a capture may never need

    return mmh3.hash(data, signed=False)


def _xxh32(data: bytes) -> int:
    import xxhash  # noqa: PLC0415

    digest: int = xxhash.xxh32(data).intdigest()
    return digest


def _java(data: bytes) -> int:
    """Of the UTF-16 units of the text."""
    units = data.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    number = 0
    for unit in memoryview(units).cast("H") if not data.isascii() else data:
        number = 31 * number + unit & _MASK
    return number


def _multiplying(start: int, factor: int, *, xor: bool) -> ShortDigest:
    """Times the factor, then the byte is added, or XORed."""

    def digest(data: bytes) -> int:
        number = start
        for byte in data:
            number = number * factor & _MASK
            number = number ^ byte if xor else number + byte
        return number & _MASK

    return digest


def _fnv1a(data: bytes) -> int:
    number = 0x811C9DC5
    for byte in data:
        number = (number ^ byte) * 0x01000193 & _MASK
    return number


def _one_at_a_time(data: bytes) -> int:
    number = 0
    for byte in data:
        number = (number + byte) * 1025 & _MASK
        number ^= number >> 6
    number = number * 9 & _MASK
    number ^= number >> 11
    return number * 32769 & _MASK


def _first_of(name: str) -> ShortDigest:
    return lambda data: int.from_bytes(hashlib.new(name, data, usedforsecurity=False).digest()[:4])


SHORT_DIGESTS: dict[str, ShortDigest] = {
    "crc32": zlib.crc32,
    "adler32": zlib.adler32,
    "murmur3-32": _murmur3,
    "xxh32": _xxh32,
    "java-hash": _java,
    "fnv1-32": _multiplying(0x811C9DC5, 0x01000193, xor=True),
    "fnv1a-32": _fnv1a,
    "djb2": _multiplying(5381, 33, xor=False),
    "djb2a": _multiplying(5381, 33, xor=True),
    "sdbm": _multiplying(0, 65599, xor=False),
    "one-at-a-time": _one_at_a_time,
    "md5[:8]": _first_of("md5"),
    "sha1[:8]": _first_of("sha1"),
    "sha256[:8]": _first_of("sha256"),
}
"""By name; of a longer digest, its first eight hexadecimal digits."""


def short_digests_of(value: str) -> Iterator[tuple[str, int]]:
    """Names and numbers of 32 bits of the value in each spelling."""
    for text, spelling in spellings_of(value).items():
        data = text.encode("utf-8", "surrogatepass")
        for algorithm, digest in SHORT_DIGESTS.items() if len(data) >= SHORTEST_DIGESTED else ():
            yield (f"{algorithm}({spelling.name})" if spelling.name else algorithm), digest(data)


def numbers_of(value: str) -> list[int]:
    """The numbers alone, in the same order."""
    return [
        digest(data)
        for text in spellings_of(value)
        if len(data := text.encode("utf-8", "surrogatepass")) >= SHORTEST_DIGESTED
        for digest in SHORT_DIGESTS.values()
    ]
