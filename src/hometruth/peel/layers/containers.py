"""Containers of named fields: forms and queries, cookies, paths, multipart bodies, URLs.

Only the value of a field is cut out; percent escapes in it are the next layer. Names are pieces too.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from hometruth.peel.chunks import runs
from hometruth.peel.layers.layer import MAX_PIECES, Opened, Piece, collect
from hometruth.peel.many.kinds import COLON, EQUALS, LINE
from hometruth.peel.text_check import is_text

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Mask

_FORM = re.compile(rb"[\w.\-\[\]%$:+~*@]{1,128}=[^=\x00-\x08\x0a-\x1f]")
"""How a form begins; its first value may be empty if more fields follow."""
_PADDED = re.compile(rb"[A-Za-z0-9+/_%-]{16,}={1,2}")
"""Base64 with its padding: these equals signs end no name."""
_URL = re.compile(rb"([A-Za-z][A-Za-z0-9+.\-]{1,20}):/{2}([^/?#\s]*+)([^?#\s]*+)(\?[^#\s]*+)?(#\S*+)?")
_SEGMENT = re.compile(rb"[^/]+")
_BOUNDARY = re.compile(rb"\s*--([^\r\n]{1,70})\r?\n")
_PART_NAME = re.compile(rb'\bname="?([^";\r\n]*)')
_LINE_END = re.compile(rb"\r?\n")
_LAST_LINE_END = re.compile(rb"\r?\n\Z")
_HEADERS_END = re.compile(rb"\r?\n\r?\n")


def unform(data: bytes) -> Opened | None:
    """Split ``a=1&b=2``; None if *data* does not begin like that."""
    if not _FORM.match(data):
        return None
    return collect(_fields(data, b"&"), perhaps=not is_text(data))


def may_be_form(batch: "Batch") -> "Mask":
    """A name, an equals sign and the beginning of a value."""
    return batch.matching(_FORM, batch.with_any(EQUALS))


def split_query(data: bytes) -> Opened | None:
    """Split a query string at ``&`` and ``=``; what has no ``=`` is a value without a name."""
    return collect(_fields(data, b"&"))


def split_cookie(data: bytes) -> Opened | None:
    """Split a Cookie header (RFC 6265) into its cookies."""
    return collect(_fields(data, b";"))


def split_path(data: bytes) -> Opened | None:
    """Split a path into its segments."""
    return collect(
        Piece(f"[{index}]", match[0], *match.span()) for index, match in enumerate(_SEGMENT.finditer(data))
    )


def split_target(data: bytes) -> Opened | None:
    """Path of a request target that has a query, as a whole and in segments; None if it has no query."""
    path, mark, _ = data.partition(b"?")
    if not mark:
        return None
    segments = split_path(path)
    return Opened([Piece("", path, 0, len(path)), *(segments.pieces if segments else ())])


def unurl(data: bytes) -> Opened | None:
    """Host, path segments, query fields and fragment of a URL."""
    match = _URL.fullmatch(data)
    if not match:
        return None
    return collect(_url_pieces(match))


def may_be_url(batch: "Batch") -> "Mask":
    """A colon and two slashes."""
    return batch.with_any(COLON) & batch.holding(b"://")


def _url_pieces(url: re.Match[bytes]) -> Iterator[Piece]:
    yield Piece(".host", url[2], *url.span(2))
    start = url.start(3)
    for index, part in enumerate(_SEGMENT.finditer(url[3])):
        yield Piece(f".path[{index}]", part[0], start + part.start(), start + part.end())
    if url[4]:
        start = url.start(4) + 1
        for field in _fields(url[4][1:], b"&"):
            label = "?" + field.label.removeprefix(".")
            yield Piece(label, field.data, start + field.start, start + field.end)
    if url[5]:
        yield Piece("#", url[5][1:], url.start(5) + 1, url.end(5))


def unmultipart(data: bytes) -> Opened | None:
    """Parts of a multipart body (RFC 2046), recognised by its first boundary; headers are pieces too."""
    opening = _BOUNDARY.match(data)
    if not opening:
        return None
    # Only at the beginning of a line and up to its end: the same characters elsewhere are content.
    delimiter = re.compile(rb"\n--" + re.escape(opening[1].rstrip()) + rb"(--)?[ \t]*+(?=\r?\n|\Z)")
    delimiters = list(islice(delimiter.finditer(data, opening.end() - 1), MAX_PIECES))
    if not delimiters:
        return None
    opened = collect(_with_documents(_parts(data, opening.end(1), delimiters)))
    if opened and not any(found[1] for found in delimiters):
        return opened._replace(damage="multipart ends without its last boundary")
    return opened


def may_be_multipart(batch: "Batch") -> "Mask":
    """A boundary in its first line."""
    return batch.matching(_BOUNDARY, batch.with_any(LINE))


def _parts(data: bytes, start: int, delimiters: list[re.Match[bytes]]) -> Iterator[Piece]:
    for index, found in enumerate(delimiters):
        yield from _part(data, start, found.start() + 1, index)
        start = found.end()
        if found[1]:
            return
    yield from _part(data, start, len(data), len(delimiters))


def _with_documents(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The pieces, then each document that was cut into several contents."""
    contents = []
    for piece in pieces:
        if not piece.label.endswith("~"):
            contents.append(piece)
        yield piece
    for run in runs([piece.data for piece in contents]):
        own = contents[run.start : run.stop]
        whole = b"".join(piece.data for piece in own)
        yield Piece(f"[{run.start}-{run.stop - 1}]", whole, own[0].start, own[-1].end)


def _fields(data: bytes, separator: bytes) -> Iterator[Piece]:
    start = 0
    while start <= len(data):
        end = data.find(separator, start)
        end = len(data) if end < 0 else end
        field = data[start:end]
        name, equals, value = field.partition(b"=")
        if equals and (value.strip(b"=") or not _PADDED.fullmatch(field)):
            label = "." + field_name(name.strip())
            yield Piece(label, value.strip(b" ") if separator == b";" else value, end - len(value), end)
            yield Piece(label + "~", name.strip(), start, start + len(name))
        elif bare := field.strip():
            yield Piece("", bare, start, end)
        start = end + len(separator)


def field_name(name: bytes) -> str:
    """A field's name as the path shows it: decoded, as it is."""
    return unquote_to_bytes(name.replace(b"+", b" ")).decode("utf-8", "backslashreplace")


def _part(data: bytes, start: int, end: int, index: int) -> Iterator[Piece]:
    """Content and headers of the part between the end of one delimiter and the line of the next."""
    head = start + len(_line_end(data, start))
    blank = _line_end(data, head)
    gap = _HEADERS_END.search(data, head, end)
    if blank or gap is None:  # no headers; or nothing but content
        label, content = f"[{index}]", head + len(blank)
    else:
        name = _PART_NAME.search(data, head, gap.start())
        label = "." + field_name(name[1]) if name else f"[{index}]"
        content = gap.end()
        yield Piece(label + "~", data[head : gap.start()], head, gap.start())
    if content < end:
        length = len(_LAST_LINE_END.sub(b"", data[content:end]))
        yield Piece(label, data[content : content + length], content, content + length)


def _line_end(data: bytes, at: int) -> bytes:
    match = _LINE_END.match(data, at)
    return match[0] if match else b""
