"""Where the data of a member of a zip archive end, if its head does not say, or says it wrongly."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from hometruth.zip_archive.heads import DESCRIPTOR, DESCRIPTOR_BYTES, NEXT, WHOLE, ZIP, head_at
from hometruth.zip_archive.packing import PIECE_BYTES, READ_BYTES, Packing

PASSES, LEAST_LOOKED_BYTES = 8, 64 << 20
"""How often an archive may be gone through to find members that its index does not tell of."""
MOST_INFLATED_BYTES = 4 << 30
"""Unpacked to find out where members end, in all."""
FIRST_LOOK_BYTES = 1 << 10
"""The next head is near, as a rule."""
_SIGNATURE = re.compile(rb"PK(?:\x03\x04|\x01\x02|\x07\x08)")


class Ruler:
    """Measures members of one archive, as long as that is not gone through too often."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._size = stream, size
        self.left_bytes = PASSES * size + LEAST_LOOKED_BYTES
        self._inflatable_bytes = MOST_INFLATED_BYTES

    def find(self, position: int, stop: int) -> int | None:
        """Where the next signature of a head stands."""
        step = FIRST_LOOK_BYTES
        while position < stop and self.left_bytes > 0:
            data = self._read(position, min(step, stop - position))
            if (at := data.find(ZIP)) >= 0:
                return position + at
            if len(data) < len(ZIP):
                return None
            position += len(data) - len(ZIP) + 1
            step = min(2 * step, PIECE_BYTES)
        return None

    def end_of(self, at: int, packing: Packing) -> int | None:
        """Where a member ends, descriptor included; None if nothing that follows a member stands there."""
        if packing.packed_bytes is None or at + packing.packed_bytes > self._size:
            return None
        end = at + packing.packed_bytes
        behind = self._read(end, DESCRIPTOR_BYTES[-1] + 4)
        if packing.is_behind:
            sizes = struct.pack("<L", packing.packed_bytes & WHOLE), struct.pack("<Q", packing.packed_bytes)
            for skipped in DESCRIPTOR_BYTES:
                told = behind[8 if behind.startswith(DESCRIPTOR) else 4 :]
                if behind[skipped : skipped + 4] in NEXT and told.startswith(sizes):
                    return end + skipped
        elif behind[:4] in NEXT:
            return end
        return end if not behind else None

    def measured(self, at: int, packing: Packing, stop: int) -> Packing:
        """The packing, with the length of the data as they say it themselves, if the head does not."""
        if self.end_of(at, packing) is not None:
            return packing
        if packing.method == zipfile.ZIP_DEFLATED:
            size = self._deflated_bytes(at)
        elif self._is_declared(at, packing, stop):
            size = packing.packed_bytes
        else:
            size = self._stored_bytes(at, packing, stop)
        return packing if size is None else replace(packing, packed_bytes=size)

    def _is_declared(self, at: int, packing: Packing, stop: int) -> bool:
        """Whether data may be as long as their head says, though something unknown stands behind them."""
        if packing.packed_bytes is None or at + packing.packed_bytes > stop:
            return False
        is_stored = packing.method == zipfile.ZIP_STORED
        return not is_stored or self._summed(at, at + packing.packed_bytes, 0) == packing.checksum

    def _deflated_bytes(self, at: int) -> int | None:
        """A deflate stream says where it ends."""
        inflate, position = zlib.decompressobj(-zlib.MAX_WBITS), at
        try:
            while not inflate.eof and self.left_bytes > 0 and self._inflatable_bytes > 0:
                data = inflate.unconsumed_tail or self._read(position, READ_BYTES)
                if not data:
                    return None
                position += len(data) if not inflate.unconsumed_tail else 0
                self._inflatable_bytes -= len(inflate.decompress(data, PIECE_BYTES))
        except zlib.error:
            return None
        size: int = position - len(inflate.unused_data) - at
        return size if inflate.eof else None

    def _stored_bytes(self, at: int, packing: Packing, stop: int) -> int:
        """Other data end where their checksum is right, by the head or by a descriptor.

        Else they end at the next head, which is not looked for in an archive inside the archive.
        """
        checksum, position, following = 0, at, None
        for found in self._signatures(at, stop):
            for back in (20, 12, 0):
                if found - back < position:
                    continue
                checksum = self._summed(position, found - back, checksum)
                position = found - back
                if self._ends_at(position, packing, checksum, position - at, is_signed=not back):
                    return position - at
            if following is None and (head := head_at(self._stream, found)) and head.is_sound:
                following = found
        is_archive = self._read(at, len(ZIP)) == ZIP
        return max(0, (stop if following is None or is_archive else following) - at)

    def _ends_at(self, end: int, packing: Packing, checksum: int, size: int, *, is_signed: bool) -> bool:
        behind = self._read(end, DESCRIPTOR_BYTES[-1])
        if packing.method == zipfile.ZIP_STORED and packing.checksum is not None:
            return is_signed and packing.checksum == checksum
        if is_signed and not behind.startswith(DESCRIPTOR):
            return False
        told = behind[4 if is_signed else 0 :]
        if packing.method != zipfile.ZIP_STORED:  # the checksum is that of what comes out
            return struct.pack("<L", size & WHOLE) == told[4:8]
        return told.startswith(
            (struct.pack("<LL", checksum, size & WHOLE), struct.pack("<LQ", checksum, size))
        )

    def _signatures(self, position: int, stop: int) -> Iterator[int]:
        while position < stop and self.left_bytes > 0:
            data = self._read(position, min(PIECE_BYTES, stop - position))
            yield from (position + found.start() for found in _SIGNATURE.finditer(data))
            if len(data) < len(ZIP):
                return
            position += len(data) - len(ZIP) + 1

    def _summed(self, position: int, stop: int, checksum: int) -> int:
        while position < stop and (data := self._read(position, min(PIECE_BYTES, stop - position))):
            checksum = zlib.crc32(data, checksum)
            position += len(data)
        return checksum

    def _read(self, position: int, size: int) -> bytes:
        self._stream.seek(position)
        data = self._stream.read(size)
        self.left_bytes -= len(data)
        return data
