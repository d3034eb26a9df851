"""Text encodings: percent (RFC 3986), base64 (RFC 4648), hex, UTF-16, UTF-32, data: URLs (RFC 2397)."""

import base64
import binascii
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from hometruth.peel.layers.base64_variants import read_otherwise, words_otherwise
from hometruth.peel.layers.layer import Context, Opened, Piece, collect, whole
from hometruth.peel.many.kinds import COLON, CONTROL, LINE, PLUS
from hometruth.peel.text_check import is_sealed_base45, is_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Flat, Index, Mask
    from hometruth.peel.many.words import Words

FIELD_SPLITS = frozenset({"form", "query", "url"})
"""Layers whose fields write a space as a plus sign (HTML form encoding)."""
SHORTEST_RUN = 16
"""Characters of base64 or hex in other text, and whole values that may decode to bytes that are not text."""
SHORTEST_WHOLE = 6
"""Characters of base64 that hold four bytes, the shortest canary accepted."""

LONG_FOR_WORDS = 86
"""Characters of digits and letters that hold 64 bytes of base64: too long for identifiers, and opaque."""
SHORTEST_SCRIPT = 6
"""Characters: of random ones, a third are Chinese."""
LONGEST_SCRIPT = 1 << 16
"""Bytes; longer text has spaces and digits, and so zero bytes, or a mark."""
_COMMON = r" -~\u00a0-\u00ff\u2000-\u206f"
_SCRIPTS = re.compile(
    "|".join(
        f"[{letters}{_COMMON}]+"
        for letters in (
            r"\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef",  # Chinese, Japanese
            r"\uac00-\ud7a3\u3000-\u303f",  # Korean
            r"\u0370-\u03ff",  # Greek
            r"\u0400-\u052f",  # Cyrillic
            r"\u0590-\u06ff",  # Hebrew, Arabic
            r"\u0900-\u0dff",  # scripts of India
            r"\u0e00-\u0eff",  # Thai, Lao
        )
    )
)
"""Each with what all of them use: ASCII, Latin-1, punctuation."""
_ANY_SCRIPT = 0x0F
_MARKS16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_FILL = (b"AAAA", b"", b"AAAAAA", b"AAAAA")
"""Zero bits, by the characters over in the last group; the second is not used."""
UNQUOTE_STEP = 1 << 18
"""Bytes decoded at a time."""

_ESCAPE = re.compile(rb"%[0-9A-Fa-f]{2}")
_WHOLE_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/\r\n]++|[A-Za-z0-9_\-\r\n]++)={0,2}")
_RUN = re.compile(rb"(?:[A-Za-z0-9+/]{40,}+\r?\n)++[A-Za-z0-9+/]++={0,2}|[A-Za-z0-9+/_\-]{16,}+={0,2}")
"""Lines as MIME and PEM break them, or a run without a break."""
_ONE_ALPHABET = re.compile(rb"[A-Za-z0-9+/]{16,}+={0,2}|[A-Za-z0-9_\-]{16,}+={0,2}")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_SPACE = b" \t\r\n"
_HEX_RUN = re.compile(rb"(?<![0-9A-Za-z])(?:0[xX])?+((?:[0-9a-fA-F]{2}){8,}+)(?![0-9A-Za-z])")
_PREFIXES = b"0x", b"0X"
_WHOLE_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){4,}+")
_DATA_URL = re.compile(rb"data:([^,]{0,200}),", re.IGNORECASE)


def unpercent(data: bytes, context: Context) -> Opened | None:
    """Decode percent escapes; in a form or query field also with plus as space. None if nothing changes."""
    pieces = []
    escaped = _ESCAPE.search(data) is not None
    if escaped:
        pieces.append(Piece("", unquote(data), 0, len(data)))
    if context.last in FIELD_SPLITS and b"+" in data:
        pieces.append(Piece("", unquote(data.replace(b"+", b" ")), 0, len(data)))
    # A plus alone may be a plus: base64 is often sent unescaped. Packed bytes may hold escaped text, and in
    # base45 some looks escaped.
    perhaps = not escaped or not is_text(data) or is_sealed_base45(data)
    return Opened(pieces, perhaps=perhaps) if pieces else None


def may_be_percent(batch: "Batch") -> "Mask":
    """An escape, or a plus in text, be it in a charset of its own."""
    return batch.escaped | batch.with_any(PLUS) & batch.without(CONTROL)


def unbase64(data: bytes) -> Opened | None:
    """Decode base64 as a whole (any alphabet, padding, line breaks), else runs of it inside other text."""
    bare = data.strip()
    if len(bare) >= SHORTEST_WHOLE and _WHOLE_BASE64.fullmatch(bare) and _evenly_broken(bare):
        decoded = _decode64(data)
        if not decoded or not (len(data) >= SHORTEST_RUN or is_text(decoded)):
            return None
        return Opened([Piece("", decoded, 0, len(data)), *_otherwise(bare, decoded, 0, len(data))])
    return collect(_pieces64(data), perhaps=True)


def _pieces64(data: bytes) -> Iterator[Piece]:
    for start, end in _runs(data):
        decoded = _decode64(data[start:end])
        if decoded is not None:
            yield Piece("", decoded, start, end)
            yield from _otherwise(data[start:end], decoded, start, end)


def _otherwise(run: bytes, decoded: bytes, start: int, end: int) -> Iterator[Piece]:
    """What a run is in other orders of the alphabet, if the standard's does not give text."""
    if not is_text(decoded):
        yield from (Piece("", data, start, end) for data in read_otherwise(run))


def may_be_base64(batch: "Batch") -> "Mask":
    """Lines of it; all else is a word."""
    return batch.with_any(LINE)


def base64_words(words: "Words", least_bytes: int) -> "Iterator[tuple[Index, Flat]]":
    """Each filled up with zero bits to whole groups, and one group more, decoded together."""
    import numpy as np  # noqa: PLC0415

    from hometruth.peel.many.flat import Flat  # noqa: PLC0415

    bare = words.lengths - (words.lengths % 4 == 1)
    is_base64 = ~words.wordy | ~(words.letters | words.signed) & (words.lengths >= LONG_FOR_WORDS)
    rows = np.flatnonzero(is_base64 & (bare * 3 // 4 >= least_bytes))
    chosen, bare = words.some(rows), bare[rows]
    filled = [word + _FILL[len(word) % 4] if len(word) % 4 != 1 else word[:-1] + _FILL[0] for word in chosen]
    data = binascii.a2b_base64(b"".join(filled).translate(_URL_SAFE))
    starts = np.zeros(len(chosen), np.int64)
    np.cumsum(((bare + 3) // 4 + 1)[:-1] * 3, out=starts[1:])
    yield rows, Flat(data, np.frombuffer(data, np.uint8), starts, starts + bare * 3 // 4)
    yield from words_otherwise(words, least_bytes)


def unhex(data: bytes) -> Opened | None:
    """Decode base16 as a whole, else runs of it inside other text, as programs write numbers (0x…), too."""
    if _WHOLE_HEX.fullmatch(data):
        decoded = bytes.fromhex(data.decode("ascii"))
        return whole(data, decoded) if len(data) >= SHORTEST_RUN or is_text(decoded) else None
    runs = (Piece("", bytes.fromhex(run[1].decode("ascii")), *run.span()) for run in _HEX_RUN.finditer(data))
    return collect(runs, perhaps=True)


def hex_words(words: "Words", least_bytes: int) -> "Iterator[tuple[Index, Flat]]":
    """Those of hexadecimal digits, with and without a prefix."""
    import numpy as np  # noqa: PLC0415

    rows = np.flatnonzero(words.hexadecimal & (words.lengths % 2 == 0) & (words.lengths // 2 >= least_bytes))
    yield rows, _of_hex(words.some(rows))
    numbers = [row for row in np.flatnonzero(words.may_be_numbers).tolist() if _is_number(words.words[row])]
    if numbers:
        rows = np.array(numbers, np.int64)
        yield rows, _of_hex([word[2:] for word in words.some(rows)])


def _of_hex(words: "list[bytes]") -> "Flat":
    """All of them at once, with two zeros after each."""
    import numpy as np  # noqa: PLC0415

    from hometruth.peel.many.flat import Flat  # noqa: PLC0415

    data = binascii.unhexlify(b"00".join(words) + b"00")
    sizes = np.fromiter(map(len, words), np.int64, len(words)) // 2
    ends = np.cumsum(sizes + 1) - 1
    return Flat(data, np.frombuffer(data, np.uint8), ends - sizes, ends)


def _is_number(word: bytes) -> bool:
    return word.startswith(_PREFIXES) and _HEX_RUN.fullmatch(word) is not None


_IMPROBABLE = re.compile("[\ue000-\uf8ff\ufffd]")
"""Half a surrogate, and what means nothing to anybody else: of random bytes, one character in eight."""


def unutf16(data: bytes) -> Opened | None:
    """Rewrite UTF-16 as UTF-8: marked by its byte order mark, or by a zero byte in most characters."""
    if len(data) < 4:
        return None
    codec = _MARKS16.get(data[:2])
    start = 2 if codec else 0
    if codec is None:
        # Halves, since half the characters of some text may need both bytes.
        zeros = (data[0::2].count(0), data[1::2].count(0))
        if max(zeros) * 4 < len(data) or min(zeros) * 8 > max(zeros):
            return _of_one_script(data)
        codec = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    text = data[start : len(data) - (len(data) - start) % 2].decode(codec, "replace")
    perhaps = start == 0 or _IMPROBABLE.search(text) is not None
    return whole(data, text.encode("utf-8", "replace"))._replace(perhaps=perhaps)


def _of_one_script(data: bytes) -> Opened | None:
    """UTF-16 without zero bytes: text of one script that is not Latin, in the byte order that makes it so.

    Some Greek is Korean in the other order: then both are read.
    """
    if len(data) % 2 or not 2 * SHORTEST_SCRIPT <= len(data) <= LONGEST_SCRIPT or is_text(data):
        return None  # two letters of ASCII are a Chinese one
    texts = (data.decode(codec, "replace") for codec in ("utf-16-le", "utf-16-be"))
    read = [Piece("", text.encode(), 0, len(data)) for text in texts if _SCRIPTS.fullmatch(text)]
    return Opened(read, perhaps=True) if read else None


def may_be_utf16(batch: "Batch") -> "Mask":
    """A byte order mark, a zero in every other byte, about, or one script."""
    if batch.is_text:
        return batch.none()
    return batch.beginning(*_MARKS16) | may_be_utf32(batch) | _may_be_one_script(batch)


def _may_be_one_script(batch: "Batch") -> "Mask":
    """Every other byte is one that the letters of one script begin with."""
    import numpy as np  # noqa: PLC0415

    from hometruth.peel.many.batch import edges_of  # noqa: PLC0415

    kinds = _script_bytes()[batch.strings.buffer]
    here = np.arange(len(kinds)) % 2 == 0
    edges = edges_of(batch.strings)
    shared = [
        np.bitwise_and.reduceat(np.where(mask, kinds, _ANY_SCRIPT), edges)[0::2] for mask in (here, ~here)
    ]
    result: Mask = ((shared[0] | shared[1]) != 0) & (batch.lengths >= 2 * SHORTEST_SCRIPT)
    return result


@cache
def _script_bytes() -> "NDArray[np.uint8]":
    """For each byte, the scripts with letters that begin with it in UTF-16; signs and Latin are in all."""
    import numpy as np  # noqa: PLC0415

    scripts = (
        (0x30, *range(0x4E, 0xA0), 0xFF),  # Chinese, Japanese
        (0x30, *range(0xAC, 0xD8)),  # Korean
        range(0x03, 0x07),  # Greek, Cyrillic, Hebrew, Arabic
        range(0x09, 0x11),  # India, and its east
    )
    kinds = np.zeros(256, np.uint8)
    for number, script in enumerate(scripts):
        kinds[[0x00, 0x20, *script]] |= 1 << number
    return kinds


def unutf32(data: bytes) -> Opened | None:
    """Rewrite UTF-32 as UTF-8: marked by its byte order mark, or by the zero byte in every character."""
    if len(data) < 8 or len(data) % 4:
        return None
    codec = {b"\xff\xfe\x00\x00": "utf-32-le", b"\x00\x00\xfe\xff": "utf-32-be"}.get(data[:4])
    start = 4 if codec else 0
    if codec is None:
        if any(data[3::4]) and any(data[0::4]):
            return None
        codec = "utf-32-be" if any(data[3::4]) else "utf-32-le"
    try:
        return whole(data, data[start:].decode(codec).encode())
    except UnicodeError:
        return None


def may_be_utf32(batch: "Batch") -> "Mask":
    """A zero in a quarter of the bytes, which UTF-16 of Latin text has too."""
    if batch.is_text:
        return batch.none()
    import numpy as np  # noqa: PLC0415

    from hometruth.peel.many.batch import edges_of  # noqa: PLC0415

    zeros = np.add.reduceat((batch.strings.buffer == 0).astype(np.int64), edges_of(batch.strings))[0::2]
    result: Mask = zeros * 4 >= batch.lengths
    return result


def undata(data: bytes) -> Opened | None:
    """Decode the payload of a data: URL; None if *data* is not one."""
    match = _DATA_URL.match(data)
    if not match:
        return None
    payload = unquote(data[match.end() :])
    if match[1].lower().endswith(b";base64"):
        decoded = _decode64(payload)
        if decoded is None:
            return None
        payload = decoded
    return whole(data, payload)


def may_be_data(batch: "Batch") -> "Mask":
    """Its beginning."""
    return batch.matching(_DATA_URL, batch.with_any(COLON))


def unquote(data: bytes) -> bytes:
    """Decode percent escapes in pieces of bounded size: the standard library lists all escapes at once."""
    out = bytearray()
    start = 0
    while start < len(data):
        end = start + UNQUOTE_STEP
        escape = data.rfind(b"%", end - 2, end)  # one that would be cut
        end = escape if escape > start else end
        out += unquote_to_bytes(data[start:end])
        start = end
    return bytes(out)


def _evenly_broken(data: bytes) -> bool:
    """True if *data* is one line, or lines as an encoder breaks them: words below each other are none."""
    lines = data.split()
    return len({len(line) for line in lines[:-1]}) <= 1 and len(lines[-1]) <= len(lines[0])


def _runs(data: bytes) -> Iterator[tuple[int, int]]:
    """Spans of base64 in other text; where both alphabets meet in a run, each of their stretches."""
    for run in _RUN.finditer(data):
        if _ONE_ALPHABET.fullmatch(run[0]) or b"\n" in run[0]:
            yield run.span()
        else:
            yield from (part.span() for part in _ONE_ALPHABET.finditer(data, *run.span()))


def _decode64(data: bytes) -> bytes | None:
    """Decode standard or URL-safe base64, padded or not; a dangling last character is left out."""
    bare = data.translate(_URL_SAFE, _SPACE).rstrip(b"=")
    if len(bare) % 4 == 1:
        bare = bare[:-1]
    try:
        return base64.b64decode(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        return None
