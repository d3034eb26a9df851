"""The body of a HAR request or response: as recorded, rebuilt from its parameters, or absent."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import quote, unquote_plus

import msgspec

from hometruth.capture.har.entry import Content, NameValue, Request, Response, number_of, text_of
from hometruth.capture.har.text import body_bytes, may_be_utf8, utf8

METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
FALLBACK_BOUNDARY = "hometruth-rebuilt"
"""Stands in where a multipart body must be rebuilt and its type names no boundary."""
MOST_COMPARED = 1 << 26
"""Characters looked through for what is listed apart from the text; beyond, both are kept."""
_CHUNKED = re.compile("chunked", re.IGNORECASE)

Beside = Callable[[str], bytes | None]


def request_body(request: Request, beside: Beside) -> bytes | None:
    """The request's body; None if there was one and the recorder dropped it (or does not say).

    HTTP Toolkit and PiRogue mark a binary body as discarded, since HAR's own field cannot hold it, and keep
    it in a field of theirs.
    """
    for body in _bodies(request, beside):
        return body
    if text_of(request.body_status).startswith("discarded") or _was_dropped(request):
        return None
    return b""


def other_bodies(request: Request, beside: Beside) -> Iterator[tuple[str, bytes]]:
    """What else is recorded as the body of the request, where it does not say the same; with names."""
    first, *others = [*_bodies(request, beside)] or [b""]
    for number, body in enumerate(others):
        if body != first:
            yield f"recorded again [{number}]", body
    content = request.postData
    if content is None or not (text := text_of(content.text)):
        return
    is_open = may_be_utf8(text, body_type(content, request.headers)) and len(text) not in _sizes(request)
    if is_open and (data := utf8(text)) != first:
        yield "postData.text, as UTF-8", data
    if content.params and (left := unsaid(content.params, text)):
        yield "params", rebuilt_form(left)


def _bodies(request: Request, beside: Beside) -> Iterator[bytes]:
    """Everything that is recorded as the body, what is surest first."""
    for content in (request.content, request.postData):
        if content is None:
            continue
        kind = body_type(content, request.headers)
        if text := text_of(content.text):
            yield body_bytes(text, text_of(content.encoding), kind, _sizes(request))
        for name in _attached(content):
            data = beside(name)
            if data is None and "/" not in name:
                data = beside(f"resources/{name}")
            if data is not None:
                yield data
        if content.params and not text:
            yield rebuilt(content.params, kind)


def _sizes(request: Request) -> list[int]:
    """What is said of how many bytes the body has."""
    told = (number_of(request.bodySize), number_of(header(request.headers, "content-length")))
    return [size for size in told if size is not None and size > 0]


def _attached(content: Content) -> Iterator[str]:
    """Names of files that hold the body."""
    for name in dict.fromkeys((text_of(content.file), text_of(content.sha1))):
        if name:
            yield name


def _was_dropped(request: Request) -> bool:
    """True unless it is known that there was no body."""
    content = request.postData
    if content is not None and (text_of(content.comment) or next(_attached(content), None)):
        return True  # Firefox: no text, and a comment that says it is not included
    declared = number_of(header(request.headers, "content-length"))
    size = number_of(request.bodySize)
    if (declared or 0) > 0 or (size or 0) > 0:
        return True
    if _CHUNKED.search(header(request.headers, "transfer-encoding")):
        return True
    if declared is None and (size is None or size < 0):
        return text_of(request.method).upper() in METHODS_WITH_BODY
    return False


def response_body(response: Response) -> bytes | None:
    """The response's body; None if the recorder did not keep it."""
    content = response.content
    if content is None:
        return None
    text = text_of(content.text)
    if text:
        return body_bytes(text, text_of(content.encoding), body_type(content, response.headers))
    return b"" if number_of(content.size) == 0 else None


def body_type(content: Content, headers: Sequence[NameValue] | None) -> str:
    """Media type of a body: the recorder's own field, else the header."""
    return text_of(content.mimeType) or header(headers, "content-type")


def header(headers: Sequence[NameValue] | None, name: str) -> str:
    """First value of a header, compared without case; empty if absent."""
    return next((text_of(pair.value) for pair in headers or () if text_of(pair.name).lower() == name), "")


def unsaid(pairs: Iterable[NameValue], text: str) -> list[NameValue]:
    """Those of which name, value or file name do not stand in *text*, however it spells them."""
    spellings = {text, unquote_plus(text, errors="surrogateescape")}
    if "\\" in text:
        spellings.add(text.replace("\\/", "/").replace('\\"', '"'))
    left = []
    room = MOST_COMPARED
    for pair in pairs:
        told = [text_of(each) for each in (pair.name, pair.value, pair.fileName, pair.contentType)]
        room -= len(text)
        if room < 0 or not all(
            any(word in spelling for spelling in spellings) or unquote_plus(word) in spellings
            for word in told
        ):
            left.append(pair)
    return left


def rebuilt(params: Sequence[NameValue], mime_type: str) -> bytes:
    """A body from parsed parameters alone: same names and values, spelling and order of bytes not assured."""
    essence = mime_type.partition(";")[0].strip().lower()
    if essence.endswith("json"):
        return msgspec.json.encode({text_of(pair.name): pair.value for pair in params})
    if essence.startswith("multipart/"):
        return _multipart(params, mime_type)
    return rebuilt_form(params)


def rebuilt_form(params: Sequence[NameValue]) -> bytes:
    """Names and values as a form or a query spells them."""
    fields: list[str] = []
    for pair in params:
        values = (pair.value, *filter(None, (pair.fileName, pair.contentType)))
        fields += [f"{_in_form(pair.name)}={_in_form(each)}" for each in values]
    return utf8("&".join(fields))


def _in_form(value: object) -> str:
    """Spelt for a form; recorders give values decoded or not, so an existing percent sign stays."""
    return quote(text_of(value), safe="%/:?@!$'()*,;[]{}\"", errors="surrogatepass")


def _multipart(params: Sequence[NameValue], mime_type: str) -> bytes:
    boundary = mime_type.partition("boundary=")[2].partition(";")[0].strip().strip('"') or FALLBACK_BOUNDARY
    lines: list[str] = []
    for pair in params:
        file = f'; filename="{text_of(pair.fileName)}"' if pair.fileName else ""
        lines += [f"--{boundary}", f'Content-Disposition: form-data; name="{text_of(pair.name)}"{file}']
        if pair.contentType:
            lines.append(f"Content-Type: {text_of(pair.contentType)}")
        lines += ["", text_of(pair.value)]
    return utf8("\r\n".join([*lines, f"--{boundary}--", ""]))
