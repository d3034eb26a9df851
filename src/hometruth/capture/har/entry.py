"""The fields of a HAR entry that an exchange is made of, as loosely typed as recorders fill them.

Names are HAR's own. A field that may hold anything is `Any`: a bad date or a status of ``"OK"`` then costs
that fact and not the entry.
"""

from typing import Any

import msgspec


class NameValue(msgspec.Struct):
    """A header, cookie or parameter."""

    name: Any = None
    value: Any = None
    fileName: Any = None
    contentType: Any = None


class Content(msgspec.Struct):
    """A body: ``request.postData``, ``response.content``, or HTTP Toolkit's ``request._content``."""

    mimeType: Any = None
    text: Any = None
    encoding: Any = None
    size: Any = None
    comment: Any = None
    params: list[NameValue] | None = None


class Request(msgspec.Struct):
    """What was sent."""

    method: Any = None
    url: Any = None
    httpVersion: Any = None
    headers: list[NameValue] | None = None
    cookies: list[NameValue] | None = None
    queryString: list[NameValue] | None = None
    postData: Content | None = None
    bodySize: Any = None
    content: Content | None = msgspec.field(default=None, name="_content")
    body_status: Any = msgspec.field(default=None, name="_requestBodyStatus")


class Outcome(msgspec.Struct):
    """Whether anything came back."""

    status: Any = None
    error: Any = msgspec.field(default=None, name="_error")
    failure: Any = msgspec.field(default=None, name="_failureText")
    """Playwright's word for it."""


class Response(Outcome):
    """What came back."""

    headers: list[NameValue] | None = None
    content: Content | None = None


class WebSocketMessage(msgspec.Struct):
    """One WebSocket message, as Chrome and mitmproxy export them."""

    type: Any = None
    time: Any = None
    opcode: Any = None
    data: Any = None


class Outgoing(msgspec.Struct):
    """One object of ``log.entries``, as far as it says what was sent."""

    request: Request
    startedDateTime: Any = None
    serverIPAddress: Any = None
    response: Outcome | None = None
    from_cache: Any = msgspec.field(default=None, name="_fromCache")
    messages: list[WebSocketMessage] | None = msgspec.field(default=None, name="_webSocketMessages")


class Entry(Outgoing):
    """One object of ``log.entries``."""

    response: Response | None = None


def text_of(value: object) -> str:
    """A field that should be text; other scalars are written out, as some recorders leave numbers bare."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool | dict | list):
        return ""
    return str(value)


def number_of(value: object) -> int | None:
    """A field that should be a whole number, None if it is not."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return None
