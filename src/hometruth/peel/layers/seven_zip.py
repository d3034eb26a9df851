"""7z archives (7zFormat.txt of the LZMA SDK): names of members, and what is in them, unpacked.

Folders whose coders follow one another are unpacked: LZMA, LZMA2, deflate, bzip2, the branch and delta
filters that Python's `lzma` knows, and plain copies. The directory stands at the end: without it, the first
stream is unpacked as far as LZMA or LZMA2 as they are usually set make sense of it.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from hometruth.peel.layers.json_text import segment
from hometruth.peel.layers.layer import MAX_PIECES, Context, Opened, Piece

SEVEN_ZIP_MAGIC = b"7z\xbc\xaf\x27\x1c"
SEALED = "an encrypted 7z archive"
UNKNOWN = "a 7z archive, packed by a method that is not unpacked here"
STOPPED = "members unpack to more than the room left"
_START = 32
"""Bytes before the packed streams."""
_USUAL_WINDOW, _FEED_BYTES = 1 << 26, 16
_SMALLEST_WINDOW = 1 << 12
_END, _HEADER, _MAIN, _FILES, _PACKED, _FOLDERS, _PARTS = 0x00, 0x01, 0x04, 0x05, 0x06, 0x07, 0x08
_SIZES, _DIGESTS, _FOLDER, _UNPACKED_SIZES, _COUNTS = 0x09, 0x0A, 0x0B, 0x0C, 0x0D
_EMPTY, _NAMES, _PACKED_HEADER = 0x0E, 0x11, 0x17
_COPY, _DEFLATE, _BZIP2, _LZMA, _LZMA2 = b"\x00", b"\x04\x01\x08", b"\x04\x02\x02", b"\x03\x01\x01", b"\x21"
_ENCRYPTION = b"\x06\xf1\x07\x01"
_BRANCHES = {
    b"\x03\x03\x01\x03": lzma.FILTER_X86,
    b"\x03\x03\x02\x05": lzma.FILTER_POWERPC,
    b"\x03\x03\x04\x01": lzma.FILTER_IA64,
    b"\x03\x03\x05\x01": lzma.FILTER_ARM,
    b"\x03\x03\x07\x01": lzma.FILTER_ARMTHUMB,
    b"\x03\x03\x08\x05": lzma.FILTER_SPARC,
    b"\x03": lzma.FILTER_DELTA,
}


class _DamagedArchiveError(ValueError):
    """The bytes are no archive, or not all of one."""


class _SealedArchiveError(Exception):
    """What is inside cannot be unpacked here; says why."""


class _RoomError(Exception):
    """More would come out than there is room for."""


_Filter = Mapping[str, int]
"""As Python's `lzma` takes it."""


class _Coder(NamedTuple):
    method: bytes
    properties: bytes
    size: int
    """Bytes that come out."""


@dataclass(slots=True)
class _Folder:
    """A chain of coders over one packed stream, or a net of them over several."""

    coders: list[_Coder]
    order: list[int]
    """Of the coders, the one whose output is that of the folder first."""
    sizes: list[int]
    """Of the members in what comes out, which may be several."""
    n_packed: int = 1
    """Streams; if more than one, what they hold is not unpacked."""
    start: int = 0
    end: int = 0


class _Cursor:
    """Reads numbers from the directory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, n: int) -> bytes:
        taken = self._data[self._at : self._at + n]
        if len(taken) < n or n < 0:
            raise _DamagedArchiveError
        self._at += n
        return taken

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """As many further bytes as the first has leading ones; its other bits are the highest."""
        first = self.byte()
        extra = 8 - (first ^ 0xFF).bit_length()
        low = int.from_bytes(self.take(extra), "little")
        high = first & (0x7F >> extra) if extra < 8 else 0
        return low | high << 8 * extra

    def count(self) -> int:
        """A number of things in the archive, of which each takes a bit at least."""
        number = self.number()
        if number > 8 * len(self._data):
            raise _DamagedArchiveError
        return number

    def numbers(self, n: int) -> list[int]:
        return [self.number() for _ in range(n)]

    def bits(self, n: int) -> list[bool]:
        taken = self.take((n + 7) // 8)
        return [bool(taken[at // 8] << at % 8 & 0x80) for at in range(n)]

    def skip_digests(self, n: int) -> None:
        known = n if self.byte() else sum(self.bits(n))
        self.take(4 * known)


def unseven(data: bytes, context: Context) -> Opened | None:
    """Name and content of every member; None if *data* does not begin like an archive."""
    if not data.startswith(SEVEN_ZIP_MAGIC):
        return None
    pieces: list[Piece] = []
    try:
        stopped = ""
        for piece in _members(data, context.room_bytes):
            if len(pieces) > MAX_PIECES:
                stopped = f"only the first {MAX_PIECES} pieces are looked into"
                break
            pieces.append(piece)
    except _SealedArchiveError as err:
        return Opened(pieces, sealed=str(err))
    except _RoomError:
        return Opened(pieces, stopped=STOPPED)
    except _DAMAGED:
        if all(piece.label.endswith("~") for piece in pieces) and (
            plain := _salvaged(data, context.room_bytes)
        ):
            pieces.append(Piece(f"[@{_START}]", plain, _START, len(data)))
        return Opened(pieces, damage="7z: the archive is damaged, or not all there")
    return Opened(pieces, stopped=stopped)


def _salvaged(data: bytes, room: int) -> bytes:
    """What the first stream gives before it breaks, or before the room is used up."""
    window = {"dict_size": max(_SMALLEST_WINDOW, min(room, _USUAL_WINDOW))}
    one = {"id": lzma.FILTER_LZMA1, "lc": 3, "lp": 0, "pb": 2}
    first = {**(one if data[_START : _START + 1] == b"\0" else {"id": lzma.FILTER_LZMA2}), **window}
    decoder = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[first])
    given: list[bytes] = []
    try:
        for at in range(_START, len(data), _FEED_BYTES):
            given.append(decoder.decompress(data[at : at + _FEED_BYTES], room))
            room -= len(given[-1])
            if room <= 0 or decoder.eof:
                break
    except lzma.LZMAError:
        pass  # told as damage
    return b"".join(given)


_DAMAGED = (lzma.LZMAError, zlib.error, OSError, ValueError, EOFError, IndexError)
"""What is raised for bytes that are no archive, or use what nobody here knows."""


def _members(data: bytes, room: int) -> Iterator[Piece]:
    """A piece for each name, then one for each content; the contents in the order of the folders."""
    header, room = _directory(data, room)
    cursor = _Cursor(header)
    if not header or cursor.byte() != _HEADER:
        if header:
            raise _DamagedArchiveError
        return
    kind = cursor.byte()
    folders: list[_Folder] = []
    if kind == _MAIN:
        folders = _streams(cursor)
        kind = cursor.byte()
    names, empty = _files(cursor) if kind == _FILES else ([], [])
    full = iter([name for name, is_empty in zip(names, empty, strict=True) if not is_empty])
    for name in names:
        yield Piece(segment(name) + "~", name, len(data), len(data))
    for folder in folders:
        plain = _unpacked(data, folder, room)
        room -= len(plain)
        at = 0
        start, end = min(folder.start, len(data)), min(folder.end, len(data))
        for size in folder.sizes:
            yield Piece(segment(next(full, b"")), plain[at : at + size], start, end)
            at += size
    if any(folder.end > len(data) for folder in folders):
        raise _DamagedArchiveError


def _directory(data: bytes, room: int) -> tuple[bytes, int]:
    """The directory, unpacked as often as it is packed, and the room that is left."""
    at, size = (int.from_bytes(data[start : start + 8], "little") for start in (12, 20))
    header = data[_START + at : _START + at + size]
    if len(header) < size:
        raise _DamagedArchiveError
    while header[:1] == bytes([_PACKED_HEADER]):
        cursor = _Cursor(header)
        cursor.byte()
        folders = _streams(cursor)
        if not folders:
            raise _DamagedArchiveError
        header = _unpacked(data, folders[0], room)
        room -= len(header)
    return header, room


def _streams(cursor: _Cursor) -> list[_Folder]:
    """The folders, each with the bytes that are its packed stream."""
    sizes: list[int] = []
    folders: list[_Folder] = []
    at = _START
    while (kind := cursor.byte()) != _END:
        if kind == _PACKED:
            at += cursor.number()
            sizes = _packed_sizes(cursor)
        elif kind == _FOLDERS:
            folders = _folders(cursor)
        elif kind == _PARTS:
            _divide(cursor, folders)
        else:
            raise _DamagedArchiveError
    left = iter(sizes)
    for folder in folders:
        own = list(islice(left, folder.n_packed))
        if len(own) < folder.n_packed:
            raise _DamagedArchiveError
        folder.start, folder.end = at, at + sum(own)
        at = folder.end
    return folders


def _packed_sizes(cursor: _Cursor) -> list[int]:
    n = cursor.count()
    sizes: list[int] = []
    while (kind := cursor.byte()) != _END:
        if kind == _SIZES:
            sizes = cursor.numbers(n)
        elif kind == _DIGESTS:
            cursor.skip_digests(n)
        else:
            raise _DamagedArchiveError
    return sizes


def _folders(cursor: _Cursor) -> list[_Folder]:
    if cursor.byte() != _FOLDER:
        raise _DamagedArchiveError
    n = cursor.count()
    if cursor.byte():  # they stand somewhere else
        raise _DamagedArchiveError
    folders = [_folder(cursor) for _ in range(n)]
    if cursor.byte() != _UNPACKED_SIZES:
        raise _DamagedArchiveError
    for folder in folders:
        sizes = cursor.numbers(len(folder.coders))
        folder.coders = [coder._replace(size=size) for coder, size in zip(folder.coders, sizes, strict=True)]
        folder.sizes = [sizes[folder.order[0]]]
    while (kind := cursor.byte()) != _END:
        if kind != _DIGESTS:
            raise _DamagedArchiveError
        cursor.skip_digests(n)
    return folders


def _folder(cursor: _Cursor) -> _Folder:
    """Its coders, and how they follow one another: by the one whose output each takes."""
    coders = []
    n_in = 0
    for _ in range(cursor.count()):
        flags = cursor.byte()
        method = cursor.take(flags & 0x0F)
        own_in, own_out = cursor.numbers(2) if flags & 0x10 else (1, 1)
        properties = cursor.take(cursor.number()) if flags & 0x20 else b""
        if own_out != 1 or not own_in:
            raise _DamagedArchiveError
        coders.append(_Coder(method, properties, 0))
        n_in += own_in
    links = {cursor.number(): cursor.number() for _ in coders[1:]}
    n_packed = n_in - len(links)
    if n_packed > 1:
        cursor.numbers(n_packed)
        return _Folder(coders, [*range(len(coders))], [], n_packed)
    last = [at for at in range(len(coders)) if at not in links.values()]
    order = last[:1]
    while order and order[-1] in links and len(order) < len(coders):
        order.append(links[order[-1]])
    if n_packed < 1 or sorted(order) != [*range(len(coders))]:
        raise _DamagedArchiveError
    return _Folder(coders, order, [])


def _divide(cursor: _Cursor, folders: Sequence[_Folder]) -> None:
    """Note how long the members in each folder are."""
    counts = [1] * len(folders)
    kind = cursor.byte()
    if kind == _COUNTS:
        counts = [cursor.count() for _ in folders]
        kind = cursor.byte()
    for folder, count in zip(folders, counts, strict=True):
        whole = folder.coders[folder.order[0]].size
        sizes = cursor.numbers(count - 1) if kind == _SIZES and count > 1 else []
        folder.sizes = [*sizes, whole - sum(sizes)] if count else []
    if kind == _SIZES:
        kind = cursor.byte()
    while kind != _END:
        if kind != _DIGESTS:
            raise _DamagedArchiveError
        cursor.skip_digests(sum(counts))
        kind = cursor.byte()


def _files(cursor: _Cursor) -> tuple[list[bytes], list[bool]]:
    """Names of the members, and which of them are empty."""
    n = cursor.count()
    names, empty = [b""] * n, [False] * n
    while (kind := cursor.byte()) != _END:
        own = _Cursor(cursor.take(cursor.number()))
        if kind == _EMPTY:
            empty = own.bits(n)
        elif kind == _NAMES and not own.byte():
            names = [_name(own) for _ in range(n)]
    return names, empty


def _name(cursor: _Cursor) -> bytes:
    units = bytearray()
    while (unit := cursor.take(2)) != b"\0\0":
        units += unit
    return units.decode("utf-16-le", "replace").encode()


def _unpacked(data: bytes, folder: _Folder, room: int) -> bytes:
    """What the coders make of the packed stream."""
    if any(coder.method == _ENCRYPTION for coder in folder.coders):
        raise _SealedArchiveError(SEALED)
    if folder.n_packed > 1:
        raise _SealedArchiveError(UNKNOWN)
    if max(coder.size for coder in folder.coders) > room:
        raise _RoomError
    plain = data[folder.start : folder.end]
    left = [folder.coders[at] for at in folder.order]
    while left:
        coder = left.pop()
        if make := _FILTERS.get(coder.method):
            filters = [make(coder)]
            while left and left[-1].method in _BRANCHES:  # liblzma has them only before one that packs
                coder = left.pop()
                filters.insert(0, _branch(coder))
            plain = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters).decompress(plain, coder.size)
        else:
            plain = _decoded(plain, coder)
    return plain


def _decoded(data: bytes, coder: _Coder) -> bytes:
    if coder.method == _COPY:
        return data
    if coder.method == _DEFLATE:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, coder.size or 1)
    if coder.method == _BZIP2:
        return bz2.BZ2Decompressor().decompress(data, coder.size)
    raise _SealedArchiveError(UNKNOWN)


def _branch(coder: _Coder) -> _Filter:
    filter_id = _BRANCHES[coder.method]
    distance = {"dist": coder.properties[0] + 1} if filter_id == lzma.FILTER_DELTA else {}
    return {"id": filter_id, **distance}


def _lzma1(coder: _Coder) -> _Filter:
    packed, *_ = coder.properties
    return {
        "id": lzma.FILTER_LZMA1,
        "lc": packed % 9,
        "lp": packed // 9 % 5,
        "pb": packed // 45,
        "dict_size": _window(int.from_bytes(coder.properties[1:5], "little"), coder),
    }


def _lzma2(coder: _Coder) -> _Filter:
    (packed,) = coder.properties
    window = (1 << 32) - 1 if packed >= 40 else (2 | packed & 1) << packed // 2 + 11
    return {"id": lzma.FILTER_LZMA2, "dict_size": _window(window, coder)}


def _window(size: int, coder: _Coder) -> int:
    """Nothing refers to more than comes out."""
    return max(_SMALLEST_WINDOW, min(size, coder.size))


_FILTERS: dict[bytes, Callable[[_Coder], _Filter]] = {_LZMA: _lzma1, _LZMA2: _lzma2}
