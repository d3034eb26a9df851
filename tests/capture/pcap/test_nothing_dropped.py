"""What a client sent is in a request, in what is searched beside it, or told to be missing."""

import os
from random import Random

import pytest

from hometruth.model import Exchange, Gap
from tests.capture.pcap.files import ACK, SYN, pcap, read, tcp

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
UPGRADED = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n"
ROUNDS = 150
MASK = 7


def frame(payload: bytes, *, cut: int = 0) -> bytes:
    """A masked message of a client (RFC 6455, 5.2), less its last bytes."""
    masked = bytes(byte ^ MASK for byte in payload)
    return (b"\x82" + bytes([0x80 | len(payload)]) + 4 * bytes([MASK]) + masked)[: -cut or None]


def said(kind: str, token: bytes) -> bytes:
    """What a client may say, with a word of its own in it."""
    return {
        "ask": b"GET /%s HTTP/1.1\r\nHost: a.example\r\n\r\n" % token,
        "header": b"GET / HTTP/1.1\r\nHost: a.example\r\nX-Id: %s\r\n\r\n" % token,
        "post": b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 20\r\n\r\n%s" % token,
        "chunks": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n%s\r\n0\r\n\r\n" % token,
        "no size": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n%s\r\n" % token,
        "no length": b"POST / HTTP/1.1\r\nHost: a.example\r\n\r\n%s\r\n" % token,
        "line": b"HELO %s\r\n" % token,
        "head": b"NO %s\r\n\r\n" % token,
        "bytes": b"\x00\xff\x80%s\xfe" % token,
        "empty lines": b"\r\n\r\nGET /%s HTTP/1.1\r\n\r\n" % token,
        "half a head": b"GET /x HTTP/1.1\r\nX-Id: %s" % token,
        "half a line": b"GET /%s" % token,
        "tunnel": b"CONNECT %s.example:443 HTTP/1.1\r\n\r\n" % token,
        "socket": b"GET /%s HTTP/1.1\r\nUpgrade: websocket\r\n\r\n" % token,
    }[kind]


KINDS = (
    *("ask", "header", "post", "chunks", "no size", "no length", "line", "head", "bytes", "empty lines"),
    *("half a head", "half a line", "tunnel", "socket"),
)


def told(items: list[Exchange | Gap]) -> bytes:
    """All that is searched."""
    parts: list[bytes] = []
    for item in items:
        if isinstance(item, Exchange):
            parts += (item.host.encode(), item.target, item.request_body or b"")
            parts += (b"%s: %s" % field for field in item.request_headers)
            parts += (message.data for message in item.messages)
    found = b"\n".join(parts)
    return found + bytes(byte ^ MASK for byte in found)  # a frame where the answer did not say WebSocket


@pytest.mark.parametrize("is_lossy", [False, True])
def test_every_word_that_a_client_said_is_told(is_lossy: bool) -> None:
    for number in range(ROUNDS):
        rng = Random(f"{number} {os.environ.get('HOMETRUTH_SEED', '')}")
        tokens: list[bytes] = []
        packets = [tcp(b"", 999, flags=SYN), tcp(b"", 4999, up=False, flags=SYN | ACK)]
        up, down, kinds = 1000, 5000, []
        lost = b""
        for _ in range(rng.randrange(1, 7)):
            kind = rng.choice(KINDS)
            token = b"w%019d" % rng.randrange(10**19)
            data = said(kind, token)
            answer = UPGRADED if kind == "socket" else ANSWER
            if kind == "socket":
                late = b"w%019d" % rng.randrange(10**19)
                data += frame(late, cut=rng.randrange(2))
                tokens.append(late[:-1])
            kinds.append(kind)
            tokens.append(token)
            while data:
                size = rng.randrange(1, 60)
                if is_lossy and not lost and rng.random() < 0.1:
                    lost = data[:size]
                else:
                    packets.append(tcp(data[:size], up))
                up, data = up + len(data[:size]), data[size:]
            if rng.random() < 0.8:
                packets.append(tcp(answer, down, up=False))
                down += len(answer)
                if kind == "socket":
                    break  # what follows are frames
        packets.append(tcp(b"", down, up=False, ack=up))
        items = read(pcap(packets))
        missing = [token for token in tokens if token not in told(items)]
        has_gap = any(
            isinstance(item, Gap) or (isinstance(item, Exchange) and item.request_body is None)
            for item in items
        )
        assert not missing or (is_lossy and has_gap), (number, kinds, lost, missing)
