"""How members of zip archives are packed, and what comes out (APPNOTE.TXT 4.4.5, 5.8)."""

import bz2
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

READ_BYTES, PIECE_BYTES = 1 << 14, 1 << 20
"""Packed bytes handed to a decoder at a time, and most that it gives."""
STEP_BYTES = 256
"""The same, where damage costs what is made, or given, at a time."""
MOST_WINDOW_BYTES = 128 << 20
"""Memory that a decoder may ask for."""
DAMAGED = (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error)
"""What decoders raise of damaged data."""


@dataclass(frozen=True, slots=True)
class Packing:
    """How a member is packed, as the index or its own head has it."""

    method: int
    is_encrypted: bool
    checksum: int | None
    packed_bytes: int | None
    """None, as the checksum, where that stands behind the data."""
    is_behind: bool

    @property
    def why_unread(self) -> str:
        """Why such a member cannot be read; empty if it can."""
        if self.is_encrypted:
            return "is encrypted"
        return (
            "" if self.method in _METHODS else f"is packed in a way that is not read (method {self.method})"
        )

    def is_as(self, own: "Packing") -> bool:
        """Whether a head says of a member what the index says, or nothing."""
        return (
            (self.method, self.is_encrypted) == (own.method, own.is_encrypted)
            and own.checksum in (None, self.checksum)
            and own.packed_bytes in (None, self.packed_bytes)
        )

    def unpacked(self, stream: BinaryIO, at: int) -> Iterator[bytes]:
        """What is packed there, each byte of it that is sound; raises one of `DAMAGED` behind that."""
        return _METHODS[self.method](_Slice(stream, at, self.packed_bytes))


class _Slice:
    """Packed bytes of a member, whatever else is read from the archive in between."""

    def __init__(self, stream: BinaryIO, at: int, size: int | None) -> None:
        self._stream, self._at = stream, at
        self.left = size
        """None until the end of the file."""

    def read(self, size: int) -> bytes:
        self._stream.seek(self._at)
        data = self._stream.read(size if self.left is None else min(size, self.left))
        self._at += len(data)
        if self.left is not None:
            self.left -= len(data)
        return data


class PieceStream(io.RawIOBase):
    """Pieces as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = memoryview(b"")

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill the buffer as far as there is more; gives how many bytes that was."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # the standard library gives a buffer
        while not self._held:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._held = memoryview(piece)
        size = min(len(view), len(self._held))
        view[:size] = self._held[:size]
        self._held = self._held[size:]
        return size


def _stored(packed: _Slice) -> Iterator[bytes]:
    while data := packed.read(PIECE_BYTES):
        yield data
    if packed.left:
        raise EOFError


def _inflated(packed: _Slice) -> Iterator[bytes]:
    inflate, rest = zlib.decompressobj(-zlib.MAX_WBITS), b""
    while not inflate.eof:
        rest = rest or packed.read(READ_BYTES)
        before = inflate.copy()
        try:
            piece = inflate.decompress(rest, PIECE_BYTES)
        except zlib.error:
            yield from _until_damage(before, rest)
            raise
        if not (rest or piece or inflate.eof):
            raise EOFError
        rest = inflate.unconsumed_tail
        yield piece


def _until_damage(inflate: "zlib._Decompress", rest: bytes) -> Iterator[bytes]:
    for at in range(len(rest)):
        try:
            yield inflate.decompress(rest[at : at + 1])
        except zlib.error:
            return


def _bunzipped(packed: _Slice) -> Iterator[bytes]:
    return _decoded(bz2.BZ2Decompressor(), packed, STEP_BYTES, PIECE_BYTES)


def _lzma(packed: _Slice) -> Iterator[bytes]:
    """LZMA behind four bytes and its own settings (APPNOTE.TXT 5.8.8)."""
    head = packed.read(9)
    if len(head) < 9:
        raise EOFError
    window = int.from_bytes(head[5:9], "little")
    if window > MOST_WINDOW_BYTES or head[4] >= 225:
        raise lzma.LZMAError("its settings are not read")
    settings = {
        "dict_size": max(window, 1 << 12),
        "lc": head[4] % 9,
        "lp": head[4] // 9 % 5,
        "pb": head[4] // 45,
    }
    decoder = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, **settings}])
    return _decoded(decoder, packed, READ_BYTES, STEP_BYTES)


def _decoded(
    decoder: bz2.BZ2Decompressor | lzma.LZMADecompressor, packed: _Slice, feed_bytes: int, step_bytes: int
) -> Iterator[bytes]:
    """Little at a time: a decoder gives nothing of what it made in the call in which it meets damage."""
    rest = b""
    while not decoder.eof:
        if decoder.needs_input and not (rest := packed.read(feed_bytes)):
            if packed.left or isinstance(decoder, bz2.BZ2Decompressor):
                raise EOFError
            return  # LZMA need not say where it ends
        piece, rest = decoder.decompress(rest, step_bytes), b""
        yield piece


_METHODS: dict[int, Callable[[_Slice], Iterator[bytes]]] = {
    zipfile.ZIP_STORED: _stored,
    zipfile.ZIP_DEFLATED: _inflated,
    zipfile.ZIP_BZIP2: _bunzipped,
    zipfile.ZIP_LZMA: _lzma,
}
