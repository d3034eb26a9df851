"""Documents that an application cuts into several WebSocket messages, or parts of a form: seen whole besides.

One that begins a document and does not end it (an open bracket, a compressed stream before its end) goes on
in the next ones that are sent.
"""

import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hometruth.model import Message

LONGEST_RUN = 64
"""Messages of one document; a stream that never ends is no document."""
MAX_BYTES = 16 << 20
"""Bytes of one document."""
_BRACKETS = {b"{": b"}", b"[": b"]"}
_SPACE = b" \t\r\n\x00\x1e"
_ZLIB_BITS = 47
"""gzip or zlib, whichever the first bytes say."""


class Chunked(NamedTuple):
    """A document in several messages."""

    indexes: tuple[int, ...]
    """Positions of its messages among all of the connection."""
    data: bytes

    @property
    def name(self) -> str:
        """How it is called where a message is called ``[3]``."""
        return f"[{self.indexes[0]}-{self.indexes[-1]}]"


def chunked(messages: Sequence[Message]) -> Iterator[Chunked]:
    """Documents of which the first message sent does not hold all."""
    sent = [index for index, message in enumerate(messages) if message.sent]
    for run in runs([messages[index].data for index in sent]):
        indexes = tuple(sent[at] for at in run)
        yield Chunked(indexes, b"".join(messages[index].data for index in indexes))


def runs(parts: Sequence[bytes]) -> Iterator[range]:
    """Places of parts that are one document, of which the first does not hold all."""
    at = 0
    while at < len(parts) - 1:
        n = _length(parts[at : at + LONGEST_RUN])
        if n > 1:
            yield range(at, at + n)
        at += max(1, n)


def _length(data: Sequence[bytes]) -> int:
    """Messages that the document beginning in the first one takes; 0 if it is whole, or never ends."""
    if _ends(data[0]) is not False:
        return 0
    whole = bytearray(data[0])
    for n, more in enumerate(data[1:], 2):
        whole += more
        if len(whole) > MAX_BYTES:
            return 0
        if _ends(bytes(whole)):
            return n
    return 0


def _ends(data: bytes) -> bool | None:
    """Whether a document ends with its last byte; None if the bytes begin none that says where it ends."""
    text = data.strip(_SPACE)
    if closing := _BRACKETS.get(text[:1]):
        # Brackets in strings mostly come in pairs too; a wrong guess costs a second look.
        return text.endswith(closing) and text.count(text[:1]) <= text.count(closing)
    if data[:2] == b"\x1f\x8b" or (data[:1] == b"\x78" and int.from_bytes(data[:2]) % 31 == 0):
        return _stream_ends(data)
    return None


def _stream_ends(data: bytes) -> bool | None:
    decoder = zlib.decompressobj(_ZLIB_BITS)
    left = data
    try:
        while left and not decoder.eof:
            decoder.decompress(left, 1 << 20)
            left = decoder.unconsumed_tail
    except zlib.error:
        return None
    return decoder.eof
