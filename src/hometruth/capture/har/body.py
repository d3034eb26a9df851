"""The body of a HAR request or response: as recorded, rebuilt from its parameters, or absent."""

from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from hometruth.capture.har.entry import Content, NameValue, Request, Response, number_of, text_of
from hometruth.capture.har.text import body_bytes, utf8

METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
FALLBACK_BOUNDARY = "hometruth-rebuilt"
"""Stands in where a multipart body must be rebuilt and its type names no boundary."""


def request_body(request: Request) -> bytes | None:
    """The request's body; None if there was one and the recorder dropped it (or does not say)."""
    if text_of(request.body_status).startswith("discarded"):
        return None
    for content in (request.content, request.postData):
        if content is not None and text_of(content.text):
            return body_bytes(
                text_of(content.text), text_of(content.encoding), body_type(content, request.headers)
            )
    if request.postData is not None and request.postData.params:
        return rebuilt(request.postData.params, body_type(request.postData, request.headers))
    return None if _was_dropped(request) else b""


def _was_dropped(request: Request) -> bool:
    """True unless it is known that there was no body."""
    if request.postData is not None and text_of(request.postData.comment):
        return True  # Firefox: no text, and a comment that says it is not included
    declared = number_of(header(request.headers, "content-length"))
    size = number_of(request.bodySize)
    if size is None or size < 0:
        size = declared
    if size is None:
        return text_of(request.method).upper() in METHODS_WITH_BODY
    return size > 0


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
    return utf8("&".join(f"{_in_form(pair.name)}={_in_form(pair.value)}" for pair in params))


def _in_form(value: object) -> str:
    """Spelt for a form; recorders give values decoded or not, so an existing percent sign stays."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return quote(text, safe="%/:?@!$'()*,;[]{}\"", errors="surrogatepass")


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
