"""Paths and numbers in formats without a schema, and what they are not taken for."""

import pytest

from hometruth.peel import peel_value
from hometruth.peel.layers import LAYERS, Context
from hometruth.peel.layers.cbor import uncbor
from hometruth.peel.layers.msgpack import unmsgpack
from hometruth.peel.layers.plist import unplist
from hometruth.peel.layers.protobuf import undelimited, ungrpc, unprotobuf
from hometruth.peel.layers.rarer_compression import unlz4, unxz
from tests.peel.binary import grpc, protobuf, varint


def paths(data: bytes) -> dict[str, bytes]:
    return {value.path: value.data for value in peel_value(data).values if value.steps}


def test_fields_of_messages_in_messages_are_paths() -> None:
    assert paths(protobuf(b"a canary"))["[3][2]"] == b"a canary"
    assert paths(grpc(b"a canary"))["[0][3][2]"] == b"a canary"


def test_large_numbers_are_their_digits() -> None:
    assert paths(b"\x1a\x08\x08" + varint(490154203237326))["[3][1]"] == b"490154203237326"
    assert paths(b"\x81\xa4imei\xcf\x00\x01\xbd\xca\xae\x78\x6b\xce")["imei"] == b"%d" % 0x1BDCAAE786BCE
    assert paths(b"\xa1\x64imei\x1b\x00\x01\xbd\xca\xae\x78\x6b\xce")["imei"] == b"%d" % 0x1BDCAAE786BCE


def test_keys_are_pieces_too() -> None:
    assert paths(b"\x81\xa3key\xa5value") == {"key~": b"key", "key": b"value"}
    assert paths(b"\xa1\x63key\x65value") == {"key~": b"key", "key": b"value"}


@pytest.mark.parametrize("layer", [unprotobuf, unmsgpack, uncbor, ungrpc, undelimited, unplist])
def test_what_does_not_end_where_it_should_is_something_else(layer: object) -> None:
    for data in (b"", b"\x0a", b"\x0a\x20short", b"\x92\xa3abc", b"\x9f\x61a", b"\0\0\0\0\x09short"):
        assert layer(data) is None, data  # type: ignore[operator]


def test_text_is_no_message() -> None:
    assert unprotobuf(b"just some text, nothing else") is None
    assert unprotobuf(b"\n\x04text") is not None


def test_damaged_streams_keep_what_came_out() -> None:
    import lzma  # noqa: PLC0415

    packed = lzma.compress(bytes(range(256)) * 400)
    opened = unxz(packed[:-30], Context())

    assert opened is not None
    assert opened.damage
    assert unlz4(b"\x04\x22\x4d\x18", Context()) is None


def test_names_of_layers_are_unique() -> None:
    names = [layer.name for layer in LAYERS]

    assert len(names) == len(set(names))
