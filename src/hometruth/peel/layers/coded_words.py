"""Rarer spellings of bytes in words of letters and digits: base32 with Crockford's alphabet
(crockford.com/base32.html) and with Zooko's (z-base-32), one large number in base 36 or in decimal digits,
NetBIOS names (RFC 1001, 14.1).

Identifiers are made of these letters too, and decode to something in all of them: one is believed only if
text comes out, or a compressed stream that is whole.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hometruth.peel.layers.base_n import BASE32HEX, LONGEST, LONGEST_NUMBER, decode_number
from hometruth.peel.layers.layer import Opened, whole
from hometruth.peel.layers.veiled import is_packed
from hometruth.peel.text_check import is_text

if TYPE_CHECKING:
    from hometruth.peel.many.flat import Flat, Index
    from hometruth.peel.many.words import Words

SHORTEST = 12
"""Characters: of random ones in base 36, one in 3,000 is text."""
SHORTEST_DECIMAL = 20
"""Digits: shorter ones are counters, moments and identifiers."""
SHORTEST_NETBIOS = 16
"""Characters: of words of the letters A to P alone, one in 65,000 is as long by chance."""
ALPHABET36 = b"0123456789abcdefghijklmnopqrstuvwxyz"
DIGITS = ALPHABET36[:10]
CROCKFORD = b"0123456789abcdefghjkmnpqrstvwxyz"
ZOOKO = b"ybndrfg8ejkmcpqxot1uwisza345h769"
NIBBLES = b"ABCDEFGHIJKLMNOP"
_ONE_CASE = re.compile(rb"(?=[a-zA-Z]*+[0-9])(?=[0-9]*+[a-zA-Z])(?:[0-9a-z]{12,}+|[0-9A-Z]{12,}+)")
_DECIMAL = re.compile(rb"[1-9][0-9]{19,}+")
_NETBIOS = re.compile(rb"(?:[A-P]{2}){8,}+|(?:[a-p]{2}){8,}+")
_TO_HEX = bytes.maketrans(NIBBLES, b"0123456789abcdef")


def uncrockford(data: bytes) -> Opened | None:
    """Decode Crockford's base32: groups from the left, as bytes, or from the right, as a number."""
    return _unbase32(data, CROCKFORD, from_right=True)


def crockford_words(words: "Words", least_bytes: int) -> "Iterator[tuple[Index, Flat]]":
    """Those in its alphabet, read both ways."""
    return _words32(words, least_bytes, CROCKFORD, from_right=True)


def unzooko(data: bytes) -> Opened | None:
    """Decode z-base-32."""
    return _unbase32(data, ZOOKO)


def zooko_words(words: "Words", least_bytes: int) -> "Iterator[tuple[Index, Flat]]":
    """Those in its alphabet."""
    return _words32(words, least_bytes, ZOOKO)


def unbase36(data: bytes) -> Opened | None:
    """The bytes of a number in base 36."""
    if len(data) > LONGEST_NUMBER or not _ONE_CASE.fullmatch(data):
        return None
    return _if_read(data, decode_number(data.lower(), ALPHABET36))


def base36_words(words: "Words", least_bytes: int) -> "Iterator[tuple[Index, Flat]]":
    """All of one case."""
    from hometruth.peel.many.numbers import decode_numbers  # noqa: PLC0415

    chosen = {row: words.words[row].lower() for row in _of_one_case(words)}
    return decode_numbers(chosen, list(chosen), ALPHABET36, LONGEST_NUMBER, least_bytes)


def undecimal(data: bytes) -> Opened | None:
    """The bytes of a number in decimal digits."""
    if len(data) > LONGEST_NUMBER or not _DECIMAL.fullmatch(data):
        return None
    return _if_read(data, decode_number(data, DIGITS))


def decimal_words(words: "Words", least_bytes: int) -> "Iterator[tuple[Index, Flat]]":
    """All that are long enough."""
    import numpy as np  # noqa: PLC0415

    from hometruth.peel.many.numbers import decode_numbers  # noqa: PLC0415

    rows = np.flatnonzero(words.decimal & (words.lengths >= SHORTEST_DECIMAL)).tolist()
    return decode_numbers(words.words, rows, DIGITS, LONGEST_NUMBER, least_bytes)


def unnetbios(data: bytes) -> Opened | None:
    """Decode the half-bytes of a NetBIOS name, letters from A to P; zero bytes at its end are none of it."""
    if len(data) > LONGEST or not _NETBIOS.fullmatch(data):
        return None
    return _if_read(data, bytes.fromhex(data.upper().translate(_TO_HEX).decode("ascii")).rstrip(b"\0"))


def netbios_words(words: "Words", least_bytes: int) -> "Iterator[tuple[Index, Flat]]":
    """Those in its letters."""
    import numpy as np  # noqa: PLC0415

    from hometruth.peel.many.flat import flat_of  # noqa: PLC0415

    likely = words.letters & words.of_one_case & (words.lengths % 2 == 0)
    rows = np.flatnonzero(likely & (words.lengths >= max(SHORTEST_NETBIOS, 2 * least_bytes))).tolist()
    read = [(row, opened) for row in rows if (opened := unnetbios(words.words[row]))]
    if read:
        yield (
            np.asarray([row for row, _ in read], np.int64),
            flat_of([each.pieces[0].data for _, each in read]),
        )


def _unbase32(data: bytes, alphabet: bytes, *, from_right: bool = False) -> Opened | None:
    if len(data) > LONGEST or not _ONE_CASE.fullmatch(data):
        return None
    word = data.lower()
    if word.translate(None, alphabet):
        return None
    read = (_if_read(data, decoded) for decoded in _readings32(word, alphabet, from_right=from_right))
    pieces = [piece for opened in read if opened for piece in opened.pieces]
    return Opened(pieces) if pieces else None


def _words32(
    words: "Words", least_bytes: int, alphabet: bytes, *, from_right: bool = False
) -> "Iterator[tuple[Index, Flat]]":
    import numpy as np  # noqa: PLC0415

    from hometruth.peel.many.flat import flat_of  # noqa: PLC0415

    read: list[tuple[int, bytes]] = []
    for row in _of_one_case(words):
        word = words.words[row].lower()
        if len(word) * 5 // 8 >= least_bytes and not word.translate(None, alphabet):
            read += (
                (row, data)
                for data in _readings32(word, alphabet, from_right=from_right)
                if data and _may_be_read(data)
            )
    if read:
        yield np.asarray([row for row, _ in read], np.int64), flat_of([data for _, data in read])


def _readings32(word: bytes, alphabet: bytes, *, from_right: bool) -> Iterator[bytes]:
    number = int(word.translate(bytes.maketrans(alphabet, BASE32HEX)), 32)
    size, spare = divmod(len(word) * 5, 8)
    yield (number >> spare).to_bytes(size)
    if from_right and spare:
        yield number.to_bytes((number.bit_length() + 7) // 8)


def _of_one_case(words: "Words") -> list[int]:
    """Those of digits and letters of one case, not all of them hexadecimal."""
    import numpy as np  # noqa: PLC0415

    mixed = ~words.letters & ~words.decimal & ~words.signed & words.of_one_case
    return np.flatnonzero(mixed & (words.lengths >= SHORTEST)).tolist()


def _if_read(data: bytes, decoded: bytes) -> Opened | None:
    readable = len(decoded) >= 4 and (is_text(decoded) or is_packed(decoded))
    return whole(data, decoded) if readable else None


def _may_be_read(data: bytes) -> bool:
    """False for a first byte that neither text nor a compressed stream begins with."""
    return data[0] in _FIRST


_FIRST = bytes({*range(0x20, 0x7F), *b"\t\r\n\x1f", *range(0xC2, 0xF5)})
