"""Conversations in something other than HTTP, as exchanges whose messages are searched: DNS, TCP, UDP, QUIC.

They are told as the reader of packet captures tells them: the protocol is the method and the scheme, there is
no target, and what went either way stands in the messages.
"""

from mitmproxy.dns import DNSFlow
from mitmproxy.flow import Flow
from mitmproxy.tcp import TCPFlow
from mitmproxy.udp import UDPFlow

from hometruth.capture.stamps import (
    ASKED_HOST,
    ASKED_PORT,
    TRIAL,
    UNDELIVERED,
    nanoseconds,
    sent_by,
    text_at,
)
from hometruth.model import Delivery, Exchange, Gap, GapKind, Message, Source, Tls


def conversation_of(flow: Flow, file: str, index: int) -> Exchange | Gap:
    """One conversation; a gap if nothing that the client sent on it was recorded."""
    messages = _messages(flow)
    host, port = _asked(flow)
    scheme = _scheme(flow)
    if not any(message.sent and message.data for message in messages):
        received = sum(len(message.data) for message in messages)
        said = f"only what the server sent ({received:,} bytes)" if received else "nothing"
        reason = f", which failed ({flow.error.msg})" if flow.error else ""
        return Gap(
            GapKind.NOT_HTTP,
            f"{file}, flow {flow.id}",
            f"of a {scheme.upper()} conversation{reason} {said} was recorded",
            size_bytes=0,
            received_bytes=received,
            host=host or None,
            trial=text_at(flow, TRIAL),
        )
    client = flow.client_conn
    return Exchange(
        id=f"{index}:{flow.id}",
        source=Source(file, index, flow.id),
        method=scheme.upper(),
        scheme=scheme,
        host=host,
        port=port,
        target=b"",
        request_headers=(),
        request_body=b"",
        started_ns=nanoseconds(_started(flow)),
        messages=messages,
        tls=Tls(client.tls_version, (), client.sni) if client.tls_established else None,
        server_address=flow.server_conn.peername[:2] if flow.server_conn.peername else None,
        error=flow.error.msg if flow.error else None,
        delivered=_delivered(flow, messages),
        trial=text_at(flow, TRIAL),
        sent_by=sent_by(flow),
    )


def _scheme(flow: Flow) -> str:
    if isinstance(flow, DNSFlow):
        return "dns"
    if flow.client_conn.transport_protocol == "udp" and flow.client_conn.tls_version == "QUICv1":
        return "quic"
    return flow.type


def _asked(flow: Flow) -> tuple[str, int]:
    host, port, *_ = flow.server_conn.address or ("", 0)
    noted = flow.metadata.get(ASKED_PORT)
    host = flow.client_conn.sni or text_at(flow, ASKED_HOST) or host
    return host.lower(), noted if isinstance(noted, int) else port


def _messages(flow: Flow) -> tuple[Message, ...]:
    match flow:
        case TCPFlow() | UDPFlow():
            return tuple(
                Message(each.from_client, each.content, is_text=False, time_ns=nanoseconds(each.timestamp))
                for each in flow.messages
            )
        case DNSFlow():
            both = ((flow.request, True), (flow.response, False))
            return tuple(
                Message(sent, message.packed, is_text=False, time_ns=nanoseconds(message.timestamp))
                for message, sent in both
                if message is not None
            )
        case _:
            return ()


def _started(flow: Flow) -> float | None:
    match flow:
        case TCPFlow() | UDPFlow() if flow.messages:
            return float(flow.messages[0].timestamp)
        case DNSFlow():
            return flow.request.timestamp
        case _:
            return flow.timestamp_start


def _delivered(flow: Flow, messages: tuple[Message, ...]) -> Delivery:
    if any(not message.sent for message in messages) and not flow.metadata.get(UNDELIVERED):
        return Delivery.YES
    if flow.metadata.get(UNDELIVERED) or flow.error is not None:
        return Delivery.NO_ANSWER
    return Delivery.NOT_RECORDED
