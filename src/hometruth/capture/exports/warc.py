"""Reads web archives (WARC, ISO 28500), plain or with a gzip member a record, and those inside a WACZ.

A request may stand before its answer or behind it; both name each other, or name the same address. An
archive of answers alone does not show what was sent: that is a gap of each, not innocence.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from hometruth.capture.byte_stream import READ_BYTES, skip, take
from hometruth.capture.har.exchange import nanoseconds
from hometruth.capture.raw_http import asked_of, exchange_of, lost, split_answer, split_message
from hometruth.capture.reader import CaptureFile, Reader
from hometruth.capture.rows import InOrder
from hometruth.capture.unpacked import damage_of
from hometruth.capture.url import NotOnTheWire, parse_url
from hometruth.model import Exchange, Gap, GapKind, Source

MOST_BLOCK_BYTES = 48 << 20
"""Of one request or answer; of a longer answer the head is read."""
MOST_HEAD_BYTES = 1 << 20
MOST_WAITING = 256
"""Requests and answers that wait for each other; beyond, the oldest goes alone."""
MOST_WAITING_BYTES = 64 << 20
MOST_ALONE = 1_000_000
"""Names of requests whose answers stand too far behind them, by which these are known."""
_VERSION = re.compile(rb"WARC/\d+\.\d+\s*$")
_SOFTWARE = re.compile(rb"(?im)^software:\s*(.{1,200}?)\r?$")
PAIRED = frozenset({"response", "revisit", "request"})
READ_KINDS = PAIRED | {"warcinfo"}
_CONCURRENT = "warc-concurrent-to"
"""May be there several times: of a request and its answer, and of what belongs to both."""


@dataclass(slots=True)
class _Record:
    kind: str
    headers: dict[str, str]
    block: bytes
    left: int
    """Bytes of the block that were not read."""
    number: int

    @property
    def id(self) -> str:
        return self.headers.get("warc-record-id", "")

    @property
    def url(self) -> str:
        return self.headers.get("warc-target-uri", "").strip("<>")

    @property
    def names(self) -> list[str]:
        """Ids of the records that it belongs to; its address, if it names none."""
        return self.headers.get(_CONCURRENT, "").split() or [self.url]

    def belongs_to(self, other: "_Record") -> bool:
        """Whether one is the answer to the other."""
        if (told := self.headers.get(_CONCURRENT, "").split()) and other.id:
            return other.id in told
        if (told := other.headers.get(_CONCURRENT, "").split()) and self.id:
            return self.id in told
        return self.url == other.url


def read_warc(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Exchanges of an archive, about in its order."""
    waiting: deque[_Record] = deque()
    exchanges, held = InOrder(file), 0
    alone: set[str] = set()
    """What names requests that were told without their answers, which come later."""
    with file.open() as stream:
        for record in _records(stream, file.name):
            if isinstance(record, Gap):
                yield record
                continue
            if record.kind == "warcinfo" and (software := _SOFTWARE.search(record.block)) is not None:
                file.maker.recorder = software[1].decode("utf-8", "replace")
            if record.kind not in PAIRED:
                yield from _beside_pairs(record, file.name)
                continue
            other = next((one for one in waiting if _is_pair(one, record)), None)
            if other is None:
                waiting.append(record)
                held += len(record.block)
                if len(waiting) <= MOST_WAITING and held <= MOST_WAITING_BYTES:
                    continue
                first, second = waiting.popleft(), None
                if first.kind == "request" and len(alone) < MOST_ALONE:
                    alone |= {first.id or first.url, first.url}
            else:
                first, second = other, record
                waiting.remove(other)
            held -= len(first.block)
            if second or first.kind == "request" or alone.isdisjoint(first.names):
                yield from _told(file, first, second, exchanges)
        for record in waiting:
            if record.kind == "request" or alone.isdisjoint(record.names):
                yield from _told(file, record, None, exchanges)


def _is_pair(one: _Record, other: _Record) -> bool:
    return (one.kind == "request") != (other.kind == "request") and other.belongs_to(one)


class _Lines:
    """A stream that is read by lines and by blocks."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self._held = b""
        self._at = 0
        self.position = 0

    def _more(self) -> bool:
        data = self.stream.read(READ_BYTES)
        self._held = self._held[self._at :] + data
        self._at = 0
        return bool(data)

    def line(self) -> bytes:
        """The next line with its end; nothing at the end of the stream."""
        while True:
            end = self._held.find(b"\n", self._at)
            if end >= 0 or len(self._held) - self._at >= MOST_HEAD_BYTES or not self._more():
                break
        return self._given(end + 1 if end >= 0 else min(len(self._held), self._at + MOST_HEAD_BYTES))

    def _given(self, end: int) -> bytes:
        data = self._held[self._at : end]
        self.position += len(data)
        self._at = end
        return data

    def take(self, size: int) -> bytes:
        """The next bytes, or all there are."""
        held = self._given(min(len(self._held), self._at + size))
        rest = take(self.stream, size - len(held)) if len(held) < size else b""
        self.position += len(rest)
        return held + rest

    def skip(self, size: int) -> int:
        """Pass over bytes; how many there were."""
        held = len(self._given(min(len(self._held), self._at + size)))
        rest = skip(self.stream, size - held) if held < size else 0
        self.position += rest
        return held + rest

    def to_a_record(self) -> bytes:
        """The line in which the next record begins; nothing if none does."""
        while line := self.line():
            if _VERSION.match(line):
                return line
        return b""


def _records(stream: BinaryIO, name: str) -> Iterator[_Record | Gap]:
    lines, number = _Lines(stream), 0
    line = _next_line(lines)
    while line:
        if not _VERSION.match(line):
            at = lines.position - len(line)
            line = lines.to_a_record()
            detail = f"damaged at byte {at:,}: no record begins there"
            yield Gap(GapKind.UNREADABLE, name, detail, size_bytes=lines.position - at - len(line))
            continue
        head = _fields(lines)
        length = head.get("content-length", "")
        if not length.isdigit() or len(length) > 18:
            yield Gap(
                GapKind.UNREADABLE, f"{name}, record {number}", "a record that does not say how long it is"
            )
            line = lines.to_a_record()
            number += 1
            continue
        kind = head.get("warc-type", "").lower()
        wanted = min(int(length), MOST_BLOCK_BYTES if kind in READ_KINDS else 0)
        block = lines.take(wanted)
        passed = lines.skip(int(length) - wanted) if int(length) > wanted else 0
        yield _Record(kind, head, block, int(length) - len(block), number)
        if len(block) + passed < int(length) and not damage_of(stream):
            yield Gap(GapKind.UNREADABLE, f"{name}, record {number}", "the file ends inside a record")
        number += 1
        line = _next_line(lines)


def _next_line(lines: _Lines) -> bytes:
    """The next line that is not empty."""
    while (line := lines.line()) and not line.strip():
        pass
    return line


def _fields(lines: _Lines) -> dict[str, str]:
    """Named fields of a record."""
    fields: dict[str, str] = {}
    last, begun = "", lines.position
    while (line := lines.line()).strip() and lines.position - begun < MOST_HEAD_BYTES:
        text = line.decode("utf-8", "replace")
        if text[0] in " \t" and last:
            fields[last] += " " + text.strip()
            continue
        name, _, value = text.partition(":")
        last = name.strip().lower()
        before = fields[last] + " " if last == _CONCURRENT and last in fields else ""
        fields[last] = before + value.strip()
    return fields


def _told(
    file: CaptureFile, one: _Record, other: _Record | None, exchanges: InOrder
) -> Iterator[Exchange | Gap]:
    request = one if one.kind == "request" else other
    answer = one if one.kind != "request" else other
    where = f"{file.name}, record {one.number}"
    if request is None:
        yield from _no_request(one, where)
        return

    def read(_: object, source: Source) -> Iterator[Exchange | Gap]:
        message = split_message(request.block)
        asked = asked_of(message, _base(request.url))
        told = split_answer(answer.block, responses=file.responses) if answer else None
        address = request.headers.get("warc-ip-address") or (answer and answer.headers.get("warc-ip-address"))
        exchange = exchange_of(
            message,
            told,
            asked,
            source,
            started_ns=nanoseconds(request.headers.get("warc-date", "")),
            server_address=(address, asked.url.port) if address else None,
            responses=file.responses,
        )
        yield exchange
        if request.left:
            detail = f"{request.left:,} bytes of the request are not read"
            yield Gap(GapKind.BUDGET, where, detail, exchange=exchange.id, host=exchange.host)
        elif why := request.headers.get("warc-truncated"):
            detail = f"the archive holds the beginning of the request only ({why[:80]})"
            yield Gap(GapKind.NOT_RECORDED, where, detail, exchange=exchange.id, host=exchange.host)
        else:
            yield from lost(message, exchange, where, told)

    yield from exchanges.read(read, None, where, request.id or None)


def _no_request(record: _Record, where: str) -> Iterator[Gap]:
    if record.url.startswith(("http:", "https:")):
        detail = "an answer of which the request was not recorded: what was sent is not known"
        yield Gap(GapKind.NOT_RECORDED, where, detail, size_bytes=0, host=_host(record.url))


def _beside_pairs(record: _Record, file: str) -> Iterator[Gap]:
    """What a record says that is neither a request nor an answer, as far as something was sent for it."""
    where = f"{file}, record {record.number}"
    if record.kind == "resource":  # content alone, as what came of an address
        yield from _no_request(record, where)
    elif record.kind == "continuation":
        of = record.headers.get("warc-segment-origin-id", "another record")[:200]
        detail = f"the continuation of {of}: records in segments are not put together"
        yield Gap(GapKind.UNREADABLE, where, detail, size_bytes=record.left, host=_host(record.url))


def _base(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0].partition('?')[0]}" if mark else ""


def _host(url: str) -> str | None:
    try:
        return parse_url(url).host
    except (ValueError, NotOnTheWire):
        return None


WARC = Reader("web archives (WARC)", (".warc",), lambda start: start.head.startswith(b"WARC/"), read_warc)
