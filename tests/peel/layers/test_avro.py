"""Avro containers: every codec is unpacked within the room, and damage is told."""

import json
import struct

import pytest

from hometruth.peel.layers import Context
from hometruth.peel.layers.avro import unavro
from tests.peel.binary import varint
from tests.peel.wraps import in_avro, zigzag

TEXT = b"https://secret.test/a?b=1 " * 20


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz", "zstandard", "snappy"])
def test_blocks_of_every_codec_are_unpacked(codec: str) -> None:
    opened = unavro(in_avro(TEXT, codec), Context())

    assert opened is not None
    assert not opened.damage
    assert [piece.data for piece in opened.pieces[2:]] == [b"id", TEXT]
    assert [piece.label for piece in opened.pieces[2:]] == ["[0].id", "[0].v"]
    assert [piece.label for piece in opened.pieces[:2]] == ['["avro.schema"]', '["avro.codec"]']


def test_what_is_cut_is_told_and_what_stands_before_it_kept() -> None:
    whole = in_avro(TEXT, "null")
    without_blocks = whole.index(bytes(range(100, 116))) + 16
    for size in {*range(5, len(whole), 7)} - {without_blocks}:
        opened = unavro(whole[:size], Context())

        assert opened is not None
        assert "damaged at byte" in opened.damage


def test_a_block_unpacks_to_no_more_than_the_room() -> None:
    opened = unavro(in_avro(bytes(10_000_000)), Context(room_bytes=1 << 20))

    assert opened is not None
    assert opened.stopped
    assert sum(len(piece.data) for piece in opened.pieces) <= (1 << 20) + 300


def test_lengths_that_lead_nowhere_are_damage() -> None:
    for hostile in (b"\xff" * 40, b"\x01" * 40, b"\x02" + b"\xfe\xff\xff\xff\x0f", b""):
        opened = unavro(b"Obj\x01" + hostile, Context())

        assert opened is not None
        assert opened.damage


def container(schema: object, block: bytes, count: int = 1) -> bytes:
    text = json.dumps(schema).encode()
    meta = zigzag(1) + zigzag(11) + b"avro.schema" + zigzag(len(text)) + text + b"\0"
    sync = bytes(range(100, 116))
    return b"Obj\x01" + meta + sync + zigzag(count) + zigzag(len(block)) + block + sync


def sized(text: bytes) -> bytes:
    return zigzag(len(text)) + text


def test_values_of_every_type_are_read_with_their_path() -> None:
    node = {"type": "record", "name": "node", "fields": [
        {"name": "next", "type": ["null", "node"]},
        {"name": "tags", "type": {"type": "map", "values": "string"}},
        {"name": "list", "type": {"type": "array", "items": "long"}},
        {"name": "kind", "type": {"type": "enum", "name": "k", "symbols": ["VIEW", "CLICK"]}},
        {"name": "id", "type": {"type": "fixed", "name": "f", "size": 4}},
        {"name": "again", "type": "k"},
        {"name": "at", "type": "double"},
        {"name": "ok", "type": "boolean"},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    ]}  # fmt: skip
    inner = (
        b"\0" + b"\0" + b"\0" + zigzag(1) + b"abcd" + zigzag(0) + struct.pack("<d", 2.5) + b"\1" + zigzag(7)
    )
    tags = zigzag(1) + sized(b"u") + sized(b"https://secret.test") + b"\0"
    # A block of an array may be told with its size in bytes, and a negative number of items.
    numbers = varint(1) + varint(4) + zigzag(5000) + b"\0"
    outer = zigzag(1) + inner + tags + numbers + inner[3:]
    opened = unavro(container(node, outer), Context())

    assert opened is not None
    assert {piece.label: piece.data for piece in opened.pieces[1:]} == {
        "[0].next.kind": b"CLICK",
        "[0].next.id": b"abcd",
        "[0].next.again": b"VIEW",
        "[0].next.at": b"2.5",
        "[0].tags.u~": b"u",
        "[0].tags.u": b"https://secret.test",
        "[0].list[0]": b"5000",
        "[0].kind": b"CLICK",
        "[0].id": b"abcd",
        "[0].again": b"VIEW",
        "[0].at": b"2.5",
    }


@pytest.mark.parametrize(
    ("schema", "block"),
    [
        ({"type": "record", "name": "r", "fields": [{"name": "me", "type": "r"}]}, b"secret"),
        ({"type": "array", "items": "null"}, varint((1 << 62) - 1) + b"secret"),
        ("string", b"secret without a length"),
        ({"type": "record", "name": "r"}, b"secret"),
        ([], b"secret"),
        ("nonsense", b"secret"),
        ({"type": "fixed", "name": "f", "size": "4"}, b"secret"),
    ],
)
def test_a_block_that_does_not_fit_its_schema_stays_whole(schema: object, block: bytes) -> None:
    opened = unavro(container(schema, block), Context())

    assert opened is not None
    assert opened.pieces[-1].data == block
