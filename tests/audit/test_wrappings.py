"""The 26 wrappings of the comparison with other tools, for a URL with a query and an e-mail-like search."""

import base64
import gzip
import hashlib
import json
import struct
import zlib
from collections.abc import Callable
from urllib.parse import quote

import brotli
import pytest

from hometruth.audit.examine import examine
from hometruth.canaries import compile_search
from hometruth.model import Canary, CanaryKind, Exchange, Message
from tests.peel.exchanges import URL, exchange
from tests.peel.wraps import raw_deflate

CANARIES = {"url": URL, "search": "jane.lump+test@example.org"}
Wrapping = Callable[[str], Exchange]


def dumps(document: object) -> bytes:
    return json.dumps(document).encode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def protobuf(value: bytes) -> bytes:
    """Fields 1 (number), 2 (bytes), inside field 3 of an outer message."""
    inner = b"\x08\x96\x01\x12" + bytes([len(value)]) + value
    return b"\x1a" + bytes([len(inner)]) + inner


def msgpack(value: bytes) -> bytes:
    return b"\x82\xa1t\xcd\x01\x2c\xa1v\xd9" + bytes([len(value)]) + value


def body(data: bytes) -> Exchange:
    return exchange(body=data)


def five_layers(value: str) -> bytes:
    core = b64(dumps({"v": value}))
    return dumps({"a": json.dumps({"b": b64(gzip.compress(dumps({"c": core}), mtime=0))})})


def part_of(value: str) -> str:
    """Host of a URL, local part of an address."""
    return value.split("/")[2] if "://" in value else value.partition("@")[0]


FOUND: dict[str, Wrapping] = {
    "01 plain in the query": lambda v: exchange(f"/p?q={quote(v, safe='')}"),
    "02 JSON body": lambda v: body(dumps({"q": v})),
    "03 base64 alone in the query": lambda v: exchange(f"/p?q={quote(b64(v.encode()), safe='')}"),
    "04 base64 of JSON in a form": lambda v: body(b"d=" + quote(b64(dumps({"q": v})), safe="").encode()),
    "05 Sensors Analytics form": lambda v: body(
        b"crc=1&gzip=1&data_list="
        + quote(b64(gzip.compress(dumps([{"properties": {"q": v}}]), mtime=0)), safe="").encode()
    ),
    "06 gzip body": lambda v: body(gzip.compress(dumps({"q": v}), mtime=0)),
    "07 brotli body": lambda v: body(brotli.compress(dumps({"q": v}))),
    "08 protobuf body": lambda v: body(protobuf(v.encode())),
    "09 gRPC frame": lambda v: body(
        b"\0" + struct.pack(">I", len(protobuf(v.encode()))) + protobuf(v.encode())
    ),
    "10 protobuf holding gzip JSON": lambda v: body(protobuf(gzip.compress(dumps({"q": v}), mtime=0))),
    "11 JSON holding base64 of protobuf": lambda v: body(dumps({"p": b64(protobuf(v.encode()))})),
    "12 base64 twice": lambda v: exchange(f"/p?q={quote(b64(b64(v.encode()).encode()), safe='')}"),
    "13 five layers": lambda v: body(five_layers(v)),
    "14 hex": lambda v: exchange(f"/p?q={v.encode().hex()}"),
    "15 SHA-256 hex": lambda v: exchange(f"/p?q={hashlib.sha256(v.encode()).hexdigest()}"),
    "16 MD5 hex": lambda v: exchange(f"/p?q={hashlib.md5(v.encode()).hexdigest()}"),
    "17 SHA-256 in base64": lambda v: body(dumps({"h": b64(hashlib.sha256(v.encode()).digest())})),
    "18 first 16 hex of SHA-256": lambda v: exchange(f"/p?q={hashlib.sha256(v.encode()).hexdigest()[:16]}"),
    "19 SHA-256 of host or local part": lambda v: exchange(
        f"/p?q={hashlib.sha256(part_of(v).encode()).hexdigest()}"
    ),
    "20 raw deflate in base64": lambda v: body(dumps({"z": b64(raw_deflate(dumps({"q": v})))})),
    "21 MessagePack": lambda v: body(msgpack(v.encode())),
    "22 XOR in base64": lambda v: body(dumps({"x": b64(bytes(byte ^ 0x5A for byte in v.encode()))})),
    "23 WebSocket JSON": lambda v: exchange(
        messages=(Message(sent=True, data=dumps({"q": v}), is_text=True),)
    ),
    "24 base64 in a cookie": lambda v: exchange(headers=((b"Cookie", b"id=" + b64(v.encode()).encode()),)),
    "25 zlib body holding UTF-16": lambda v: body(zlib.compress(v.encode("utf-16-le"))),
    "26 JSON with \\u escapes": lambda v: body(
        b'{"q": "' + "".join(f"\\u{ord(character):04x}" for character in v).encode() + b'"}'
    ),
}
NEGATIVE: dict[str, Wrapping] = {
    "random base64": lambda v: body(dumps({"r": b64(hashlib.sha512(v[1:].encode()).digest())})),
    "another word": lambda v: body(dumps({"u": v[len(v) // 2 :] + v[: len(v) // 2]})),
    "another digest": lambda v: exchange(f"/p?q={hashlib.sha256(v[1:].encode()).hexdigest()}"),
}


def sightings(value: str, wrap: Wrapping) -> int:
    return len(examine(wrap(value), compile_search([Canary("c-1", CanaryKind.PAGE, value, 60.0)])).sightings)


@pytest.mark.parametrize("value", CANARIES.values(), ids=CANARIES)
@pytest.mark.parametrize("name", FOUND)
def test_found_once(name: str, value: str) -> None:
    assert sightings(value, FOUND[name]) == 1


@pytest.mark.parametrize("value", CANARIES.values(), ids=CANARIES)
@pytest.mark.parametrize("name", NEGATIVE)
def test_not_found_where_it_is_not(name: str, value: str) -> None:
    assert sightings(value, NEGATIVE[name]) == 0


def test_of_another_page_of_the_same_host_only_the_host_is_said() -> None:
    search = compile_search([Canary("c-1", CanaryKind.PAGE, URL, 60.0)])
    found = examine(body(dumps({"u": URL.replace("lump", "bump")})), search).sightings

    assert [(item.form.name, item.form.is_part) for item in found] == [("host+path", True)]


def test_all_26_are_listed() -> None:
    assert len(FOUND) == 26
