"""Writes the corpus as a packet capture: HTTP/1.1 in the clear, one TCP connection a request, no packet lost.

A WebSocket message is the body of a POST here.
"""

import struct
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from benchmarks.corpus.har import STARTED, base_headers
from benchmarks.corpus.sent import Sent

HEAD = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, 101)
"""Of a classic pcap in microseconds; link type 101 is bare IP: https://www.tcpdump.org/linktypes.html"""
CLIENT = bytes((192, 0, 2, 1))
PORT = 80
SEGMENT_BYTES = 1448
SYN, FIN_ACK, ACK, SYN_ACK, PUSH_ACK = 0x02, 0x11, 0x10, 0x12, 0x18


def write_pcap(sent: Iterable[Sent], path: Path) -> None:
    """Write exchanges one by one."""
    with path.open("wb") as file:
        file.write(HEAD)
        for number, each in enumerate(sent):
            _Connection(file, each.host, number).carry(_request(each), _answer(each))


class _Connection:
    """Two sides that take turns."""

    def __init__(self, file: BinaryIO, host: str, number: int) -> None:
        self._file = file
        self._at_us = int(STARTED.timestamp()) * 1_000_000 + 217_000 * number
        # 198.18.0.0/15 is for benchmarks: RFC 2544.
        server = bytes((198, 18, *(crc32(host.encode()) & 0xFFFF).to_bytes(2)))
        port = 1024 + number % 60_000
        self._ends = ((CLIENT, port), (server, PORT))
        self._next = [1_000 + number, 2_000 + number]

    def carry(self, request: bytes, answer: bytes) -> None:
        self._packet(0, SYN)
        self._packet(1, SYN_ACK)
        self._packet(0, ACK)
        for side, data in enumerate((request, answer)):
            for start in range(0, len(data), SEGMENT_BYTES):
                self._packet(side, PUSH_ACK, data[start : start + SEGMENT_BYTES])
            self._packet(1 - side, ACK)
        self._packet(0, FIN_ACK)
        self._packet(1, FIN_ACK)
        self._packet(0, ACK)

    def _packet(self, side: int, flags: int, data: bytes = b"") -> None:
        (source, source_port), (target, target_port) = self._ends[side], self._ends[1 - side]
        acknowledged = 0 if flags == SYN else self._next[1 - side]
        ports = struct.pack("!HHII", source_port, target_port, self._next[side], acknowledged)
        tcp = ports + struct.pack("!BBHHH", 5 << 4, flags, 65_535, 0, 0) + data
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, source, target)
        seconds, microseconds = divmod(self._at_us, 1_000_000)
        size = len(ip) + len(tcp)
        self._file.write(struct.pack("<IIII", seconds, microseconds, size, size) + ip + tcp)
        self._next[side] += len(data) + (flags in (SYN, SYN_ACK, FIN_ACK))
        self._at_us += 20


def _request(sent: Sent) -> bytes:
    if sent.messages:
        sent = replace(sent, method="POST", body=b"\n".join(each.data for each in sent.messages), messages=())
    headers = {name: value for name, value in (*base_headers(sent), *sent.headers) if name != "Host"}
    lines = [f"{sent.method} {sent.target} HTTP/1.1", f"Host: {sent.host}"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name.lower() != "content-length"]
    lines.append(f"Content-Length: {len(sent.body)}")
    return "\r\n".join([*lines, "", ""]).encode() + sent.body


def _answer(sent: Sent) -> bytes:
    answer = sent.answer
    head = f"HTTP/1.1 {answer.status} OK\r\nContent-Type: {answer.mime}\r\nContent-Length: {len(answer.body)}"
    return f"{head}\r\n\r\n".encode() + answer.body
