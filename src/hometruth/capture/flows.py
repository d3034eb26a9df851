"""Reads flows of mitmproxy, through its own reader, and turns them into exchanges."""

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from typing import cast

import msgspec
from mitmproxy.connection import Client
from mitmproxy.exceptions import FlowReadException
from mitmproxy.flow import Error, Flow
from mitmproxy.http import HTTPFlow, Request
from mitmproxy.http import Message as HTTPMessage
from mitmproxy.io import FlowReader

from hometruth.capture.conversation import conversation_of
from hometruth.capture.stamps import TLS_OFFERED, TRIAL, UNDELIVERED, nanoseconds, sent_by, text_at
from hometruth.model import (
    Delivery,
    Exchange,
    Extra,
    Gap,
    GapKind,
    Headers,
    Message,
    Part,
    Source,
    Tls,
)

SCHEMES = frozenset({"http", "https", "ws", "wss", ""})
_HTTP_VERSION = re.compile(r"HTTP/[0-9.]{1,4}")


def read_flow(frame: bytes, where: str, file: str, index: int) -> Exchange | Gap:
    """One flow, still encoded, as an exchange, or as a gap if it is damaged or empty."""
    try:
        flow: Flow = next(iter(FlowReader(io.BytesIO(frame)).stream()))
        return _sound(item_of(flow, file, index))
    except FlowReadException as err:
        return Gap(GapKind.UNREADABLE, where, f"a damaged flow: {err}", size_bytes=len(frame))
    except Exception as err:  # noqa: BLE001 (mitmproxy trusts its files; a hostile one raises anything)
        detail = f"a damaged flow: {type(err).__name__}: {err}"
        return Gap(GapKind.UNREADABLE, where, detail, size_bytes=len(frame))


def _sound(item: Exchange | Gap) -> Exchange | Gap:
    """The same, all its fields of the declared types: mitmproxy takes from a file what it finds there."""
    plain = msgspec.to_builtins(item, builtin_types=(bytes,))
    return msgspec.convert(plain, type(item), builtin_types=(bytes,))


def item_of(flow: Flow, file: str, index: int) -> Exchange | Gap:
    """One flow of any kind, as it is read."""
    if isinstance(flow, HTTPFlow):
        return exchange_of(flow, file, index)
    return conversation_of(flow, file, index)


def exchange_of(flow: HTTPFlow, file: str, index: int) -> Exchange:
    """One HTTP flow as an exchange; bodies are as sent, with their Content-Encoding still on."""
    request, response = flow.request, flow.response
    return Exchange(
        id=f"{index}:{flow.id}",
        source=Source(file, index, flow.id),
        method=request.data.method.decode("utf-8", "surrogateescape"),
        scheme=request.scheme,
        host=host_of(flow),
        port=request.port,
        target=request.data.path,
        request_headers=_with_trailers(request),
        request_body=request.raw_content,
        started_ns=nanoseconds(request.timestamp_start),
        http_version=request.http_version,
        status=response.status_code if response else None,
        response_headers=_with_trailers(response) if response else (),
        authority=_authority(request),
        response_body=response.raw_content if response else None,
        messages=_messages(flow),
        tls=_tls(flow),
        server_address=flow.server_conn.peername[:2] if flow.server_conn.peername else None,
        error=flow.error.msg if flow.error else None,
        delivered=_delivered(flow),
        trial=text_at(flow, TRIAL),
        sent_by=sent_by(flow),
        extras=tuple(_extras(flow)),
    )


def _extras(flow: HTTPFlow) -> Iterator[Extra]:
    """What the client sent that has no place of its own in an exchange."""
    request = flow.request
    if not _HTTP_VERSION.fullmatch(request.http_version):
        yield Extra(Part.HEADER, "HTTP version", request.data.http_version)
    if request.scheme not in SCHEMES:
        yield Extra(Part.PATH, "scheme", request.data.scheme)
    if flow.modified():  # type: ignore[no-untyped-call]
        yield from _before_editing(flow)
    for certificate in flow.client_conn.certificate_list:
        yield Extra(Part.HEADER, "certificate of the client", certificate.to_pem())
    if flow.websocket and flow.websocket.closed_by_client and flow.websocket.close_reason:
        yield Extra(Part.MESSAGE, "reason for closing", flow.websocket.close_reason.encode())


def _before_editing(flow: HTTPFlow) -> Iterator[Extra]:
    """What the client sent, where somebody edited the flow and mitmproxy kept the original."""
    before = HTTPFlow.from_state(flow.get_state()["backup"])
    original = cast(HTTPFlow, before).request.data
    edited = flow.request.data
    if original.path != edited.path:
        yield Extra(Part.PATH, "before editing", original.path)
    for name, value in original.headers.fields:
        if (name, value) not in edited.headers.fields:
            yield Extra(Part.HEADER, f"{name.decode('latin-1')}, before editing", value)
    if original.content and original.content != edited.content:
        yield Extra(Part.BODY, "before editing", original.content)


def _with_trailers(message: HTTPMessage) -> Headers:
    return (*message.headers.fields, *(message.trailers.fields if message.trailers else ()))


def _authority(request: Request) -> bytes:
    """The authority as sent (absolute form, ``:authority``), where it says more than the host and port."""
    same = (request.host, f"{request.host}:{request.port}")
    authority = request.data.authority
    return b"" if authority.decode("utf-8", "surrogateescape").lower() in same else authority


def _delivered(flow: HTTPFlow) -> Delivery:
    if flow.metadata.get(UNDELIVERED):
        return Delivery.NO_ANSWER
    if flow.response is not None:
        return Delivery.YES
    killed = flow.error is not None and flow.error.msg == Error.KILLED_MESSAGE
    return Delivery.BLOCKED if killed else Delivery.NO_ANSWER


def host_of(flow: HTTPFlow) -> str:
    """Name of the host that was asked for, lower case.

    The address of the request, not its Host header, which a client may fill as it likes; only where the
    address is a bare number (transparent recording) do the ClientHello or that header supply the name.
    """
    host = flow.request.host
    with suppress(ValueError):
        ip_address(host)
        host = flow.client_conn.sni or flow.request.pretty_host
    return host.lower()


def _messages(flow: HTTPFlow) -> tuple[Message, ...]:
    if flow.websocket is None:
        return ()
    return tuple(
        Message(message.from_client, _bytes(message.content), message.is_text, nanoseconds(message.timestamp))
        for message in flow.websocket.messages
    )


def _bytes(content: object) -> bytes:
    """Content of a message; files of mitmproxy 5 and 6 hold text messages as text."""
    return content.encode() if isinstance(content, str) else cast(bytes, content)


def _tls(flow: HTTPFlow) -> Tls | None:
    client: Client = flow.client_conn
    if not client.tls_established:
        return None
    offered = text_at(flow, TLS_OFFERED) or ""
    return Tls(client.tls_version, tuple(offered.split(",")) if offered else (), client.sni)
