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
from collections.abc import Callable
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import brotli
import pyarrow
import zstandard

URL_SAFE = bytes.maketrans(b"-_", b"+/")


def undo_base64(data: bytes) -> bytes:
    run = max(re.findall(rb"[A-Za-z0-9+/_\r\n-]+=*", data), key=len)
    bare = run.translate(URL_SAFE, b"\r\n=")
    return base64.b64decode(bare + b"=" * (-len(bare) % 4))


def undo_json(data: bytes) -> bytes:
    """The longest text in the document, whatever it is called."""
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
}
"""What undoes a layer; a layer that is not here is not checked this way."""
