"""Containers of named fields: forms and queries, cookies, paths, multipart bodies, URLs.

Only the value of a field is cut out; percent escapes in it are the next layer. Names are pieces too.
"""

import re
from urllib.parse import unquote_to_bytes

from hometruth.peel.layers.layer import Opened, Piece
from hometruth.peel.text_check import is_text

_FORM = re.compile(rb"[\w.\-\[\]%$:+~*@]{1,128}=[^=\x00-\x08\x0a-\x1f]")
"""How a form begins; its first value may be empty if more fields follow."""
_PADDED = re.compile(rb"[A-Za-z0-9+/_%-]{16,}={1,2}")
"""Base64 with its padding: these equals signs end no name."""
_URL = re.compile(rb"([A-Za-z][A-Za-z0-9+.\-]{1,20}):/{2}([^/?#\s]*+)([^?#\s]*+)(\?[^#\s]*+)?(#\S*+)?")
_BOUNDARY = re.compile(rb"\s*--([^\r\n]{1,70})\r?\n")
_PART_NAME = re.compile(rb'\bname="?([^";\r\n]*)')
_HEADERS_END = re.compile(rb"\r?\n\r?\n")


def unform(data: bytes) -> Opened | None:
    """Split ``a=1&b=2``; None if *data* does not begin like that."""
    if not _FORM.match(data):
        return None
    return Opened(_fields(data, b"&"), perhaps=not is_text(data))


def split_query(data: bytes) -> Opened | None:
    """Split a query string at ``&`` and ``=``; what has no ``=`` is a value without a name."""
    return Opened(_fields(data, b"&")) if data else None


def split_cookie(data: bytes) -> Opened | None:
    """Split a Cookie header (RFC 6265) into its cookies."""
    return Opened(_fields(data, b";")) if data else None


def split_path(data: bytes) -> Opened | None:
    """Split a path into its segments."""
    pieces = [
        Piece(f"[{index}]", match[0], *match.span())
        for index, match in enumerate(re.finditer(rb"[^/]+", data))
    ]
    return Opened(pieces) if pieces else None


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
    pieces = [Piece(".host", match[2], *match.span(2))]
    for index, part in enumerate(re.finditer(rb"[^/]+", match[3])):
        start = match.start(3)
        pieces.append(Piece(f".path[{index}]", part[0], start + part.start(), start + part.end()))
    if match[4]:
        start = match.start(4) + 1
        for field in _fields(match[4][1:], b"&"):
            label = "?" + field.label.removeprefix(".")
            pieces.append(Piece(label, field.data, start + field.start, start + field.end))
    if match[5]:
        pieces.append(Piece("#", match[5][1:], match.start(5) + 1, match.end(5)))
    return Opened(pieces)


def unmultipart(data: bytes) -> Opened | None:
    """Parts of a multipart body (RFC 2046), recognised by its first boundary; headers are pieces too."""
    opening = _BOUNDARY.match(data)
    if not opening:
        return None
    boundary = b"--" + opening[1].rstrip()
    pieces: list[Piece] = []
    start = opening.end()
    index = 0
    while (end := data.find(boundary, start)) >= 0:
        pieces += _part(data, start, end, index)
        index += 1
        start = end + len(boundary)
        if data[start : start + 2] == b"--":
            return Opened(pieces)
    if data[start:].strip():
        pieces += _part(data, start, len(data), index)
    return Opened(pieces, damage="multipart ends without its last boundary") if index else None


def _fields(data: bytes, separator: bytes) -> list[Piece]:
    pieces = []
    start = 0
    for field in data.split(separator):
        end = start + len(field)
        name, equals, value = field.partition(b"=")
        if not equals or (not value.strip(b"=") and _PADDED.fullmatch(field)):
            bare = field.strip()
            if bare:
                pieces.append(Piece("", bare, start, end))
        else:
            label = "." + field_name(name.strip())
            pieces.append(
                Piece(label, value.strip(b" ") if separator == b";" else value, end - len(value), end)
            )
            pieces.append(Piece(label + "~", name.strip(), start, start + len(name)))
        start = end + len(separator)
    return pieces


def field_name(name: bytes) -> str:
    """A field's name as the path shows it: decoded, as it is."""
    return unquote_to_bytes(name.replace(b"+", b" ")).decode("utf-8", "backslashreplace")


def _part(data: bytes, start: int, end: int, index: int) -> list[Piece]:
    """Content and headers of the part of a multipart body between *start* and *end*."""
    while data[start : start + 1] in {b"\r", b"\n"} and start < end:
        start += 1
    gap = _HEADERS_END.search(data, start, end)
    if not gap:
        return [Piece(f"[{index}]", data[start:end], start, end)] if start < end else []
    name = _PART_NAME.search(data, start, gap.start())
    label = "." + field_name(name[1]) if name else f"[{index}]"
    content_end = end
    if data[content_end - 1 : content_end] == b"\n":
        content_end -= 2 if data[content_end - 2 : content_end - 1] == b"\r" else 1
    content_end = max(content_end, gap.end())
    return [
        Piece(label, data[gap.end() : content_end], gap.end(), content_end),
        Piece(label + "~", data[start : gap.start()], start, gap.start()),
    ]
