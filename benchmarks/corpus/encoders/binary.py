"""Binary containers, written from their standards; property lists by Python's own library."""

import io
import json
import plistlib
import tarfile
import zlib


def protobuf(data: bytes) -> bytes:
    """A message with a number, a text and a message that holds *data* in field 2."""
    inner = b"\x08\x96\x01" + _field(2, data) + b"\x18\x01"
    return b"\x08\x07" + _field(4, b"event_v2") + _field(3, inner)


def grpc(data: bytes) -> bytes:
    """The protobuf message in an uncompressed gRPC frame."""
    message = protobuf(data)
    return b"\0" + len(message).to_bytes(4) + message


def messagepack(data: bytes) -> bytes:
    """``{"t": 300, "v": [text or bytes]}``."""
    return b"\x82\xa1t\xcd\x01\x2c\xa1v\x91" + _packed(data)


def cbor(data: bytes) -> bytes:
    """``{"t": 300, "v": [text or bytes]}`` (RFC 8949)."""
    return b"\xa2\x61t\x19\x01\x2c\x61v\x81" + _cbor_head(3 if _is_text(data) else 2, len(data)) + data


def dns_query(data: bytes) -> bytes:
    """A DNS query for a name, as sent over HTTPS (RFC 8484)."""
    labels = b"".join(bytes([len(label)]) + label for label in data.split(b"."))
    return b"\0\0\x01\0\0\x01\0\0\0\0\0\0" + labels + b"\0\0\x01\0\x01"


def behind_a_header(data: bytes) -> bytes:
    """The bytes in an envelope of a format of nobody's: a mark, a version, their length."""
    return b"\xabENV\x02\x00" + len(data).to_bytes(4) + data + b"\xfe\xff"


def avro(data: bytes) -> bytes:
    """An Avro container of one record, in a block of deflate (specification 1.11.1)."""
    fields = [{"name": "v", "type": "bytes"}, {"name": "n", "type": "int"}]
    record = {"type": "record", "name": "e", "fields": fields}
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(_long(len(data)) + data + _long(3)) + packer.flush()
    meta = {b"avro.schema": json.dumps(record).encode(), b"avro.codec": b"deflate"}
    pairs = b"".join(_long(len(each)) + each for pair in meta.items() for each in pair)
    sync = b"0123456789abcdef"
    return b"Obj\x01" + _long(2) + pairs + _long(0) + sync + _long(1) + _long(len(block)) + block + sync


def _long(number: int) -> bytes:
    return _varint(number << 1)


def plist_binary(data: bytes) -> bytes:
    """A binary property list."""
    return plistlib.dumps({"v": _plain(data)}, fmt=plistlib.FMT_BINARY)


def plist_xml(data: bytes) -> bytes:
    """An XML property list."""
    return plistlib.dumps({"v": _plain(data)}, fmt=plistlib.FMT_XML)


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes((*out, number))


def _packed(data: bytes) -> bytes:
    """MessagePack's str or bin, in the shortest form."""
    size = len(data)
    if _is_text(data):
        if size < 32:
            return bytes([0xA0 | size]) + data
        return (b"\xd9" + bytes([size]) if size < 256 else b"\xda" + size.to_bytes(2)) + data
    return (b"\xc4" + bytes([size]) if size < 256 else b"\xc5" + size.to_bytes(2)) + data


def _cbor_head(major: int, size: int) -> bytes:
    if size < 24:
        return bytes([major << 5 | size])
    if size < 256:
        return bytes([major << 5 | 24, size])
    return bytes([major << 5 | 25]) + size.to_bytes(2)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _plain(data: bytes) -> str | bytes:
    return data.decode() if _is_text(data) else data


def tar(data: bytes) -> bytes:
    """A tape archive of one file, without the empty blocks at its end."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        member = tarfile.TarInfo("events.json")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return out.getvalue()[: 512 + -(-len(data) // 512) * 512]
