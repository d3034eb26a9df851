"""Requests and answers kept as the bytes of HTTP/1 (RFC 9112), as proxies and archives write them down."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from hometruth.capture.url import Url, exchange_to, parse_url
from hometruth.model import Delivery, Exchange, Gap, GapKind, Headers, Sender, Source

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_REQUEST_LINE = re.compile(rb"([!-~]{1,40}) +([^\r\n]*?)(?: +(HTTP/[0-9.]{1,4}))?$")
_STATUS_LINE = re.compile(rb"HTTP/[0-9.]{1,4} +(\d{3})")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")
_LINE_END = re.compile(rb"\r?\n")


class RawMessage(NamedTuple):
    """A request or an answer, cut into its parts."""

    line: bytes
    headers: Headers
    body: bytes
    """Without its transfer coding."""
    is_cut: bool = False
    """Its head does not end."""
    is_uneven: bool = False
    """Its body begins like chunks that do not add up, and is kept as it stands."""

    def header(self, name: bytes) -> bytes:
        """First value of a header; empty if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), b"")

    @property
    def status(self) -> int | None:
        """Of an answer."""
        line = _STATUS_LINE.match(self.line)
        return int(line[1]) if line else None

    @property
    def missing_bytes(self) -> int:
        """How many bytes of the body are not there, by its own Content-Length."""
        declared = self.header(b"content-length").strip()
        if not declared.isdigit() or len(declared) > 18 or self.header(b"transfer-encoding"):
            return 0
        return max(0, int(declared) - len(self.body))


def split_message(data: bytes) -> RawMessage:
    """Cut a message into its parts; whatever it is, none is lost."""
    end = _END_OF_HEAD.search(data)
    head, body = (data[: end.start()], data[end.end() :]) if end else (data, b"")
    line, *lines = head.split(b"\n")
    message = RawMessage(line.rstrip(b"\r"), _fields(lines), body, is_cut=end is None)
    if b"chunked" not in message.header(b"transfer-encoding").lower():
        return message
    if (whole := _dechunked(body)) is None:
        return message._replace(is_uneven=_CHUNK.match(body) is not None)
    return message._replace(body=whole[0], headers=message.headers + whole[1])


def split_answer(data: bytes, *, responses: bool) -> RawMessage:
    """Cut an answer into its parts; of who looks at requests only, the body is left out and not looked at."""
    end = None if responses else _END_OF_HEAD.search(data)
    return split_message(data[: end.end()] if end else data)


def _fields(lines: list[bytes]) -> Headers:
    headers: list[tuple[bytes, bytes]] = []
    for raw in lines:
        text = raw.rstrip(b"\r")
        if text[:1] in (b" ", b"\t") and headers:  # folded, as old software does
            headers[-1] = headers[-1][0], headers[-1][1] + b" " + text.strip()
        elif text.strip():
            name, _, value = text.partition(b":") if not text.startswith(b":") else _pseudo(text)
            headers.append((name.strip(), value.strip()))
    return tuple(headers)


def _pseudo(text: bytes) -> tuple[bytes, bytes, bytes]:
    name, colon, value = text[1:].partition(b":")
    return b":" + name, colon, value


def _dechunked(body: bytes) -> tuple[bytes, Headers] | None:
    """The body without its chunks, and its trailers (RFC 9112, 7.1); None if it is not chunks up to its end,
    as where it was written down without them."""
    pieces: list[bytes] = []
    at = 0
    while chunk := _CHUNK.match(body, at):
        end = chunk.end() + int(chunk[1], 16)
        if end == chunk.end():
            trailers = body[end:].strip(b"\r\n")
            return (b"".join(pieces), _fields(trailers.split(b"\n"))) if _are_fields(trailers) else None
        if (after := _LINE_END.match(body, end)) is None:
            return None
        pieces.append(body[chunk.end() : end])
        at = after.end()
    return None


def _are_fields(trailers: bytes) -> bool:
    return all(b":" in line.rstrip(b"\r") for line in trailers.split(b"\n")) if trailers else True


def lost(
    request: RawMessage, exchange: Exchange, where: str, answer: RawMessage | None = None
) -> Iterator[Gap]:
    """Gaps of a request that is not all there, and of an answer that is none."""
    if answer and answer.status is None:
        detail = f"an answer without a status line, not looked into: {answer.line[:80]!r}"
        yield Gap(GapKind.UNREADABLE, where, detail, exchange=exchange.id, host=exchange.host)
    if request.is_cut:
        detail = "the request is cut short inside its head"
        yield Gap(GapKind.UNREADABLE, where, detail, exchange=exchange.id, host=exchange.host)
    elif request.is_uneven:
        detail = "the chunks of the body do not add up: it is read as it stands"
        yield Gap(GapKind.UNREADABLE, where, detail, exchange=exchange.id, host=exchange.host)
    elif (missing := request.missing_bytes) and exchange.method.upper() != "CONNECT":
        detail = f"{missing:,} bytes of the body are not in the recording"
        yield Gap(GapKind.NOT_RECORDED, where, detail, exchange=exchange.id, host=exchange.host)


class Asked(NamedTuple):
    """What a request line and a Host header say."""

    method: str
    url: Url
    http_version: str


def asked_of(request: RawMessage, base: str = "") -> Asked:
    """Whom a request asks for what.

    Args:
        base: Scheme, host and port where the recording tells them apart (``https://a.example:8443``); the
            Host header is asked otherwise, and https is taken for granted.

    Raises:
        ValueError: If it is no request, or its recipient is unknown.
        NotOnTheWire: If it leads to no server.
    """
    line = _REQUEST_LINE.match(request.line.strip())
    if line is None:
        raise ValueError(f"no request line: {request.line[:80]!r}")
    method, target = line[1].decode("ascii"), line[2].decode("utf-8", "surrogateescape")
    version = (line[3] or b"").decode("ascii")
    if method.upper() == "CONNECT" and "://" not in target:
        return Asked(method, parse_url(f"https://{target}"), version)
    if "://" in target.partition("/")[0] + "//" and target.lower().startswith(
        ("http:", "https:", "ws:", "wss:")
    ):
        return Asked(method, parse_url(target), version)
    host = (request.header(b"host") or request.header(b":authority")).decode("utf-8", "surrogateescape")
    base = base or (f"https://{host}" if host else "")
    if not base:
        raise ValueError(f"neither a host nor a whole URL: {target[:80]!r}")
    return Asked(method, parse_url(base + (target if target.startswith("/") else "/" + target)), version)


def exchange_of(
    request: RawMessage,
    answer: RawMessage | None,
    asked: Asked,
    source: Source,
    *,
    started_ns: int | None = None,
    server_address: tuple[str, int] | None = None,
    sent_by: Sender | None = None,
    responses: bool = True,
) -> Exchange:
    """One exchange of its two messages; of a CONNECT, the head alone.

    Args:
        answer: None if none was kept, which does not say that none came. One without a status line is left
            to `lost` to tell of.
        responses: False if the body of the answer was not looked at.
    """
    is_connect = asked.method.upper() == "CONNECT"
    answer = answer if answer and answer.status else None
    return exchange_to(
        asked.url,
        source,
        method=asked.method,
        target=b"" if is_connect else asked.url.target,
        request_headers=request.headers,
        request_body=b"" if is_connect else request.body,
        started_ns=started_ns,
        http_version=asked.http_version,
        status=answer.status if answer else None,
        response_headers=answer.headers if answer else (),
        response_body=answer.body if answer and responses else None,
        server_address=server_address,
        delivered=Delivery.YES if answer else Delivery.NOT_RECORDED,
        sent_by=sent_by,
    )
