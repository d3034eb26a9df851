"""Reads messages that ZAP saves as text: requests and answers, each pair behind a line ``==== 7 ====``.

What follows a head up to the next one is its body; ZAP writes bare line feeds between them, and an answer
begins with its status line.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from hometruth.capture.byte_stream import READ_BYTES, take
from hometruth.capture.json_walk import BOM
from hometruth.capture.raw_http import RawMessage, asked_of, exchange_of, lost, split_answer, split_message
from hometruth.capture.reader import CaptureFile, Reader, Start
from hometruth.capture.rows import InOrder
from hometruth.model import Exchange, Gap, GapKind, Source

_SEPARATOR = re.compile(rb"(?m)^={3,4} ?(\d{1,9}) ={4,}\r?$\n?")
_ANSWER = re.compile(rb"(?m)^HTTP/[0-9.]{1,4} +\d{3}\b")
_METHOD = re.compile(rb"[A-Z][A-Z0-9_-]{0,30} +\S+ +HTTP/[0-9.]")
MOST_PAIR_BYTES = 48 << 20
"""Of one request with its answer; more is not read."""


def read_zap(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Exchanges of a file, in its order."""
    file.maker.recorder = "ZAP"
    exchanges = InOrder(file)
    with file.open() as stream:
        for number, data in _pairs(stream):
            where = f"{file.name}, message {number}"
            if len(data) > MOST_PAIR_BYTES:
                yield Gap(GapKind.BUDGET, where, "a message of which the end is not read")
            yield from _exchange(file, data[:MOST_PAIR_BYTES], exchanges, where)


def _pairs(stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Number and bytes of each message."""
    held, number = b"", ""
    data = take(stream, len(BOM)).removeprefix(BOM) or stream.read(READ_BYTES)
    while True:
        held += data
        at = 0
        # The last line may not be whole yet, and the one before a separator belongs to the message.
        ready = len(held) if not data else held.rfind(b"\n") + 1
        for found in _SEPARATOR.finditer(held, 0, ready):
            if number:
                yield number, held[at : found.start()]
            number, at = found[1].decode(), found.end()
        held = held[at:]
        if len(held) > 2 * MOST_PAIR_BYTES:
            held = held[:MOST_PAIR_BYTES] + held[-200:]
        if not data:
            break
        data = stream.read(READ_BYTES)
    if number:
        yield number, held


def _exchange(file: CaptureFile, data: bytes, exchanges: InOrder, where: str) -> Iterator[Exchange | Gap]:
    def read(_: object, source: Source) -> Iterator[Exchange | Gap]:
        sent, received = _cut(data)
        request = split_message(sent)
        answer = split_answer(received, responses=file.responses) if received else None
        request = _trimmed(request)
        exchange = exchange_of(request, answer, asked_of(request), source, responses=file.responses)
        yield exchange
        yield from lost(request, exchange, where, answer)

    if not data.strip():
        yield Gap(GapKind.NOT_RECORDED, where, "a message without content")
        return
    yield from exchanges.read(read, None, where)


def _cut(data: bytes) -> tuple[bytes, bytes]:
    """A request, and its answer."""
    data = data.lstrip(b"\r\n")
    end = re.search(rb"\r?\n\r?\n", data)
    found = _ANSWER.search(data, end.end() if end else 0)
    if found is None:
        return data, b""
    return data[: found.start()], data[found.start() :]


def _trimmed(request: RawMessage) -> RawMessage:
    """The request without the line feeds that ZAP writes behind its body."""
    declared = request.header(b"content-length").strip()
    if declared.isdigit() and len(declared) < 19 and len(request.body) > int(declared):
        return request._replace(body=request.body[: int(declared)])
    if not declared:
        return request._replace(body=request.body.rstrip(b"\r\n"))
    return request


def _sniff(start: Start) -> bool:
    found = _SEPARATOR.match(start.text)
    return found is not None and _METHOD.match(start.text[found.end() :].lstrip(b"\r\n")) is not None


ZAP = Reader("ZAP messages", (".txt",), _sniff, read_zap)
