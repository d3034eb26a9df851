"""Base64 that its standard does not know: other orders of the alphabet, characters put in front.

Nothing says which it is. Of each way to read a run its beginning is looked at, and one is believed only if
all of it is text, or a compressed stream that is whole.
"""

import binascii
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from hometruth.peel.layers.veiled import is_packed
from hometruth.peel.text_check import is_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hometruth.peel.many.flat import Flat, Index
    from hometruth.peel.many.words import Words

SHORTEST = 20
"""Characters from the first one that counts on."""
LONGEST = 1 << 20
"""Characters of a run that is read in all these ways."""
HEAD = 8
"""Characters that tell whether it can be text: six bytes, which begin UTF-8 by chance once in 80 times."""
MOST_IN_FRONT = 3
"""Characters in front; four decode to three bytes of their own."""
UPPER, LOWER = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz"
DIGITS = b"0123456789"
STANDARD = UPPER + LOWER + DIGITS + b"+/"
ALPHABETS: dict[str, bytes] = {
    "small letters first": LOWER + UPPER + DIGITS + b"+/",
    "digits first": DIGITS + UPPER + LOWER + b"+/",
    "digits and small letters first": DIGITS + LOWER + UPPER + b"+/",
    # X-S-Common of a social network's web client, as public clients of it encode.
    "xhs": b"ZmserbBoHQtNP+wOcza/LpngG8yJq42KWYj0DSfdikx3VT16IlUAFM97hECvuRX5",
}
"""Orders of the alphabet that were seen in use. Data: a new one is a line with its source."""
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_PACKED = (b"\x1f\x8b\x08", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x28\xb5\x2f\xfd")


class _Way(NamedTuple):
    """A way to read a run: how its characters become those of the standard, and how many are in front."""

    table: bytes
    in_front: int


WAYS = (
    *(_Way(bytes.maketrans(b"-_" + alphabet, b"+/" + STANDARD), 0) for alphabet in ALPHABETS.values()),
    *(_Way(_URL_SAFE, n) for n in range(1, MOST_IN_FRONT + 1)),
)


def read_otherwise(run: bytes) -> Iterator[bytes]:
    """What comes out of a run of base64, in lines or not, that is read otherwise than the standard says."""
    run = b"".join(run.split())
    if SHORTEST <= len(run) <= LONGEST and run.upper() != run != run.lower():
        for way in WAYS:
            if _begins_well(_head(run, way)):
                decoded = _decode(run, way)
                if decoded and (is_text(decoded) or is_packed(decoded)):
                    yield decoded


def words_otherwise(words: "Words", least_bytes: int) -> "Iterator[tuple[Index, Flat]]":
    """The same of many words."""
    import numpy as np  # noqa: PLC0415

    from hometruth.peel.many.flat import flat_of  # noqa: PLC0415

    long = (words.lengths >= max(SHORTEST, least_bytes)) & (words.lengths <= LONGEST) & ~words.hexadecimal
    rows = np.flatnonzero(long & ~words.of_one_case)
    if not len(rows):
        return
    chosen = words.some(rows)
    size = HEAD + MOST_IN_FRONT
    heads = np.frombuffer(b"".join([word[:size] for word in chosen]), np.uint8).reshape(-1, size)
    read: list[tuple[int, bytes]] = []
    for way in WAYS:
        sextets = _sextets(way.table)[heads[:, way.in_front : way.in_front + HEAD]]
        for at in np.flatnonzero(_may_begin_well(sextets)).tolist():
            decoded = _decode(chosen[at], way)
            if decoded and (is_text(decoded) or is_packed(decoded)):
                read.append((int(rows[at]), decoded))
    if read:
        yield np.asarray([row for row, _ in read], np.int64), flat_of([data for _, data in read])


def _head(run: bytes, way: _Way) -> bytes:
    return binascii.a2b_base64(run[way.in_front : way.in_front + HEAD].translate(way.table))


def _begins_well(head: bytes) -> bool:
    if head.startswith(_PACKED):
        return True
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as err:
        if err.reason != "unexpected end of data":
            return False
        head = head[: err.start]
    return is_text(head)


def _may_begin_well(sextets: "NDArray[np.uint8]") -> "NDArray[np.bool_]":
    """True where UTF-8 begins, or a compressed stream."""
    import numpy as np  # noqa: PLC0415

    a, b, c, d = (sextets[:, at::4] for at in range(4))
    head = np.stack((a << 2 | b >> 4, (b & 15) << 4 | c >> 2, (c & 3) << 6 | d), axis=2).reshape(-1, 6)
    goes_on = head & 0xC0 == 0x80
    wanted = np.zeros_like(goes_on)
    for place, lead in enumerate((0xC2, 0xE0, 0xF0), 1):
        wanted[:, place:] |= (head[:, :-place] >= lead) & (head[:, :-place] < 0xF5)
    never = (head >= 0xF5) | (head == 0xC0) | (head == 0xC1)
    first, second = head[:, 0], head[:, 1]
    packed = ((first == 0x1F) & (second == 0x8B)) | ((first == 0x28) & (second == 0xB5))
    zlib = (first == 0x78) & ((second == 0x01) | (second == 0x5E) | (second == 0x9C) | (second == 0xDA))
    result: NDArray[np.bool_] = ((goes_on == wanted) & ~never).all(axis=1) | packed | zlib
    return result


@cache
def _sextets(table: bytes) -> "NDArray[np.uint8]":
    """For each character, its six bits."""
    import numpy as np  # noqa: PLC0415

    values = np.zeros(256, np.uint8)
    for byte in range(256):
        values[byte] = max(0, STANDARD.find(table[byte : byte + 1]))
    return values


def _decode(run: bytes, way: _Way) -> bytes | None:
    bare = run[way.in_front :].translate(way.table).rstrip(b"=")
    if len(bare) % 4 == 1:
        bare = bare[:-1]
    try:
        return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        return None
