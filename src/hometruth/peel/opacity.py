"""How much of a part nobody could read.

A value is opaque if it has at least 64 bytes, no layer opens it, and nobody can read it (text that comes like
dice neither). Its size is shared out
to the bytes it was made from: if half of a decompressed body is opaque, so is half of the compressed body.
Where a layer turns a value as a whole into another, the most readable result counts; where layers cut pieces
out of it, each byte counts as its piece does, and what is left between pieces is opaque where a run of it is.
What is opaque in an image, a sound, a film or a font is that medium.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from hometruth.model import Value
from hometruth.peel.text_check import is_readable, is_sealed_text, is_text

SMALLEST_OPAQUE = 64
"""Bytes; below it are keys, digests and checksums, which carry next to nothing."""
_WORD = rb"(?:[A-Z]?[a-z0-9]{0,40}+|[A-Z0-9]{0,40}+)"
_WORDS = re.compile(rb"[a-z+/_\-]++|" + _WORD + rb"(?:[-_+/]" + _WORD + rb")*+")
"""Words with signs between them, as the names of pages and products are; small letters alone."""

_ALPHABETS = frozenset({"base64", "base58", "base62"})
"""What a stretch of any alphabet can be read as."""

Span = tuple[int, int]


class Shares(NamedTuple):
    """Parts of a value, in [0, 1], that nobody could read."""

    opaque: float = 0.0
    media: float = 0.0

    @property
    def unread(self) -> float:
        """Both."""
        return self.opaque + self.media

    def times(self, factor: float) -> "Shares":
        """Both, so much larger."""
        return Shares(self.opaque * factor, self.media * factor)


def opaque_shares(
    values: Sequence[Value],
    parents: Sequence[int],
    spans: Sequence[Span],
    closed: Collection[int] = (),
    empty: Collection[int] = (),
) -> Shares:
    """Shares of the first value that end in opaque values.

    Args:
        closed: Values that do not count, since what is in them is looked into elsewhere.
        empty: Values in which nothing is, although they were not opened.
    """
    children: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index in range(1, len(values)):
        step = values[index].steps[-1]
        parent = parents[index]
        if index in closed or _is_no_base64(step.layer, values[parent].data, spans[index]):
            continue
        data = values[parent].data
        is_whole = spans[index] == (0, len(data))
        if is_whole or step.layer not in _ALPHABETS or not _is_by_chance(values[index].data, data):
            children[parent][step.layer].append(index)
    shares = [Shares()] * len(values)
    for index in range(len(values) - 1, -1, -1):
        if index not in closed and index not in empty and len(values[index].data) >= SMALLEST_OPAQUE:
            shares[index] = _shares(values[index].data, children.get(index, {}), shares, spans)
    return shares[0] if values else Shares()


def holds_opaque(data: bytes, spans: Iterable[Span] = ()) -> bool:
    """True if *data*, less the spans of pieces that were cut out of it, has an opaque run."""
    return any(_is_opaque(data[start:end]) for start, end in _between(len(data), spans))


def _is_opaque(run: bytes) -> bool:
    """True for what is long enough, zeros left out, and not readable."""
    if len(run) < SMALLEST_OPAQUE:
        return False
    bare = run.replace(b"\0", b"")
    return len(bare) >= SMALLEST_OPAQUE and (not is_readable(bare) or is_sealed_text(bare))


def _is_no_base64(layer: str, data: bytes, span: Span) -> bool:
    """True where an alphabet was read into words: no base64 that long is words only."""
    return layer == "base64" and span[1] - span[0] >= SMALLEST_OPAQUE and is_words(data, span)


def _is_by_chance(data: bytes, parent: bytes) -> bool:
    """True for bytes that an alphabet gave of a stretch of an unknown one."""
    return not is_text(data) and is_sealed_text(parent)


def is_words(data: bytes, span: Span) -> bool:
    """True for words with signs between them, as the names of pages are."""
    return _WORDS.fullmatch(data, *span) is not None


def _shares(
    data: bytes, views: dict[str, list[int]], shares: Sequence[Shares], spans: Sequence[Span]
) -> Shares:
    wholes = [shares[i] for view in views.values() for i in view if spans[i] == (0, len(data))]
    if wholes:
        found = min(wholes, key=lambda each: each.unread)
    elif not _is_opaque(data):
        cut = [_cut(len(data), view, shares, spans) for view in views.values()]
        found = max(cut, key=lambda each: each.unread, default=Shares())
    else:
        cut = [_cut(len(data), view, shares, spans, _left(data, view, spans)) for view in views.values()]
        found = min(cut, key=lambda each: each.unread, default=Shares(1.0))
    if found.opaque and media_type(data):
        found = Shares(0.0, found.unread)
    return found.times(1 / found.unread) if found.unread > 1 else found


def _cut(
    size: int, view: Sequence[int], shares: Sequence[Shares], spans: Sequence[Span], left: int = 0
) -> Shares:
    """Shares of a value of which some pieces are a view, with so many opaque bytes beside them."""
    opaque, media = float(left), 0.0
    best: dict[Span, Shares] = {}  # a layer may read the same bytes in two ways
    for i in view:
        known = best.get(spans[i])
        if known is None or shares[i].unread < known.unread:
            best[spans[i]] = shares[i]
    unread = [span for span, share in best.items() if share.unread]
    whole = _read_wholly(best) if unread else []
    for start, end in unread:
        share = best[start, end]
        if not any(one <= start and end <= two for one, two in whole):
            opaque += share.opaque * (end - start)
            media += share.media * (end - start)
    return Shares(opaque / size, media / size)


def _read_wholly(shares: Mapping[Span, Shares]) -> list[Span]:
    """Spans without anything unread inside which others are: what was cut into pieces, and read as one."""
    found: list[Span] = []
    reached = -1
    for start, end in sorted(shares, key=lambda span: (span[0], -span[1])):
        if start < reached:
            continue
        reached = end
        if not shares[start, end].unread:
            found.append((start, end))
    return found


def _left(data: bytes, view: Sequence[int], spans: Sequence[Span]) -> int:
    """Opaque bytes between the pieces of a view."""
    runs = _between(len(data), (spans[i] for i in view))
    return sum(end - start for start, end in runs if _is_opaque(data[start:end]))


def _between(size: int, spans: Iterable[Span]) -> Iterator[Span]:
    """What no span covers; they may nest: a list in a damaged document is a piece beside its own items."""
    reached = 0
    for start, end in sorted(spans):
        if start > reached:
            yield reached, start
        reached = max(reached, end)
    if reached < size:
        yield reached, size


_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "JPEG image"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG image"),
    (0, b"GIF87a", "GIF image"),
    (0, b"GIF89a", "GIF image"),
    (8, b"WEBPVP", "WebP image"),
    (0, b"II*\x00", "TIFF image"),
    (0, b"MM\x00*", "TIFF image"),
    (0, b"\x00\x00\x01\x00", "icon"),
    (4, b"ftypavif", "AVIF image"),
    (4, b"ftypheic", "HEIC image"),
    (4, b"ftypmif1", "HEIF image"),
    (0, b"\xff\x0a\xfa", "JPEG XL image"),
    (0, b"\x00\x00\x00\x0cJXL ", "JPEG XL image"),
    (8, b"WAVEfmt ", "WAVE audio"),
    (0, b"OggS\x00", "Ogg audio"),
    (0, b"fLaC", "FLAC audio"),
    (0, b"ID3\x02", "MP3 audio"),
    (0, b"ID3\x03", "MP3 audio"),
    (0, b"ID3\x04", "MP3 audio"),
    (0, b"#!AMR", "AMR audio"),
    (0, b"MThd\x00\x00\x00\x06", "MIDI audio"),
    (4, b"ftypM4A ", "MPEG-4 audio"),
    (4, b"ftyp", "MPEG-4 video"),
    (0, b"\x1a\x45\xdf\xa3", "Matroska or WebM video"),
    (8, b"AVI LIST", "AVI video"),
    (0, b"FLV\x01", "Flash video"),
    (0, b"wOFF", "WOFF font"),
    (0, b"wOF2", "WOFF font"),
    (0, b"OTTO\x00", "OpenType font"),
    (0, b"\x00\x01\x00\x00\x00", "TrueType font"),
)
"""Offset, bytes there, name; the first that fits is it. Of random bytes, one in 10 million has any.

Formats for people, which are named and not looked into. Sources: each format's specification, and the
WHATWG's MIME Sniffing Standard (mimesniff.spec.whatwg.org, 6)."""


def media_type(data: bytes) -> str:
    """What *data* is, if it is an image, audio, video or a font; else empty."""
    for offset, magic, name in _MAGIC:
        if data.startswith(magic, offset):
            return name
    return ""
