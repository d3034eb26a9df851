"""The fields of a HAR entry, as loosely typed as recorders fill them.

Names are HAR's own. A field that may hold anything is `Any`: a bad date or a status of ``"OK"`` then costs
that fact and not the entry. A field of type `NotSent` is known, and speaks of something that the client did
not send. A field that is neither makes the entry go the long way, `loose.py`, which names it in a gap.
"""

import json
from typing import Any

import msgspec

NotSent = msgspec.Raw
"""Notes of the recorder, times, and what came back: passed over undecoded."""
NOTHING = msgspec.Raw(b"")


class NameValue(msgspec.Struct, forbid_unknown_fields=True):
    """A header, cookie or parameter."""

    name: Any = None
    value: Any = None
    fileName: Any = None
    contentType: Any = None
    comment: NotSent = NOTHING
    path: NotSent = NOTHING
    """Of a cookie, like the next ones: the server set them, and only name and value go back."""
    domain: NotSent = NOTHING
    expires: NotSent = NOTHING
    httpOnly: NotSent = NOTHING
    secure: NotSent = NOTHING
    sameSite: NotSent = NOTHING
    same_party: NotSent = msgspec.field(default=NOTHING, name="sameParty")
    priority: NotSent = NOTHING


class Content(msgspec.Struct, forbid_unknown_fields=True):
    """A body: ``request.postData``, ``response.content``, or HTTP Toolkit's ``request._content``."""

    mimeType: Any = None
    text: Any = None
    encoding: Any = None
    size: Any = None
    comment: Any = None
    params: list[NameValue] | None = None
    file: Any = msgspec.field(default=None, name="_file")
    """Playwright, like the next one: the body lies in this file beside the HAR."""
    sha1: Any = msgspec.field(default=None, name="_sha1")
    compression: NotSent = NOTHING


class Request(msgspec.Struct, forbid_unknown_fields=True):
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
    trailers: list[NameValue] | None = msgspec.field(default=None, name="_trailers")
    headersSize: NotSent = NOTHING
    comment: NotSent = NOTHING


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


class WebSocketMessage(msgspec.Struct, forbid_unknown_fields=True):
    """One WebSocket message, as Chrome and mitmproxy export them."""

    type: Any = None
    time: Any = None
    opcode: Any = None
    data: Any = None
    mask: NotSent = NOTHING


class Outgoing(msgspec.Struct, forbid_unknown_fields=True):
    """One object of ``log.entries``, as far as it says what was sent."""

    request: Request
    startedDateTime: Any = None
    serverIPAddress: Any = None
    response: Outcome | None = None
    from_cache: Any = msgspec.field(default=None, name="_fromCache")
    messages: list[WebSocketMessage] | None = msgspec.field(default=None, name="_webSocketMessages")
    time: NotSent = NOTHING
    cache: NotSent = NOTHING
    timings: NotSent = NOTHING
    connection: NotSent = NOTHING
    pageref: NotSent = NOTHING
    comment: NotSent = NOTHING
    initiator: NotSent = msgspec.field(default=NOTHING, name="_initiator")
    priority: NotSent = msgspec.field(default=NOTHING, name="_priority")
    resource_type: Any = msgspec.field(default=None, name="_resourceType")
    connection_id: NotSent = msgspec.field(default=NOTHING, name="_connectionId")
    event_source: NotSent = msgspec.field(default=NOTHING, name="_eventSourceMessages")
    service_worker: NotSent = msgspec.field(default=NOTHING, name="_fetchedViaServiceWorker")
    worker_source: NotSent = msgspec.field(default=NOTHING, name="_serviceWorkerResponseSource")
    worker_cache: NotSent = msgspec.field(default=NOTHING, name="_responseCacheStorageCacheName")
    security_state: NotSent = msgspec.field(default=NOTHING, name="_securityState")
    security: NotSent = msgspec.field(default=NOTHING, name="_securityDetails")
    server_port: NotSent = msgspec.field(default=NOTHING, name="_serverPort")
    frame: NotSent = msgspec.field(default=NOTHING, name="_frameref")
    monotonic: NotSent = msgspec.field(default=NOTHING, name="_monotonicTime")
    api_request: NotSent = msgspec.field(default=NOTHING, name="_apiRequest")
    was_aborted: NotSent = msgspec.field(default=NOTHING, name="_wasAborted")
    was_fulfilled: Any = msgspec.field(default=None, name="_wasFulfilled")
    """Playwright: the test itself answered, and it never left."""
    was_continued: NotSent = msgspec.field(default=NOTHING, name="_wasContinued")
    websocket_close: NotSent = msgspec.field(default=NOTHING, name="_webSocketClose")


class Entry(Outgoing, forbid_unknown_fields=True):
    """One object of ``log.entries``."""

    response: Response | None = None


def text_of(value: object) -> str:
    """A field that should be text: what is none is written out, as some recorders leave numbers bare."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def number_of(value: object) -> int | None:
    """A field that should be a whole number, None if it is not."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return None
