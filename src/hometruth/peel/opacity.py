"""How much of a part nobody could read.

What no layer opens is opaque in its runs (see `opaque_runs`). The size of an opaque value is shared out to
the bytes it was made from: if half of a decompressed body is opaque, so is half of the compressed body. Where
a layer turns a value as a whole into another, the most readable result counts. Where layers cut pieces out of
it, each byte counts as its piece does, and what is left between pieces by the runs in it: of several such
layers, the one that reads most of the runs, and the one that says most of what looks like text. What a layer
itself doubts reads no run. What is opaque in an image, a sound, a film or a font is that medium.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import NamedTuple

from hometruth.model import Value
from hometruth.peel.layers import LAYERS
from hometruth.peel.opaque_runs import SMALLEST_OPAQUE, Span, between, joined, opaque_runs, shared
from hometruth.peel.text_check import LEAST_CHANGES, changes_of, is_text

_WORD = rb"(?:[A-Z]?[a-z0-9]{0,40}+|[A-Z0-9]{0,40}+)"
_ONLY_WORDS = re.compile(rb"[a-z+/_\-]++|" + _WORD + rb"(?:[-_+/]" + _WORD + rb")*+")
"""Words with signs between them, as the names of pages and products are; small letters alone."""

_BASE64 = re.compile(rb"[A-Za-z0-9+/%%]{%d,}" % SMALLEST_OPAQUE)
_OF_WORDS = frozenset(layer.name for layer in LAYERS if layer.words)
_IMPROBABLE = re.compile(rb"\xee[\x80-\xbf]|\xef[\x80-\xa3]|\xef\xbf\xbd")
"""Characters that are in no text, in UTF-8: random bytes read as UTF-16 are full of them."""
_SHORTEST_TEXT = 12
"""Bytes that another alphabet hardly ever makes text."""
_WORDS = "words"
"""One view of a text: the same word is read in several alphabets, and one of them may be right."""
_ALPHABETS = frozenset({"base64", "base58", "base62"})
"""What a stretch of any alphabet can be read as."""
_OF_DIGESTS = frozenset({"base45", "base85", "ascii85"})
"""Alphabets in which a text is believed to be if as many bytes come out as a digest has; it stays a text."""


class Shares(NamedTuple):
    """Parts of a value, in [0, 1], that nobody could read."""

    opaque: float = 0.0
    media: float = 0.0

    @property
    def unread(self) -> float:
        """Both."""
        return self.opaque + self.media

    def plus(self, other: "Shares") -> "Shares":
        """The sum of both."""
        return Shares(self.opaque + other.opaque, self.media + other.media)

    def times(self, factor: float) -> "Shares":
        """Both, so much larger."""
        return Shares(self.opaque * factor, self.media * factor)


def opaque_shares(
    values: Sequence[Value],
    parents: Sequence[int],
    spans: Sequence[Span],
    closed: Collection[int] = (),
    empty: Collection[int] = (),
    doubtful: Collection[int] = (),
    until: int | None = None,
) -> Shares:
    """Shares of the first value that end in opaque values.

    Args:
        closed: Values that do not count, since what is in them is looked into elsewhere.
        empty: Values in which nothing is, neither opaque, although they were not opened.
        doubtful: Values that a layer gave of bytes which may as well be something else.
        until: Where in the first value begins what is looked into elsewhere.
    """
    datas = [value.data for value in values]
    if until is not None:
        datas[0] = datas[0][:until]
    runs = cache(lambda index: opaque_runs(datas[index]))
    children: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    believed = _believed(values, parents, spans, doubtful)
    believed |= {index for index in doubtful if index in empty and runs(index)}
    opened = set(parents)
    texts = {
        index
        for index in range(1, len(values))
        if len(datas[index]) >= _SHORTEST_TEXT
        and values[index].steps[-1].layer in _OF_WORDS
        and is_text(datas[index])
    }  # words of which one of the alphabets makes a text
    believed |= texts
    for index in range(1, len(values)):
        layer, parent, span = values[index].steps[-1].layer, parents[index], spans[index]
        if not (
            index in closed
            or _is_no_base64(layer, datas[parent], span)
            or (layer in _OF_DIGESTS and index not in opened and runs(index))
            or (layer == "percent" and _breaks_base64(datas[index], datas[parent]))
            or (layer in _ALPHABETS and _is_by_chance(datas[index], datas[parent], span, runs, parent))
            or (index in doubtful and index not in believed and any(shared(span, runs(parent))))
        ):
            children[parent][_WORDS if layer in _OF_WORDS else layer].append(index)
    _leave_out_paths(values, children, texts)
    shares = [Shares()] * len(values)
    for index in range(len(values) - 1, -1, -1):
        if index not in closed and index not in empty and len(datas[index]) >= SMALLEST_OPAQUE:
            views = children.get(index, {})
            shares[index] = _shares(datas[index], views, shares, spans, texts, partial(runs, index))
    return shares[0].times(len(datas[0]) / len(values[0].data)) if shares[0].unread else Shares()


def _leave_out_paths(
    values: Sequence[Value], children: Mapping[int, dict[str, list[int]]], texts: set[int]
) -> None:
    """Take a path as a whole away from beside its segments, unless something reads across these."""
    for view in [views[name] for views in children.values() for name in ("target", "path") if name in views]:
        for index in [index for index in view if not values[index].steps[-1].label]:
            inside = children.get(index, {})
            if len(view) > 1 and inside.keys() <= {_WORDS} and texts.isdisjoint(inside.get(_WORDS, ())):
                view.remove(index)


def _believed(
    values: Sequence[Value], parents: Sequence[int], spans: Sequence[Span], doubtful: Collection[int]
) -> set[int]:
    """Values of which another layer opens most; not few bytes, which chance opens, nor what is in no text."""
    believed = {
        parents[index]
        for index in range(1, len(values))
        if index not in doubtful
        and 2 * (spans[index][1] - spans[index][0]) >= len(values[parents[index]].data)
    }
    return {
        index
        for index in believed.intersection(doubtful)
        if len(values[index].data) >= SMALLEST_OPAQUE
        and (values[index].steps[-1].layer != "utf-16" or not _IMPROBABLE.search(values[index].data))
    }


def _is_no_base64(layer: str, data: bytes, span: Span) -> bool:
    """True where an alphabet was read into words: no base64 that long is words only."""
    return layer == "base64" and span[1] - span[0] >= SMALLEST_OPAQUE and is_words(data, span)


def _breaks_base64(data: bytes, outer: bytes) -> bool:
    """True where a plus became a space in what is drawn from letters, digits and two signs."""
    if b"+" not in outer or data.count(b" ") < outer.count(b"+"):
        return False
    runs = (run for run in _BASE64.findall(outer) if b"+" in run and not is_words(run, (0, len(run))))
    return any(changes_of(run) >= LEAST_CHANGES for run in runs)


def _is_by_chance(
    data: bytes, outer: bytes, span: Span, runs: Callable[[int], Sequence[Span]], parent: int
) -> bool:
    """True for bytes that an alphabet gave of a stretch of an unknown one."""
    if span == (0, len(outer)) or is_text(data):
        return False
    return span in shared(span, runs(parent))


def is_words(data: bytes, span: Span) -> bool:
    """True for words with signs between them, as the names of pages are."""
    return _ONLY_WORDS.fullmatch(data, *span) is not None


def _shares(
    data: bytes,
    views: dict[str, list[int]],
    shares: Sequence[Shares],
    spans: Sequence[Span],
    texts: Collection[int],
    runs_of: Callable[[], Sequence[Span]],
) -> Shares:
    whole = (0, len(data))
    wholes = [shares[i] for name, view in views.items() if name != _WORDS for i in view if spans[i] == whole]
    if any(spans[i] == whole for i in views.get(_WORDS, ())):
        inside, outside = _cut(data, views[_WORDS], (), shares, spans, texts)
        wholes.append(inside.plus(outside).times(1 / len(data)))
    if wholes:
        found = min(wholes, key=_unread)
    else:
        runs = runs_of()
        cut = [_cut(data, view, runs, shares, spans, texts) for view in views.values()]
        inside = min((within for within, _ in cut), key=_unread, default=_of_runs(data, runs))
        outside = max((beside for _, beside in cut), key=_unread, default=Shares())
        found = inside.plus(outside).times(1 / len(data))
    if found.opaque and media_type(data):
        found = Shares(0.0, found.unread)
    return found.times(1 / found.unread) if found.unread > 1 else found


def _unread(shares: Shares) -> float:
    return shares.unread


def _cut(
    data: bytes,
    view: Sequence[int],
    runs: Sequence[Span],
    shares: Sequence[Shares],
    spans: Sequence[Span],
    texts: Collection[int],
) -> tuple[Shares, Shares]:
    """Bytes that stay unread where some pieces are a view of a value: in its opaque runs, and elsewhere."""
    best: dict[Span, Shares] = {}  # a layer may read the same bytes in two ways
    for i in view:
        known = best.get(spans[i])
        if known is None or shares[i].unread < known.unread:
            best[spans[i]] = shares[i]
    inside = _left(data, best, runs) if runs else Shares()
    outside = Shares()
    unread = [span for span, share in best.items() if share.unread]
    read = joined([*_read_wholly(best), *(spans[i] for i in view if i in texts and not shares[i].unread)])
    for start, end in unread:
        left = [
            span
            for span in between(end, shared((start, end), read), start)
            if span == (start, end) or _length([span]) >= SMALLEST_OPAQUE
        ]
        within = _length(part for span in left for part in shared(span, runs))
        inside = inside.plus(best[start, end].times(within))
        outside = outside.plus(best[start, end].times(_length(left) - within))
    return inside, outside


def _length(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)


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


def _left(data: bytes, spans: Iterable[Span], runs: Sequence[Span]) -> Shares:
    """Bytes of the runs between the pieces of a view, as far as they are runs there too."""
    left = [
        span
        for start, end in between(len(data), spans)
        if end - start >= SMALLEST_OPAQUE
        for one, two in opaque_runs(data[start:end])
        for span in shared((start + one, start + two), runs)
    ]
    return _of_runs(data, left)


def _of_runs(data: bytes, runs: Iterable[Span]) -> Shares:
    """Bytes of runs, by what they are; how a medium begins may look like the end of the text before it."""
    found = Shares()
    for start, end in runs:
        is_medium = _ANY_MAGIC.search(data, max(0, start - _LONGEST_MAGIC), start + _LONGEST_MAGIC)
        size = end - start
        found = found.plus(Shares(0.0, size) if is_medium else Shares(size))
    return found


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


_LONGEST_MAGIC = max(offset + len(magic) for offset, magic, _ in _MAGIC)
_ANY_MAGIC = re.compile(
    b"|".join(
        b".{%d}%b" % (offset, re.escape(magic))
        for offset, magic, _ in _MAGIC
        if len(magic) - magic.count(0) >= 3  # fewer are met in other formats
    ),
    re.DOTALL,
)


def media_type(data: bytes) -> str:
    """What *data* is, if it is an image, audio, video or a font; else empty."""
    for offset, magic, name in _MAGIC:
        if data.startswith(magic, offset):
            return name
    return ""
