"""Where in a value nobody can read: runs of bytes that are no text, and of a text those that come like dice.

Bytes between stretches of text are looked at apart, however much text is around them. A byte is in a word if
it is one of four or more characters of text in a row, which of random bytes one in ten is. A run gains with
each byte in no word, loses with each in one, and ends where it has lost what a stretch of text is worth.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter

from hometruth.peel.text_check import CONTROL, PRINTABLE, has_strange, is_readable, is_sealed_text, is_text

SMALLEST_OPAQUE = 64
"""Bytes; below it are keys, digests and checksums, which carry next to nothing."""
STRETCH = 24
"""Bytes of text on end that random bytes hardly ever have: once in 100 MB."""
LEAST_OUTSIDE = 40
"""Bytes outside of words, less half of those in them: of 64 random bytes, 55."""
MOST_PRINTABLE = 0.6
"""Share of a run: of 64 random bytes 0.38, give or take 0.06; of short strings between numbers, more."""
BLOCK = 2048
"""Bytes that can be told for random by how many are printable, and how many are in no text at all."""
LONGEST_REMEMBERED = 4096
"""Bytes of a value that is remembered: who sifts it asks as whoever opens it does."""
LARGEST = 4 << 20
"""Bytes that are looked through for text at a time: what compressed and fast sieves look at is shorter."""
DRAWN = ((0.35, 0.415), (0.14, 0.19))
"""Least and most of the two shares: of random bytes 0.383 and 0.164, give or take 0.011 and 0.008."""

Span = tuple[int, int]

_WORD = re.compile(
    "[\0\t\n\r -~\xa7\xa9\xab\xae\xb0\xb7\xbb\xbf-\xff\u0100-\u1fff\u2010-\ud7ff\ue000-\U0010ffff]{4,}"
)
"""Characters of text; of those below U+0100 that are no letters, the usual: bytes carried as code points are
all of them. A zero may stand between."""
_SCRIPTS = ((12, rb"\x03-\x06\x09-\x10"), (24, rb"\x30\x4e-\x9f\xff"), (16, rb"\x30\xac-\xd6"))
_UTF16 = tuple(
    (
        b"\1" * least,
        bytes(re.match(b"[\0%b]" % script, bytes([byte])) is not None for byte in range(256)),
        re.compile(
            rb"(?:[ -~]\0|[\0-\xff][%b]){%d,}+|(?:\0[ -~]|[%b][\0-\xff]){%d,}+"
            % (script, least, script, least),
            re.DOTALL,
        ),
    )
    for least, script in _SCRIPTS
)
"""UTF-16 of Latin and one script more, in so many characters as random bytes have once in 10^11: Greek to
Arabic and India's; Chinese and Japanese; Korean. First what is looked for: its own bytes every other time."""
_NEVER = bytes(byte for byte in CONTROL if byte) + b"\xc0\xc1" + bytes(range(0xF5, 0x100))
_SHARED = tuple(bytes(byte in some for byte in range(256)) for some in (PRINTABLE, _NEVER))
"""A one for each byte that is printable, and for each that is in no text of UTF-8."""
_SPACES = tuple(
    bytes(0x20 if byte in b" \t\n\r\v\f\0" + signs else byte for byte in range(256))
    for signs in (b"", b"\"'=:;,&|<>()[]{}")
)
"""What stands between tokens of a text: blanks; and the signs of documents, forms and lists."""
_TOKEN = re.compile(rb"(?<![^ ])[^ ]{%d,}+" % SMALLEST_OPAQUE)


def may_hold_opaque(data: bytes, spans: Iterable[Span] = ()) -> bool:
    """False if *data*, less the spans of pieces that were cut out of it, has no opaque run.

    What is unreadable as a whole is not looked at more closely: of text in UTF-16 it is true as well.
    """
    return any(_may_be_opaque(data[start:end]) for start, end in between(len(data), spans))


def _may_be_opaque(data: bytes) -> bool:
    if len(data) < SMALLEST_OPAQUE:
        return False
    bare = data.replace(b"\0", b"")
    return len(bare) >= SMALLEST_OPAQUE and (not is_readable(bare) or bool(opaque_runs(data)))


def opaque_runs(data: bytes) -> Sequence[Span]:
    """Runs of at least `SMALLEST_OPAQUE` bytes, zeros left out, that nobody can read; in order.

    Of bytes that are unreadable as a whole although no such run is in them (compressed in a way that leaves
    words as they were), all but the stretches of text.
    """
    return _remembered(data) if len(data) <= LONGEST_REMEMBERED else _runs(data)


@lru_cache(maxsize=2048)
def _remembered(data: bytes) -> Sequence[Span]:
    return _runs(data)


def _runs(data: bytes) -> Sequence[Span]:
    if len(data) < SMALLEST_OPAQUE or _size(data) < SMALLEST_OPAQUE:
        return []
    bare = data.replace(b"\0", b"")
    if is_text(bare):
        return [(0, len(data))] if is_sealed_text(bare) else _sealed(data)
    words = [*_words(data)]
    drawn = [*_drawn(data, words)]
    readable = is_readable(bare)
    texts = _in_utf16(data) if drawn or not readable else []
    found = [run for span in drawn for run in between(span[1], shared(span, texts), span[0])]
    found = [run for run in found if _size(data[slice(*run)]) >= SMALLEST_OPAQUE]
    if found or readable:
        may_be_sealed = any(end - start >= SMALLEST_OPAQUE // 2 for start, end in words)
        return joined(found + _sealed(data)) if may_be_sealed else found
    stretches = [word for word in words if word[1] - word[0] >= STRETCH]
    rest = [*between(len(data), texts + stretches)]
    return rest if sum(_size(data[start:end]) for start, end in rest) >= SMALLEST_OPAQUE else []


def _drawn(data: bytes, words: Sequence[Span]) -> Iterator[Span]:
    """Runs in which more is outside of words than in them, none of them with a stretch of text inside."""
    begun = 0  # where the text before ends
    start, best_end, best, score = -1, 0, 0.0, 0.0
    at = 0
    for word, end in (*words, (len(data), len(data))):
        if word > at:
            if start < 0:
                start, best, score = at, 0.0, 0.0
            score += word - at
            if score >= best:
                best, best_end = score, word
        is_stretch = end - word >= STRETCH or word == len(data)
        score -= (end - word) / 2
        if start >= 0 and (is_stretch or score <= 0 or best - score > STRETCH / 2):
            stop = word if is_stretch and word - best_end < STRETCH else best_end
            run = (begun if start - begun < STRETCH else start, stop)
            if best >= LEAST_OUTSIDE and _is_unreadable(data[run[0] : run[1]]):
                yield run
                begun = stop
            start = -1
        if is_stretch:
            begun = end
        at = end


def _in_utf16(data: bytes) -> list[Span]:
    """Stretches of text in UTF-16."""
    halves = data[::2], data[1::2]
    return joined(
        match.span()
        for row, table, pattern in _UTF16
        if any(row in half.translate(table) for half in halves)
        for match in pattern.finditer(data)
    )


def _is_unreadable(run: bytes) -> bool:
    size = _size(run)
    return size >= SMALLEST_OPAQUE and len(run) - len(run.translate(None, PRINTABLE)) <= MOST_PRINTABLE * size


def _sealed(text: bytes) -> list[Span]:
    """Runs of a text that nobody wrote, beside words."""
    found: list[Span] = []
    if not has_strange(text):
        return found
    for spaces in _SPACES:
        spaced = text.translate(spaces)
        if max(map(len, spaced.split()), default=0) < SMALLEST_OPAQUE:
            break
        for match in _TOKEN.finditer(spaced):
            if is_sealed_text(match[0]):
                found.append(match.span())
    return joined(found)


def _words(data: bytes) -> Iterator[Span]:
    """Four or more characters of text in a row, in UTF-8, from first byte to last."""
    for start, end in _not_drawn(data):
        block = data[start:end]
        text = block.decode("utf-8", "surrogateescape")  # what is no text becomes lone surrogates, one a byte
        spans = (match.span() for match in _WORD.finditer(text))
        if len(text) == len(block):
            yield from ((start + one, start + two) for one, two in spans)
            continue
        at, seen = start, 0
        for one, two in spans:
            word = at + _bytes_of(text[seen:one])
            at, seen = word + _bytes_of(text[one:two]), two
            yield word, at


def _not_drawn(data: bytes) -> Iterator[Span]:
    """What is not told for random at a glance, in large blocks."""
    begun = 0
    for start in range(0, len(data) - BLOCK + 1, BLOCK):
        if _is_drawn(data[start : start + BLOCK]):
            if start > begun:
                yield begun, start
            begun = start + BLOCK
        elif start - begun >= LARGEST:
            yield begun, start
            begun = start
    if begun < len(data):
        yield begun, len(data)


def _bytes_of(text: str) -> int:
    """Bytes that text of UTF-8 takes."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def _is_drawn(block: bytes) -> bool:
    """True for many bytes of which as many are printable, and in no text, as of random ones."""
    if not block[:STRETCH].translate(None, PRINTABLE) or not block[-STRETCH:].translate(None, PRINTABLE):
        return False  # text ends or begins inside it
    # Ones are counted so, since random bytes taken out one by one cost three times as much.
    return all(
        least * len(block)
        <= int.from_bytes(block.translate(table), "little").bit_count()
        <= most * len(block)
        for (least, most), table in zip(DRAWN, _SHARED, strict=True)
    )


def _size(data: bytes) -> int:
    """Bytes that are not zero."""
    return len(data) - data.count(0)


def shared(span: Span, runs: Sequence[Span]) -> Iterator[Span]:
    """What of a span is in runs that are in order and do not overlap."""
    for place in range(bisect_right(runs, span[0], key=itemgetter(1)), len(runs)):
        start, end = runs[place]
        if start >= span[1]:
            break
        yield max(start, span[0]), min(end, span[1])


def joined(spans: Iterable[Span]) -> list[Span]:
    """In order, and those that overlap as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def between(size: int, spans: Iterable[Span], start: int = 0) -> Iterator[Span]:
    """What no span covers; they may nest: a list in a damaged document is a piece beside its own items."""
    reached = start
    for one, two in sorted(spans):
        if one > reached:
            yield reached, one
        reached = max(reached, two)
    if reached < size:
        yield reached, size
