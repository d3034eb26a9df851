"""Packet captures made for tests: by hand, segment by segment, or of what really goes over loopback."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from hometruth.capture.pcap.keys import KeyLog
from hometruth.capture.pcap.read import read_pcap
from hometruth.model import Exchange, Gap

CLIENT, SERVER = ("10.0.0.1", 50_000), ("10.0.0.2", 80)
SYN, ACK, FIN, RST = 2, 16, 1, 4


def tcp(
    payload: bytes,
    seq: int,
    *,
    up: bool = True,
    flags: int = ACK,
    ports: tuple[int, int] = (50_000, 80),
    ack: int = 0,
) -> bytes:
    """One raw IPv4 packet with a TCP segment."""
    source, target = ports if up else ports[::-1]
    head = struct.pack(">HHIIBBHHH", source, target, seq & 0xFFFFFFFF, ack, 0x50, flags, 0xFFFF, 0, 0)
    return ip(6, head + payload, up=up)


def udp(payload: bytes, *, up: bool = True, ports: tuple[int, int] = (50_000, 53)) -> bytes:
    """One raw IPv4 packet with a datagram."""
    source, target = ports if up else ports[::-1]
    return ip(17, struct.pack(">HHHH", source, target, 8 + len(payload), 0) + payload, up=up)


def ip(protocol: int, payload: bytes, *, up: bool) -> bytes:
    addresses = (socket.inet_aton(CLIENT[0]), socket.inet_aton(SERVER[0]))
    source, target = addresses if up else addresses[::-1]
    return (
        struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0, source, target)
        + payload
    )


def pcap(packets: list[bytes], *, link: int = 101) -> bytes:
    """A classic capture file, a millisecond between packets."""
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, link)
    for number, packet in enumerate(packets):
        out += struct.pack("<IIII", 1_700_000_000, number * 1000, len(packet), len(packet)) + packet
    return out


def read(data: bytes, keys: bytes = b"", *, responses: bool = True) -> list[Exchange | Gap]:
    log = KeyLog()
    log.add(keys)
    return list(read_pcap(lambda: BytesIO(data), "test.pcap", log, responses=responses))


def exchanges(data: bytes, keys: bytes = b"") -> list[Exchange]:
    return [item for item in read(data, keys) if isinstance(item, Exchange)]


def gaps(data: bytes, keys: bytes = b"") -> list[Gap]:
    return [item for item in read(data, keys) if isinstance(item, Gap)]


class Recording:
    """Frames of loopback that concern one port."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.port = 0

    def pcap(self) -> bytes:
        mark = struct.pack(">H", self.port)
        return pcap([frame for frame in self.frames if mark in frame[34:38]], link=1)


@contextmanager
def loopback() -> Iterator[Recording]:
    """Record loopback while the block runs. Needs root; raises PermissionError without."""
    every_protocol, outgoing = 3, 4
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(every_protocol)) as sniffer:
        sniffer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        sniffer.bind(("lo", every_protocol))
        sniffer.settimeout(0.2)
        recording, stop = Recording(), threading.Event()

        def sniff() -> None:
            while True:
                try:
                    frame, address = sniffer.recvfrom(1 << 17)
                except TimeoutError:
                    if stop.is_set():
                        return
                    continue
                if address[2] != outgoing:  # loopback shows every frame twice
                    recording.frames.append(frame)

        thread = threading.Thread(target=sniff)
        thread.start()
        try:
            yield recording
            time.sleep(0.1)
        finally:
            stop.set()
            thread.join()
