"""Decoders for the truth of the corpus: neither the encoders it was made with, nor Hometruth's layers."""

import base64
import bz2
import gzip
import html
import json
import lzma
import plistlib
import quopri
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import brotli
import cramjam
import msgspec
import pyarrow
import zstandard
from benchmarks.corpus.encoders import bases, disguises

from tests.benchmarks import unpacked

URL_SAFE = bytes.maketrans(b"-_", b"+/")


def undo_base64(data: bytes) -> bytes:
    run = max(re.findall(rb"[A-Za-z0-9+/_\r\n-]+=*", data), key=len)
    bare = run.translate(URL_SAFE, b"\r\n=")
    return base64.b64decode(bare + b"=" * (-len(bare) % 4))


def undo_json(data: bytes) -> bytes:
    """The longest text in the document, whatever it is called; its list of numbers if there is none."""
    texts: list[str] = []
    decoder = json.JSONDecoder()
    text = data.decode().strip()
    while text:
        document, end = decoder.raw_decode(text)
        collect(document, texts)
        text = text[end:].strip("\x1e \r\n")
    kept = [each for each in texts if not each.startswith("mutation")]
    return max(kept, key=len).encode()


def collect(document: object, texts: list[str]) -> None:
    if isinstance(document, list) and all(type(item) is int for item in document):
        document = json.dumps(document)
    if isinstance(document, str):
        texts.append(document)
    elif isinstance(document, dict):
        for value in document.values():
            collect(value, texts)
    elif isinstance(document, list):
        for value in document:
            collect(value, texts)


def undo_lz4(data: bytes) -> bytes:
    with pyarrow.CompressedInputStream(pyarrow.BufferReader(data), "lz4") as stream:
        return bytes(stream.read())


def undo_utf16(data: bytes) -> bytes:
    """In the byte order that gives Latin and Chinese rather than anything else."""
    texts = [data.decode(order, "replace") for order in ("utf-16-le", "utf-16-be")]
    usual = re.compile(r"[\x20-\xff\u4e00-\u9fff]")
    return max(texts, key=lambda text: len(usual.findall(text))).encode()


def undo_digits(data: bytes, alphabet: bytes) -> bytes:
    """One number, written in the alphabet, as its bytes."""
    number = 0
    for digit in data:
        number = number * len(alphabet) + alphabet.index(digit)
    return number.to_bytes((number.bit_length() + 7) // 8)


def undo_base45(data: bytes) -> bytes:
    out = b""
    for at in range(0, len(data), 3):
        digits = [bases.BASE45.index(digit) for digit in data[at : at + 3]]
        number = sum(digit * 45**place for place, digit in enumerate(digits))
        out += number.to_bytes(len(digits) - 1)
    return out


def either_base85(data: bytes) -> Iterator[bytes]:
    """In the alphabet of Git and in that of Adobe, where the data is in it."""
    for decode in (base64.b85decode, base64.a85decode):
        with suppress(ValueError):
            yield decode(data)


def undo_snappy(data: bytes) -> bytes:
    framed = data.startswith(b"\xff\x06\0\0sNaPpY")
    return bytes(cramjam.snappy.decompress(data) if framed else cramjam.snappy.decompress_raw(data))


def undo_javascript(data: bytes) -> bytes:
    codes = re.findall(rb"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4}))", data)
    units = [int(short or long, 16) for short, long in codes]
    return b"".join(unit.to_bytes(2) for unit in units).decode("utf-16-be").encode()


def undo_dns(data: bytes) -> bytes:
    labels, at = [], 12
    while size := data[at]:
        labels.append(data[at + 1 : at + 1 + size])
        at += 1 + size
    return b".".join(labels)


def turned(data: bytes) -> Iterator[bytes]:
    """The letters turned by every number of places."""
    for places in range(1, 26):
        yield bytes(
            (byte & 96) + 1 + (byte % 32 - 1 + places) % 26 if bytes([byte]).isalpha() else byte
            for byte in data
        )


UNDO: dict[str, Callable[[bytes], bytes]] = {
    "percent": unquote_to_bytes,
    "base64": undo_base64,
    "hex": lambda data: bytes.fromhex(data.decode()),
    "base32": base64.b32decode,
    "html": lambda data: html.unescape(data.decode()).encode(),
    "json": undo_json,
    "gzip": gzip.decompress,
    "zlib": zlib.decompress,
    "deflate": lambda data: zlib.decompress(data, -15),
    "brotli": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
    "lz4": undo_lz4,
    "bzip2": bz2.decompress,
    "xz": lzma.decompress,
    "lzma": lzma.decompress,
    "utf-16": undo_utf16,
    "utf-32": lambda data: data.decode("utf-32-le").encode(),
    "quoted-printable": quopri.decodestring,
    "plist": lambda data: str(plistlib.loads(data)["v"]).encode(),
    "xml": lambda data: max(ElementTree.fromstring(data).itertext(), key=len).encode(),
    "idna": lambda data: data.decode("idna").encode(),
    "url": lambda data: data.partition(b"u=")[2].partition(b"&n=")[0],
    "jwt": lambda data: undo_base64(data.split(b".")[1]),
    "data-url": lambda data: undo_base64(data.partition(b",")[2]),
    "reversed": lambda data: data[::-1],
    "base45": undo_base45,
    "base58": lambda data: undo_digits(data, bases.BASE58),
    "base62": lambda data: undo_digits(data, bases.BASE62),
    "snappy": undo_snappy,
    "lz-string": unpacked.lz_string,
    "protobuf": unpacked.protobuf,
    "grpc": lambda data: data[5 : 5 + int.from_bytes(data[1:5])],
    "messagepack": lambda data: msgspec.msgpack.decode(data)["v"][0].encode(),
    "cbor": unpacked.cbor,
    "javascript": undo_javascript,
    "byte-list": lambda data: bytes(json.loads(data)),
    "socket.io": lambda data: data.lstrip(b"0123456789"),
    "stomp": lambda data: data.partition(b"\n\n")[2].rstrip(b"\0"),
    "dns": undo_dns,
    "embedded": lambda data: data[data.index(b"\x1f\x8b") : -2],
    "map": lambda data: data.translate(bytes.maketrans(disguises.ALPHABET, disguises.LETTER_MAP)),
}
"""What undoes a layer without a key."""
UNDO_SOMEHOW: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "base85": either_base85,
    "rot": turned,
    "xor": lambda data: (bytes(byte ^ key for byte in data) for key in range(1, 256)),
}
"""What undoes a layer with an alphabet or a key, with one after the other: one of them is right."""
