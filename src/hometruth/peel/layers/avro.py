"""Avro container files (avro.apache.org/docs/1.11.1/specification, Object Container Files): their metadata,
and every value of their records as the schema that they carry says.
"""

import json
import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from hometruth.peel.layers.compression import inflate_raw, unzstd
from hometruth.peel.layers.json_text import segment
from hometruth.peel.layers.layer import MAX_PIECES, Context, Opened, Piece
from hometruth.peel.layers.rarer_compression import unbzip2, unsnappy, unxz
from hometruth.peel.layers.tree import SMALLEST_NUMBER

AVRO_MAGIC = b"Obj\x01"
SYNC_BYTES = 16
CRC_BYTES = 4
"""Behind each block that snappy packed."""
MAX_NESTING = 64
"""Values inside each other; a schema may name itself."""
_CODECS: dict[bytes, Callable[[bytes, Context], Opened | None]] = {
    b"deflate": inflate_raw,
    b"bzip2": unbzip2,
    b"xz": unxz,
    b"zstandard": unzstd,
    b"snappy": lambda data, context: unsnappy(data[:-CRC_BYTES], context),
}
_FIXED = {"float": "<f", "double": "<d"}


def unavro(data: bytes, context: Context) -> Opened | None:
    """Metadata, and the values in all blocks; None if *data* is no container."""
    if not data.startswith(AVRO_MAGIC):
        return None
    reader = _AvroBytes(data, len(AVRO_MAGIC))
    pieces: list[Piece] = []
    stopped = damage = ""
    try:
        meta = reader.pairs(pieces)
        sync = reader.take(SYNC_BYTES)
        records = _Records(meta.get(b"avro.schema", b""), min(context.room_pieces, MAX_PIECES))
        unpack = _CODECS.get(meta.get(b"avro.codec", b""))
        room = context.room_bytes
        while reader.at < len(data) and not stopped:
            count, block = reader.number(), reader.block()
            start = reader.at - len(block)
            opened = unpack(block, context._replace(room_bytes=room)) if unpack else None
            if opened and opened.pieces:
                block, damage, stopped = opened.pieces[0].data, damage or opened.damage, opened.stopped
            room -= len(block)
            pieces += records.of(block, count, start, reader.at)
            if len(pieces) >= MAX_PIECES:
                stopped = f"only the first {MAX_PIECES} pieces are looked into"
            if reader.take(SYNC_BYTES) != sync:
                raise ValueError
    except (ValueError, IndexError):
        damage = f"Avro: the container is damaged at byte {reader.at}"
    return Opened(pieces, damage=damage, stopped=stopped)


class _AvroValue(NamedTuple):
    label: str
    value: bytes
    start: int
    """In the block."""
    end: int


class _Records:
    """Takes blocks apart by a schema; one that it does not fit stays whole.

    Of a block that was packed, each value has its share of what is packed for a span.
    """

    def __init__(self, schema: bytes, most: int) -> None:
        self._most, self._names = most, dict[str, Any]()
        self._n_before = 0
        try:
            self._schema = json.loads(schema)
        except (ValueError, RecursionError):
            self._schema = None

    def of(self, block: bytes, count: int, start: int, end: int) -> list[Piece]:
        """The values of *count* records, each with the span of the block in the container."""
        reader = _AvroBytes(block, 0)
        found: list[_AvroValue] = []
        try:
            for number in range(count):
                self._read(self._schema, f"[{self._n_before + number}]", reader, found, 0)
            if reader.at != len(block):
                raise ValueError
        except (ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error):
            # Its schema is damaged, or not of this block.
            found = [_AvroValue(f"[{self._n_before}]", block, 0, len(block))]
        self._n_before += max(1, count)
        scale = (end - start) / max(1, len(block))
        return [
            Piece(each.label, each.value, start + int(each.start * scale), start + int(each.end * scale))
            for each in found
        ]

    def _read(
        self, schema: Any, label: str, reader: "_AvroBytes", found: list[_AvroValue], depth: int
    ) -> None:
        if depth > MAX_NESTING or len(found) > self._most:
            raise ValueError
        if isinstance(schema, list):
            self._read(schema[reader.number()], label, reader, found, depth + 1)
            return
        kind = schema["type"] if isinstance(schema, dict) else schema
        if isinstance(kind, (dict, list)):
            self._read(kind, label, reader, found, depth + 1)
        elif kind in self._names and not isinstance(schema, dict):
            self._read(self._names[kind], label, reader, found, depth + 1)
        elif kind in ("record", "error"):
            self._names[schema["name"]] = schema
            for field in schema["fields"]:
                self._read(field["type"], label + segment(field["name"].encode()), reader, found, depth + 1)
        elif kind in ("array", "map"):
            for number in reader.items():
                if kind == "map":
                    before = reader.at
                    key = reader.block()
                    found.append(_AvroValue(label + segment(key) + "~", key, before, reader.at))
                    inside = label + segment(key)
                else:
                    inside = f"{label}[{number}]"
                inner = schema["items" if kind == "array" else "values"]
                self._read(inner, inside, reader, found, depth + 1)
        else:
            self._leaf(kind, schema, label, reader, found)

    def _leaf(
        self, kind: str, schema: Any, label: str, reader: "_AvroBytes", found: list[_AvroValue]
    ) -> None:
        start = reader.at
        value = b""
        if kind in ("string", "bytes"):
            value = reader.block()
        elif kind in ("int", "long"):
            number = reader.number()
            value = str(number).encode() if abs(number) >= SMALLEST_NUMBER else b""
        elif kind in _FIXED:
            (real,) = struct.unpack(_FIXED[kind], reader.take(struct.calcsize(_FIXED[kind])))
            value = repr(real).encode()
        elif kind == "fixed":
            self._names[schema["name"]] = schema
            value = reader.take(schema["size"])
        elif kind == "enum":
            self._names[schema["name"]] = schema
            value = schema["symbols"][reader.number()].encode()
        elif kind == "boolean":
            reader.take(1)
        elif kind != "null":
            raise ValueError
        if value:
            found.append(_AvroValue(label, value, start, reader.at))


class _AvroBytes:
    """Avro's numbers and bytes, one after the other; IndexError or ValueError where they end."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self.at = data, at

    def number(self) -> int:
        """A long: base 128, the sign in the lowest bit."""
        number = shift = 0
        while True:
            byte = self._data[self.at]
            self.at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number >> 1 ^ -(number & 1)
            if shift > 63:
                raise ValueError

    def take(self, size: int) -> bytes:
        """So many bytes."""
        if not 0 <= size <= len(self._data) - self.at:
            raise ValueError
        self.at += size
        return self._data[self.at - size : self.at]

    def block(self) -> bytes:
        """Bytes behind their number."""
        return self.take(self.number())

    def items(self) -> Iterator[int]:
        """The numbers of an array's or map's items, which stand in blocks of their own."""
        number = 0
        while count := self.number():
            if count < 0:
                self.number()  # its size in bytes, for those who skip it
            for _ in range(abs(count)):
                before = self.at
                yield number
                number += 1
                if self.at == before and abs(count) > MAX_PIECES:
                    raise ValueError  # items of no bytes, as many as a number can say

    def pairs(self, pieces: list[Piece]) -> dict[bytes, bytes]:
        """A map of bytes; each of its values becomes a piece."""
        found: dict[bytes, bytes] = {}
        for _ in self.items():
            key, start = self.block(), self.at
            found[key] = self.block()
            pieces.append(Piece(segment(key), found[key], start, self.at))
        return found
