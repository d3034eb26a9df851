"""What carries IP packets: frames of links (tcpdump.org, link-layer header types), and tunnels through IP."""

import struct
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counts:
    """What was passed over, by reason."""

    passed: dict[str, int] = field(default_factory=dict)

    def add(self, reason: str, n: int = 1) -> None:
        """So many more packets."""
        self.passed[reason] = self.passed.get(reason, 0) + n


def network(link: int, data: bytes, counts: Counts) -> bytes:
    """The IP packet in a frame; empty if there is none."""
    match link:
        case 1:
            return _ethernet(data, counts)
        case 9 | 50:
            return _ppp(data, counts)
        case 0 | 108:
            return data[4:]
        case 12 | 14 | 101 | 228 | 229:
            return data
        case 113:
            return _if_ip(*_untagged(data[14:16], data[16:]), counts)
        case 276:
            return _if_ip(*_untagged(data[:2], data[20:]), counts)
        case 239:
            return _nflog(data)
    counts.add(f"packets of link type {link}, which is not read")
    return b""


TUNNELS = (4, 41, 47)
"""IP protocols that are opened, and counted where they cannot be."""


def inside(protocol: int, payload: bytes, counts: Counts) -> bytes:
    """The IP packet that an IP or UDP packet carries as a tunnel; empty if it carries none."""
    match protocol:
        case 4 | 41:
            return payload
        case 47:
            return _gre(payload, counts)
        case 17 if payload[2:4] == _VXLAN_PORT and payload[8:12] == b"\x08\0\0\0" and payload[15:16] == b"\0":
            return _ethernet(payload[16:], counts)
        case 17 if payload[2:4] == _GENEVE_PORT and len(payload) >= 16 and not payload[8] >> 6:  # RFC 8926
            return _carried(payload[10:12], payload[16 + (payload[8] & 63) * 4 :], counts)
    return b""


_VXLAN_PORT, _GENEVE_PORT = (4789).to_bytes(2), (6081).to_bytes(2)
_SHORTEST_FRAME = 14
_IP = (b"\x08\x00", b"\x86\xdd")
_VLANS = (b"\x81\x00", b"\x88\xa8", b"\x91\x00")
_OF_THE_LINK = (b"\x08\x06", b"\x80\x35", b"\x88\x63", b"\x88\x8e", b"\x88\xcc", b"\x90\x00")
"""Frames by which neighbours find and admit each other: ARP, RARP, PPPoE discovery, EAPOL, LLDP, loopback."""
_SHORTEST_TYPE = b"\x06\x00"
"""Below, it is the length of a frame of bridges (IEEE 802.3)."""
_PPP_DATA = 0x4000
"""Numbers of protocols below it carry data; those above set up the line (RFC 1661)."""


def _ethernet(data: bytes, counts: Counts) -> bytes:
    kind, rest = _untagged(data[12:14], data[14:])
    if kind < _SHORTEST_TYPE and rest.startswith(b"\xaa\xaa\x03\0\0\0"):  # LLC with SNAP
        kind, rest = rest[6:8], rest[8:]
    return _if_ip(kind, rest, counts)


def _untagged(kind: bytes, data: bytes) -> tuple[bytes, bytes]:
    """Type and content behind the marks of virtual networks (IEEE 802.1Q)."""
    while kind in _VLANS:
        kind, data = data[2:4], data[4:]
    return kind, data


def _if_ip(kind: bytes, data: bytes, counts: Counts) -> bytes:
    """What follows a frame's type, if that is IP or carries it; what else may hold something is counted."""
    if kind in _IP:
        return data
    if kind == b"\x88\x64":  # PPP over Ethernet (RFC 2516)
        return _ppp(data[6:], counts)
    if kind in (b"\x88\x47", b"\x88\x48"):
        return _mpls(data, counts)
    if kind >= _SHORTEST_TYPE and kind not in _OF_THE_LINK:
        counts.add(f"frames of type 0x{kind.hex()}, which is not read")
    return b""


def _ppp(data: bytes, counts: Counts) -> bytes:
    """Address and control may be left out, and the first byte of the protocol (RFC 1661, RFC 1662)."""
    rest = data.removeprefix(b"\xff\x03")
    size = 1 if rest[:1] and rest[0] & 1 else 2
    protocol = int.from_bytes(rest[:size])
    if protocol in (0x21, 0x57):
        return rest[size:]
    if 0 < protocol < _PPP_DATA:
        counts.add(f"packets of PPP protocol 0x{protocol:04x}, which is not read")
    return b""


def _mpls(data: bytes, counts: Counts) -> bytes:
    """Behind the last label (RFC 3032) an IP packet, or a control word of zeros and a frame (RFC 4448)."""
    start = 4
    while start < len(data) and not data[start - 2] & 1:
        start += 4
    rest = data[start:]
    if rest[:1] and rest[0] >> 4 in (4, 6):
        return rest
    if rest[:2] == b"\0\0" and len(rest) > 4 + _SHORTEST_FRAME:
        return _ethernet(rest[4:], counts)
    counts.add("frames of type 0x8847, which is not read")
    return b""


def _gre(data: bytes, counts: Counts) -> bytes:
    """RFC 2784 and RFC 2890; version 1 is PPTP's (RFC 2637)."""
    if len(data) < 4:
        return b""
    flags, kind = int.from_bytes(data[:2]), data[2:4]
    start = 4 + 4 * sum(
        map(bool, (flags & 0xC000, flags & 0x2000, flags & 0x1000, flags & 7 == 1 and flags & 0x80))
    )
    rest = data[start:]
    if kind == b"\x88\xbe":  # frames that a switch copies (ERSPAN), behind a head where they are numbered
        return _ethernet(rest[8:] if flags & 0x1000 else rest, counts)
    if kind == b"\x88\x0b":
        return _ppp(rest, counts)
    return _carried(kind, rest, counts)


def _carried(kind: bytes, data: bytes, counts: Counts) -> bytes:
    """What a tunnel says that it carries: a frame, or what frames carry."""
    if kind == b"\x65\x58":
        return _ethernet(data, counts)
    if kind < _SHORTEST_TYPE:  # in a tunnel it is no length
        counts.add(f"frames of type 0x{kind.hex()}, which is not read")
    return _if_ip(kind, data, counts)


def _nflog(data: bytes) -> bytes:
    rest = data[4:]
    while len(rest) >= 4:
        length, kind = struct.unpack("<HH", rest[:4])
        if kind & 0x7FFF == 9:
            return rest[4:length]
        if length < 4:
            break
        rest = rest[length + 3 & ~3 :]
    return b""
