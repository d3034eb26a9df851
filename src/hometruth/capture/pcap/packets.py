"""Packets of a pcap or pcapng file (draft-ietf-opsawg-pcap, -pcapng): link layer, tunnels and IP taken off.

What comes out are TCP segments and UDP datagrams with their time, and the TLS secrets that a pcapng file
carries. Damage ends the file with a note, never with an error: everything before it is kept.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from hometruth.capture.byte_stream import take
from hometruth.capture.pcap.links import TUNNELS, Counts, inside, network

MAX_BLOCK_BYTES = 64 << 20
"""A block or packet larger than this is damage: no link carries it."""
MAX_INTERFACES = 4096
NS_PER_S = 1_000_000_000

Address = tuple[str, int]


class Packet(NamedTuple):
    """One TCP segment or UDP datagram."""

    time_ns: int
    source: Address
    target: Address
    is_tcp: bool
    seq: int
    """TCP sequence number; 0 for UDP."""
    flags: int
    payload: bytes
    app: str = ""
    """Program that PCAPdroid says sent it."""
    ack: int = 0
    """Sequence number up to which the sender has what the other side sent; 0 if it does not say."""


class Application(NamedTuple):
    """The program that wrote a section of the capture."""

    name: str


class Secrets(NamedTuple):
    """TLS secrets of the file itself, as lines of a key log."""

    lines: bytes


class NotRead(NamedTuple):
    """Something in the file that was not read, and how many packets of it there are."""

    detail: str
    packets: int = 1


@dataclass(slots=True)
class _Interface:
    link: int
    ticks: int = 1_000_000
    offset_s: int = 0


_Fragments = dict[tuple[str, str, int, int], dict[int, tuple[bytes, bool]]]
"""Of each packet that came in parts: where each begins, its bytes, and whether it is the last."""

PCAP_MAGICS = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
    b"\x34\xcd\xb2\xa1": ("<", 1000),  # Kuznetzov's, with 24 bytes before each packet
    b"\xa1\xb2\xcd\x34": (">", 1000),
}
"""First bytes of a classic file to byte order and nanoseconds of one tick."""
PCAPNG_MAGIC = b"\x0a\x0d\x0d\x0a"
_KUZNETZOV = (b"\x34\xcd\xb2\xa1", b"\xa1\xb2\xcd\x34")
_TLS_KEYS = 0x544C534B


def read_packets(stream: BinaryIO) -> Iterator[Packet | Secrets | NotRead | Application]:
    """Everything in a capture, in its order; what could not be read is noted at the end."""
    counts = Counts()
    fragments: _Fragments = {}
    frames = _frames(stream, counts)
    for item in frames:
        if isinstance(item, Secrets | NotRead | Application):
            yield item
            continue
        time_ns, link, data = item
        packet = _ip(network(link, data, counts), time_ns, _app(data), fragments, counts)
        if packet:
            yield packet
    if fragments:
        counts.add(_IN_PART, len(fragments))
    yield from (NotRead(reason, n) for reason, n in counts.passed.items())


_Frame = tuple[int, int, bytes]


def _frames(stream: BinaryIO, counts: Counts) -> Iterator[_Frame | Secrets | NotRead | Application]:
    magic = take(stream, 4)
    if magic == PCAPNG_MAGIC:
        yield from _pcapng(stream, counts)
    elif magic in PCAP_MAGICS:
        yield from _pcap(stream, magic)


def _pcap(stream: BinaryIO, magic: bytes) -> Iterator[_Frame | NotRead]:
    order, ns = PCAP_MAGICS[magic]
    head = take(stream, 20)
    if len(head) < 20:
        yield NotRead("the file ends inside its header")
        return
    link = struct.unpack(order + "I", head[16:])[0] & 0xFFFF
    size = 24 if magic in _KUZNETZOV else 16
    while record := take(stream, size):
        if _is_header(record):  # of the next of several files that were joined
            record += take(stream, 24 - size)
            order, ns = PCAP_MAGICS[record[:4]]
            link = struct.unpack(order + "I", record[20:].ljust(4, b"\0"))[0] & 0xFFFF
            size = 24 if record[:4] in _KUZNETZOV else 16
            continue
        if len(record) < size:
            yield NotRead("the file ends inside a packet's header")
            return
        seconds, ticks, kept, _ = struct.unpack(order + "IIII", record[:16])
        if kept > MAX_BLOCK_BYTES:
            yield NotRead(f"a packet says that it has {kept:,} bytes; nothing after it was read")
            return
        data = take(stream, kept)
        if len(data) < kept:
            yield NotRead("the file ends inside a packet")
        yield seconds * NS_PER_S + ticks * ns, link, data


def _is_header(record: bytes) -> bool:
    order, _ = PCAP_MAGICS.get(record[:4], ("", 0))
    return bool(order) and len(record) >= 8 and struct.unpack(order + "HH", record[4:8]) == (2, 4)


def _pcapng(stream: BinaryIO, counts: Counts) -> Iterator[_Frame | Secrets | NotRead | Application]:
    order = "<"
    interfaces: list[_Interface] = []
    head = PCAPNG_MAGIC + take(stream, 4)
    while len(head) == 8:
        if head[:4] == PCAPNG_MAGIC:  # a section, which says its own byte order
            mark = take(stream, 4)
            order = "<" if mark == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
            length = struct.unpack(order + "I", head[4:])[0] - 4
        else:
            length = struct.unpack(order + "I", head[4:])[0]
        if not 12 - 4 <= length <= MAX_BLOCK_BYTES:
            yield NotRead(f"a block says that it has {length:,} bytes; nothing after it was read")
            return
        kind = struct.unpack(order + "I", head[:4])[0]
        body = take(stream, length - 8)
        if len(body) < length - 8:
            yield NotRead("the file ends inside a block")
            return
        body = body[:-4]
        if head[:4] == PCAPNG_MAGIC:
            item: _Frame | Secrets | Application | None = _application(body, order)
        else:
            item = _block(kind, body, order, interfaces, counts)
        if item:
            yield item
        head = take(stream, 8)
    if head:
        yield NotRead("the file ends inside a block")


def _block(
    kind: int, body: bytes, order: str, interfaces: list[_Interface], counts: Counts
) -> _Frame | Secrets | None:
    try:
        match kind:
            case 1:
                link = struct.unpack(order + "H", body[:2])[0]
                if len(interfaces) < MAX_INTERFACES:
                    interfaces.append(_interface(link, body[8:], order))
            case 6:
                number, high, low, kept = struct.unpack(order + "IIII", body[:16])
                interface = interfaces[number]
                ticks = (high << 32 | low) * NS_PER_S // interface.ticks
                return ticks + interface.offset_s * NS_PER_S, interface.link, body[20 : 20 + kept]
            case 3:
                (length,) = struct.unpack(order + "I", body[:4])
                return 0, interfaces[0].link, body[4 : 4 + length]
            case 10:
                secrets, length = struct.unpack(order + "II", body[:8])
                if secrets == _TLS_KEYS:
                    return Secrets(body[8 : 8 + length])
            case 2:  # the obsolete packet block
                number, _, high, low, kept, _ = struct.unpack(order + "HHIIII", body[:20])
                interface = interfaces[number]
                return (high << 32 | low) * NS_PER_S // interface.ticks, interface.link, body[20 : 20 + kept]
    except (struct.error, IndexError):
        counts.add("damaged blocks")
    return None


def _interface(link: int, options: bytes, order: str) -> _Interface:
    interface = _Interface(link)
    for code, value in _options(options, order):
        if code == 9 and value:
            base = 2 if value[0] & 0x80 else 10
            interface.ticks = int(base ** (value[0] & 0x7F))
        elif code == 14 and len(value) == 8:
            (interface.offset_s,) = struct.unpack(order + "q", value)
    return interface


def _options(options: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Code and value of each option of a block, until their end."""
    while len(options) >= 4:
        code, length = struct.unpack(order + "HH", options[:4])
        if code == 0:
            return
        yield code, options[4 : 4 + length]
        options = options[4 + (length + 3 & ~3) :]


def _application(section: bytes, order: str) -> Application | None:
    """Which program wrote a section (option shb_userappl), from what follows its byte-order magic."""
    names = [value for code, value in _options(section[12:], order) if code == 4 and value.strip(b"\0")]
    return Application(names[0].rstrip(b"\0").decode("utf-8", "backslashreplace")) if names else None


def _app(frame: bytes) -> str:
    """The program in the trailer that PCAPdroid adds to a frame: 32 bytes, name after magic and user id."""
    trailer = frame[-32:]
    if len(trailer) < 32 or trailer[:4] != b"\x01\x07\x20\x21":
        return ""
    return trailer[8:28].split(b"\0", 1)[0].decode("utf-8", "replace")


def _ip(
    data: bytes, time_ns: int, app: str, fragments: _Fragments, counts: Counts, depth: int = 0
) -> Packet | None:
    """The segment or datagram in an IP packet, or in one that it carries; fragments wait for the rest."""
    if len(data) < 20:
        if data:
            counts.add(_CUT)
        return None
    if data[0] >> 4 == 4:
        protocol, source, target, payload = _of_version_4(data, fragments, counts)
    elif data[0] >> 4 == 6 and len(data) >= 40:
        protocol, source, target, payload = _of_version_6(data, fragments, counts)
    else:
        counts.add("frames that hold no IP packet")
        return None
    while protocol == _SIGNATURE and len(payload) >= 12:
        protocol, payload = payload[0], payload[(payload[1] + 2) * 4 :]
    if carried := inside(protocol, payload, counts):
        if depth < MAX_TUNNELS:
            return _ip(carried, time_ns, app, fragments, counts, depth + 1)
        counts.add(f"packets inside more than {MAX_TUNNELS} others")
        return None
    packet = _transport(protocol, source, target, payload, time_ns, app)
    if packet is None and payload and protocol not in (*_OF_THE_NETWORK, *TUNNELS):
        known = protocol in (6, 17)
        counts.add(_CUT if known else f"packets of IP protocol {protocol}, which is not read")
    elif protocol in _ECHOES and payload[:1] in _ECHOES[protocol] and not _is_filling(payload[8:]):
        counts.add("pings with content of their own, which is not read")
    return packet


def _is_filling(data: bytes) -> bool:
    """Whether a ping holds what the usual programs put there: a time, and bytes or letters in order."""
    for start in (0, 8, 16):
        rest = data[start:]
        first = rest[:1] * len(rest)
        ordered = bytes((rest[0] + n) % 256 for n in range(len(rest))) if rest else b""
        if rest in (first, ordered, (_LETTERS * 64)[: len(rest)]):
            return bool(rest) or not data
    return False


_LETTERS = b"abcdefghijklmnopqrstuvw"
"""What Windows has in pings."""


def _of_version_4(data: bytes, fragments: _Fragments, counts: Counts) -> tuple[int, str, str, bytes]:
    """Protocol, source, target and payload."""
    head = (data[0] & 15) * 4
    total = int.from_bytes(data[2:4]) or len(data)  # zero where the network card cut large ones
    source, target = _v4(data[12:16]), _v4(data[16:20])
    where = int.from_bytes(data[6:8])
    protocol, payload = data[9], data[head:total]
    if total > len(data):
        counts.add(_CUT)
    if where & 0x3FFF:
        key = (source, target, protocol, int.from_bytes(data[4:6]))
        payload = _whole(key, (where & 0x1FFF) * 8, not where & 0x2000, payload, fragments, counts)
    return protocol, source, target, payload


def _of_version_6(data: bytes, fragments: _Fragments, counts: Counts) -> tuple[int, str, str, bytes]:
    """The same, behind the headers that may stand before it."""
    source, target = _v6(data[8:24]), _v6(data[24:40])
    size = int.from_bytes(data[4:6])
    protocol, payload = data[6], data[40 : 40 + (size or len(data))]
    if 40 + size > len(data):
        counts.add(_CUT)
    while protocol in _EXTENSIONS and len(payload) >= 8:
        if protocol == 44:
            where = int.from_bytes(payload[2:4])
            key = (source, target, 44, int.from_bytes(payload[4:8]))
            protocol, rest = payload[0], payload[8:]
            is_part = where & ~6
            payload = _whole(key, where & ~7, not where & 1, rest, fragments, counts) if is_part else rest
        else:
            protocol, payload = payload[0], payload[(payload[1] + 1) * 8 :]
    return protocol, source, target, payload


MAX_TUNNELS = 8
"""IP packets inside each other."""
_EXTENSIONS = (0, 43, 44, 60)
"""IPv6 headers before the one of the protocol: options, routing, fragment."""
_OF_THE_NETWORK = (1, 2, 58, 59)
"""IP protocols of hosts and routers among themselves: ICMP, IGMP, ICMPv6, nothing."""
_SIGNATURE = 51
"""Of what follows it (RFC 4302)."""
_ECHOES = {1: (b"\0", b"\x08"), 58: (b"\x80", b"\x81")}
"""IP protocols to types of messages that carry whatever the sender likes: echo, and its answer."""
_ACK = 16
_IN_PART = "IP fragments without the rest of their packet"
_CUT = "packets of which the recorder kept the beginning only"


def _transport(
    protocol: int, source: str, target: str, payload: bytes, time_ns: int, app: str
) -> Packet | None:
    if protocol == 6 and len(payload) >= 20:
        ports = struct.unpack(">HH", payload[:4])
        seq = int.from_bytes(payload[4:8])
        head = (payload[12] >> 4) * 4
        return Packet(
            time_ns,
            (source, ports[0]),
            (target, ports[1]),
            True,
            seq,
            payload[13],
            payload[head:] if head >= 20 else b"",
            app,
            int.from_bytes(payload[8:12]) if payload[13] & _ACK else 0,
        )
    if protocol == 17 and len(payload) >= 8:
        ports = struct.unpack(">HH", payload[:4])
        length = int.from_bytes(payload[4:6]) or len(payload)
        return Packet(time_ns, (source, ports[0]), (target, ports[1]), False, 0, 0, payload[8:length], app)
    return None


MAX_FRAGMENTS = 4096
"""Packets whose fragments are waited for; the oldest go first."""


def _whole(
    key: tuple[str, str, int, int],
    offset: int,
    last: bool,
    payload: bytes,
    fragments: _Fragments,
    counts: Counts,
) -> bytes:
    """The payload once all fragments are there, else empty."""
    if key not in fragments and len(fragments) >= MAX_FRAGMENTS:
        del fragments[next(iter(fragments))]
        counts.add(_IN_PART)
    parts = fragments.setdefault(key, {})
    parts.setdefault(offset, (payload, last))
    out = bytearray()
    for start in sorted(parts):
        data, is_last = parts[start]
        if start > len(out):
            return b""
        out += data[len(out) - start :]
        if is_last:
            del fragments[key]
            return bytes(out)
    return b""


def _v4(data: bytes) -> str:
    return ".".join(map(str, data))


def _v6(data: bytes) -> str:
    from ipaddress import IPv6Address  # noqa: PLC0415  # costs more to load than a small capture to read

    address = IPv6Address(data)
    # Python 3.13 writes these so, 3.11 does not.
    return f"::ffff:{address.ipv4_mapped}" if address.ipv4_mapped else str(address)
