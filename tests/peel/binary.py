"""Protocol Buffers, CBOR and what frames them, written by hand for tests."""

import struct


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def protobuf(value: bytes) -> bytes:
    """Fields 1 (number) and 2 (bytes), inside field 3 of an outer message."""
    inner = b"\x08\x96\x01\x12" + varint(len(value)) + value
    return b"\x1a" + varint(len(inner)) + inner


def grpc(value: bytes) -> bytes:
    message = protobuf(value)
    return b"\0" + struct.pack(">I", len(message)) + message


def delimited(value: bytes) -> bytes:
    message = protobuf(value)
    return varint(len(message)) + message + b"\x05\x0a\x03abc"


def cbor(value: bytes) -> bytes:
    """Self-described: a map with a list of a number and *value* as a byte string in two chunks."""
    chunks = b"".join(b"\x59" + struct.pack(">H", len(chunk)) + chunk for chunk in (value[:5], value[5:]))
    return b"\xd9\xd9\xf7\xa1\x61v\x9f\x19\x03\xe9\x5f" + chunks + b"\xff\xff"
