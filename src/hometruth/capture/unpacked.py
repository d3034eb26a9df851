"""Compressed and UTF-16 files read as what they hold, as far as they are whole.

A download that broke off loses its end, never its beginning: what was unpacked before the damage is given,
then the stream ends and says why.
"""

import bz2
import codecs
import io
import lzma
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple, Protocol, cast

import zstandard

from hometruth.capture.byte_stream import Readable, take

FEED_BYTES = 1 << 14
"""Packed bytes handed to a decoder at a time."""
ZSTD_FEED_BYTES = 512
"""The same for zstd, which cannot be told how much it may give: at most 16 MiB for so many."""
PIECE_BYTES = 1 << 20
"""Most unpacked bytes at a time."""
STEP_BYTES = 256
"""The same, where damage costs what is made, or given, at a time."""
MOST_WINDOW_BYTES = 128 << 20
"""Memory that a decoder may ask for."""
MOST_WRAPPINGS = 4
"""Compression inside compression: nobody does more than two."""
SKIPPED_FRAMES = tuple(struct.pack("<L", 0x184D2A50 + number) for number in range(16))
"""Frames of zstd that hold something else; a pack of several files may begin with one."""
HEAD_BYTES = 16
"""Enough for every signature below."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class Wrapping(NamedTuple):
    """One way to wrap a whole file."""

    name: str
    signatures: tuple[bytes, ...]
    pieces: Callable[[Readable], Iterator[bytes]]
    """What is inside, in pieces; raises one of `DAMAGE` where that cannot be told any more."""


class Unpacked(io.RawIOBase):
    """What a wrapped stream holds. At its end, `damage` says what ended it too early, if anything did."""

    def __init__(self, packed: BinaryIO, wrapping: Wrapping) -> None:
        self._packed = packed
        self._name = wrapping.name
        self._pieces = wrapping.pieces(packed)
        self._held = b""
        self._passed = 0
        self._damage: str | None = None

    @property
    def damage(self) -> str | None:
        """What is wrong with the packed data, if that is known already."""
        return self._damage or damage_of(self._packed)

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most *size* bytes (all of them for -1); none at the end."""
        if size < 0:
            return take(self, 1 << 62)
        while not self._held and self._damage is None:
            try:
                self._held = next(self._pieces)
            except StopIteration:
                break
            except DAMAGE as err:
                why = str(err) or type(err).__name__
                self._damage = f"its {self._name} data cannot be unpacked beyond byte {self._passed}: {why}"
        given, self._held = self._held[:size], self._held[size:]
        self._passed += len(given)
        return given

    def close(self) -> None:
        """Close the packed stream too."""
        self._packed.close()
        super().close()


class _Ahead(io.RawIOBase):
    """A stream of which the beginning was read already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    @property
    def damage(self) -> str | None:
        return damage_of(self._rest)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._head:
            return self._rest.read(size)
        size = len(self._head) if size < 0 else size
        given, self._head = self._head[:size], self._head[size:]
        return given

    def close(self) -> None:
        self._rest.close()
        super().close()


def unpacked(stream: BinaryIO) -> BinaryIO:
    """What *stream* holds under its wrappings; itself, if there are none."""
    for _ in range(MOST_WRAPPINGS):
        head = take(stream, HEAD_BYTES)
        if stream.seekable():
            stream.seek(0)
        else:
            stream = cast(BinaryIO, _Ahead(head, stream))
        wrapping = next((each for each in WRAPPINGS if head.startswith(each.signatures)), None)
        if wrapping is None:
            break
        stream = cast(BinaryIO, Unpacked(stream, wrapping))
    return stream


def damage_of(stream: object) -> str | None:
    """What ended an unpacked stream too early, if anything did."""
    damage = getattr(stream, "damage", None)
    return damage if isinstance(damage, str) else None


def _gunzip(packed: Readable) -> Iterator[bytes]:
    """Inflate gzip members (RFC 1952), each byte of them that is sound."""
    rest = b""
    while rest := rest or take(packed, FEED_BYTES):
        one = zlib.decompressobj(zlib.MAX_WBITS | 16)
        while not one.eof:
            rest = rest or take(packed, FEED_BYTES)
            if not rest:
                raise EOFError("it is cut short")
            before = one.copy()
            try:
                piece = one.decompress(rest, PIECE_BYTES)
            except zlib.error:
                yield from _until_damage(before, rest)
                raise
            rest = one.unused_data if one.eof else one.unconsumed_tail
            yield piece
        rest = rest.lstrip(b"\0")  # padding that tapes and some tools leave


def _until_damage(one: "zlib._Decompress", rest: bytes) -> Iterator[bytes]:
    for at in range(len(rest)):
        try:
            yield one.decompress(rest[at : at + 1])
        except zlib.error:
            return


def _decoded(
    new: Callable[[], _Decompressor], feed_bytes: int, step_bytes: int
) -> Callable[[Readable], Iterator[bytes]]:
    """Pieces by a decoder of the standard library, stream after stream.

    It gives nothing of what it made in the call in which it meets damage. So LZMA is asked for little at a
    time; bzip2, which makes whole blocks and then looks whether they are right, is given little.
    """

    def pieces(packed: Readable) -> Iterator[bytes]:
        rest = b""
        while rest := rest or take(packed, feed_bytes):
            one = new()
            while not one.eof:
                if one.needs_input and not rest and not (rest := take(packed, feed_bytes)):
                    raise EOFError("it is cut short")
                yield from _in_steps(one, rest, step_bytes)
                rest = b""
            rest = one.unused_data.lstrip(b"\0")

    return pieces


def _in_steps(one: _Decompressor, packed: bytes, step_bytes: int) -> Iterator[bytes]:
    """What comes out of so many packed bytes."""
    made, size = [one.decompress(packed, step_bytes)], 0
    try:
        while not (one.eof or one.needs_input):
            made.append(one.decompress(b"", step_bytes))
            size += len(made[-1])
            if size > PIECE_BYTES:
                yield b"".join(made)
                made, size = [], 0
    except DAMAGE:
        yield b"".join(made)
        raise
    yield b"".join(made)


def _unzstd(packed: Readable) -> Iterator[bytes]:
    """Frames of zstd (RFC 8878), one after the other."""
    rest = b""
    while rest := rest or take(packed, ZSTD_FEED_BYTES):
        one = zstandard.ZstdDecompressor(max_window_size=MOST_WINDOW_BYTES).decompressobj()
        while not one.eof:
            rest = rest or take(packed, ZSTD_FEED_BYTES)
            if not rest:
                raise EOFError("it is cut short")
            piece, rest = one.decompress(rest), b""
            yield piece
        rest = one.unused_data.lstrip(b"\0")


def _utf8(encoding: str) -> Callable[[Readable], Iterator[bytes]]:
    """Pieces of text in UTF-8; lone surrogates stay what they are."""

    def pieces(packed: Readable) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        while data := take(packed, FEED_BYTES):
            yield decoder.decode(data).encode("utf-8", "surrogatepass")
        decoder.decode(b"", final=True)

    return pieces


def _xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(memlimit=MOST_WINDOW_BYTES)


_BEGINNINGS = ('{"', "{\r", "{\n", "{ ", "{\t", "[{", "<?")
"""Of text without a byte order mark."""
DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError, UnicodeError)
"""What the standard library and zstandard raise of damaged data."""
WRAPPINGS = (
    Wrapping("gzip", (b"\x1f\x8b",), _gunzip),
    Wrapping("zstd", (b"\x28\xb5\x2f\xfd", *SKIPPED_FRAMES), _unzstd),
    Wrapping("xz", (b"\xfd7zXZ\x00",), _decoded(_xz, FEED_BYTES, STEP_BYTES)),
    Wrapping("bzip2", (b"BZh",), _decoded(bz2.BZ2Decompressor, STEP_BYTES, PIECE_BYTES)),
    Wrapping("UTF-32", (b"\xff\xfe\0\0", b"\0\0\xfe\xff"), _utf8("utf-32")),
    Wrapping("UTF-16", (b"\xff\xfe", b"\xfe\xff"), _utf8("utf-16")),
    *(
        Wrapping("UTF-16", tuple(each.encode(encoding) for each in _BEGINNINGS), _utf8(encoding))
        for encoding in ("utf-16-le", "utf-16-be")
    ),
)
