"""Reads mitmproxy flow files of every version that mitmproxy itself reads.

A flow file is a row of typed netstrings, one per flow (https://cr.yp.to/proto/netstrings.txt). We cut it up
ourselves and give mitmproxy one flow at a time, so that a damaged flow is one gap and the next is read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from hometruth.capture.byte_stream import skip, take
from hometruth.capture.large_flow import Frame, TooLargeError, without_response_body
from hometruth.capture.reader import CaptureFile, Reader
from hometruth.errors import CaptureError, needs
from hometruth.model import Exchange, Gap, GapKind

LENGTH_DIGITS = 12
"""Most digits of a flow's length, as in mitmproxy's own reader."""
LARGE_FLOW_BYTES = 16 << 20
"""From here on a flow is read without its response's body."""
MAX_FLOW_BYTES = 48 << 20
"""Most that one flow may hold without that body: it is taken into memory whole, several times over."""
HOPELESS_AFTER = 100
"""Flows that cannot be read, with none before that could, before the file is given up as a whole."""
_VERSION = re.compile(rb"7:version;\d{1,2}:(\d{1,6})#")
_BEGINNING = re.compile(rb"\d{1,12}:\d{1,2}:[a-z_]+[;,]")
"""A netstring that begins like a dictionary: its length, then the length of its first key, then that key."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """The file stops being a row of flows here."""

    detail: str
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class _TooLarge:
    """One flow that was passed over."""

    size_bytes: int


def read_flows(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Exchanges of one flow file, in its order; whatever cannot be read, or is not HTTP, is a gap.

    Raises:
        CaptureError: If it holds flows, and not one of them can be read.
    """
    # Imported late: mitmproxy takes longer to load than a small HAR takes to read.
    with needs("flows", f"{file.name}: a flow file", CaptureError):
        from hometruth.capture.flows import read_flow  # noqa: PLC0415

    with file.open() as stream:
        index = n_read = 0
        unread: list[Gap] = []
        for position, piece in enumerate(_frames(stream)):
            if isinstance(piece, bytes) and (version := _VERSION.search(piece)) is not None:
                file.maker.recorder = f"mitmproxy, flow format {version[1].decode()}"
            where = f"{file.name}, flow {position}"
            item = (
                read_flow(piece, where, file.name, index) if isinstance(piece, bytes) else _gap(piece, where)
            )
            index += isinstance(item, Exchange)
            if (
                isinstance(item, Gap)
                and item.kind is GapKind.UNREADABLE
                and isinstance(piece, bytes)
                and not n_read
            ):
                unread.append(item)
                if len(unread) >= HOPELESS_AFTER:
                    break
                continue
            n_read += isinstance(piece, bytes)
            yield from unread
            unread.clear()
            yield item
    if unread:
        raise CaptureError(f"{file.name}: not one flow in it can be read; the first: {unread[0].detail}")


def _gap(piece: _Cut | _TooLarge, where: str) -> Gap:
    if isinstance(piece, _Cut):
        return Gap(GapKind.UNREADABLE, where, piece.detail, size_bytes=piece.size_bytes)
    most = f"{MAX_FLOW_BYTES >> 20} MiB without its response's body"
    detail = f"larger than {most}, the most that is read of one flow"
    return Gap(GapKind.BUDGET, where, detail, size_bytes=piece.size_bytes)


def _frames(stream: BinaryIO) -> Iterator[bytes | _Cut | _TooLarge]:
    """The file cut into flows, each still encoded; last, what is wrong with the end, if anything is."""
    while first := stream.read(1):
        prefix = first
        while prefix[-1:].isdigit() and len(prefix) <= LENGTH_DIGITS:
            prefix += stream.read(1) or b" "
        if not prefix.endswith(b":") or len(prefix) == 1:
            yield _cut(prefix.rstrip(b" "), stream)
            return
        size = int(prefix[:-1]) + 1
        if size > LARGE_FLOW_BYTES:
            yield _large(stream, size, prefix)
            continue
        body = take(stream, size)
        if len(body) < size:
            yield _Cut("the file ends in the middle of a flow", len(prefix) + len(body))
            return
        yield prefix + body


def _large(stream: BinaryIO, size: int, prefix: bytes) -> bytes | _Cut | _TooLarge:
    """A large flow without its response's body; the stream is at its end then."""
    frame = Frame(stream, size)
    try:
        found: bytes | _TooLarge = without_response_body(frame, MAX_FLOW_BYTES)
    except TooLargeError:
        found = _TooLarge(size)
    frame.skip(frame.left)
    if frame.missing:
        return _Cut("the file ends in the middle of a flow", len(prefix) + size - frame.missing)
    return found


def _cut(prefix: bytes, stream: BinaryIO) -> _Cut:
    rest = len(prefix) + skip(stream, None)
    if prefix.isdigit() and len(prefix) <= LENGTH_DIGITS:
        return _Cut("the file ends in the middle of a flow", rest)
    return _Cut("from here on the file does not hold flows", rest)


FLOWS = Reader(
    "mitmproxy flow files",
    (".mitm", ".flow", ".flows", ".dump"),
    lambda start: _BEGINNING.match(start.head) is not None,
    read_flows,
)
