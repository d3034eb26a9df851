"""What a client sent is in a request, in what is searched beside it, or told to be missing."""

import os
from random import Random

import hpack
import pylsqpack
import pytest

from hometruth.capture.pcap.http2 import PREFACE
from hometruth.capture.pcap.http3 import Http3
from hometruth.capture.pcap.talk import Talk
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


def h2_frame(kind: int, payload: bytes, *, flags: int = 0, stream: int = 0) -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


HEADS = hpack.Encoder().encode(
    [(":method", "POST"), (":path", "/"), (":scheme", "http"), (":authority", "a.example")]
)
WORD = b"qhxw7atk3mzn5vpd2q"
BESIDE_2 = {
    "an unknown frame": h2_frame(0x77, WORD),
    "ORIGIN": h2_frame(0x0C, b"\0\x12" + WORD),
    "ALTSVC": h2_frame(0x0A, b"\0\0" + WORD),
    "PRIORITY_UPDATE": h2_frame(0x10, bytes(4) + b"u=1, " + WORD),
    "PING": h2_frame(6, WORD[:8]) + h2_frame(6, WORD[8:16]) + h2_frame(6, WORD[16:] + bytes(6)),
    "GOAWAY": h2_frame(7, bytes(8) + WORD),
    "SETTINGS": h2_frame(4, b"\x77\x77" + WORD[:4]),
    "padding": h2_frame(0, bytes([len(WORD)]) + b"x" + WORD, flags=8, stream=1),
    "more padding than there is": h2_frame(0, bytes([200]) + WORD, flags=8, stream=1),
    "DATA of no request": h2_frame(0, WORD, stream=3),
    "a frame that is cut": h2_frame(0, WORD + b"and more", stream=1)[:-8],
}


def beside(kind: str, extra: bytes) -> list[Exchange | Gap]:
    """What a capture of a request over HTTP/2 tells of something else that the client sends."""
    sent = PREFACE + h2_frame(4, b"") + h2_frame(1, HEADS, flags=4, stream=1)
    sent += extra if kind == "before" else b""
    sent += h2_frame(0, b"body", stream=1) + extra
    return read(pcap([tcp(b"", 999, flags=SYN), tcp(sent, 1000)]))


@pytest.mark.parametrize("kind", BESIDE_2)
def test_what_a_client_says_in_other_frames_of_http2_is_searched(kind: str) -> None:
    items = beside("behind", BESIDE_2[kind])

    assert (WORD if kind not in ("SETTINGS", "PING") else WORD[:4]) in told(items)
    assert [item.method for item in items if isinstance(item, Exchange)] == ["TCP", "POST"][::-1]


def test_what_tells_nothing_in_http2_is_no_conversation() -> None:
    plain = (
        h2_frame(6, bytes(7) + b"\5")
        + h2_frame(6, b"\xff" * 8)
        + h2_frame(6, WORD[:8], flags=1)
        + h2_frame(8, b"\0\1\0\0")
        + h2_frame(2, b"\0\0\0\0\x10", stream=1)
        + h2_frame(4, b"\0\4\0\1\0\0")
        + h2_frame(0x10, b"\0\0\0\1u=2, i")
        + h2_frame(7, bytes(8))
        + h2_frame(0, b"\2x\0\0", flags=8, stream=1)
    )

    assert [item.method for item in beside("behind", plain) if isinstance(item, Exchange)] == ["POST"]


def test_reserved_frames_are_one_gap_of_a_host_and_a_few_bytes_none() -> None:
    grease = h2_frame(0x0B, b"12345678") + h2_frame(0x2A, b"ab") + h2_frame(4, b"\x1a\x2a\1\2\3\4")

    gaps = [item for item in beside("behind", grease) if isinstance(item, Gap) and "GREASE" in item.detail]
    few = [item for item in beside("behind", h2_frame(0x0B, b"1234")) if isinstance(item, Gap)]

    assert [(gap.host, gap.size_bytes) for gap in gaps] == [("10.0.0.2", 14)]
    assert not any("GREASE" in gap.detail for gap in few)


def h3_number(value: int) -> bytes:
    return (value | 2 << 30).to_bytes(4)


def h3_frame(kind: int, payload: bytes) -> bytes:
    return h3_number(kind) + h3_number(len(payload)) + payload


H3_HEADS = pylsqpack.Encoder().encode(
    0, [(b":method", b"POST"), (b":path", b"/"), (b":authority", b"a.example")]
)[1]
BESIDE_3: dict[str, tuple[int, bytes]] = {
    "an unknown frame of a request": (0, h3_frame(0x77, WORD)),
    "an unknown frame of the control stream": (2, b"\0" + h3_frame(4, b"") + h3_frame(0x77, WORD)),
    "an unknown setting": (2, b"\0" + h3_frame(4, h3_number(0x77) + b"\xc0" + WORD[:7])),
    "a priority that is none": (2, b"\0" + h3_frame(0xF0700, b"\0u=1" + WORD)),
    "an unknown stream": (6, h3_number(0x77) + WORD),
    "a stream of WebTransport": (4, h3_number(0x41) + b"\0" + WORD),
    "a frame that is as long as a film": (0, h3_number(0x77) + h3_number(1 << 29) + WORD),
    "a frame of data that is not there yet": (0, h3_number(0) + h3_number(1 << 29) + WORD),
}


@pytest.mark.parametrize("kind", BESIDE_3)
@pytest.mark.parametrize("step", [1, 1000])
def test_what_a_client_says_in_other_frames_of_http3_is_kept(kind: str, step: int) -> None:
    done: list[Talk] = []
    reader = Http3(done.append, answers=False)
    stream, data = BESIDE_3[kind]
    reader.add(True, 0, h3_frame(1, H3_HEADS), False, 1)
    for at in range(0, len(data), step):
        reader.add(True, stream, data[at : at + step], False, 1)
    reader.end()

    kept = b"".join(piece for piece, _ in reader.strays.pieces) + bytes(done[0].body.data)

    assert (WORD[:7] if "setting" in kind else WORD) in kept
    assert len(done) == 1


def test_reserved_streams_and_frames_of_http3_are_counted_alone() -> None:
    reader = Http3(lambda _: None, answers=False)
    reader.add(True, 2, b"\0" + h3_frame(4, h3_number(0x40) + b"\5") + h3_frame(0x21, b"abc"), False, 1)
    reader.add(True, 2, h3_frame(0xF0700, b"\0u=2, i") + h3_frame(7, b"\0"), False, 1)
    reader.add(True, 6, h3_number(0x1F * 9 + 0x21) + b"defg", False, 1)

    assert (reader.strays.pieces, reader.strays.reserved_bytes) == ([], 3 + 5 + 4)
