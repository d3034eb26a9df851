"""Encoders for tests, written apart from the layers: each wraps bytes, or says that it cannot hold them."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from urllib.parse import quote, quote_from_bytes, quote_plus

import brotli
import zstandard

Wrap = Callable[[bytes], bytes | None]


def as_text(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def textual(wrap: Callable[[str], bytes]) -> Wrap:
    """An encoder of text: None for other bytes."""

    def wrapped(data: bytes) -> bytes | None:
        text = as_text(data)
        return None if text is None else wrap(text)

    return wrapped


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


def jwt(text: str) -> bytes:
    parts = (b'{"alg":"none"}', json.dumps({"sub": text}).encode(), b"0123456789abcdef")
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)


def multipart(data: bytes) -> bytes:
    boundary = b"XbX%d" % zlib.crc32(data)  # one that is not in the content, and no digest of it either
    head = b"--" + boundary + b'\r\nContent-Disposition: form-data; name="v"\r\n\r\n'
    return head + data + b"\r\n--" + boundary + b"--\r\n"


WRAPS: dict[str, Wrap] = {
    "json": textual(lambda text: json.dumps({"a b": [1, {"v": text}]}).encode()),
    "json string": textual(lambda text: json.dumps(text).encode()),
    "ndjson": textual(lambda text: (json.dumps([0]) + "\n" + json.dumps({"v": text}) + "\n").encode()),
    "multipart": multipart,
    "form": lambda data: b"a=1&v=" + quote_plus(data).encode(),
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "deflate": raw_deflate,
    "brotli": brotli.compress,
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
    "utf-16": textual(lambda text: text.encode("utf-16")),
    "data-url": lambda data: b"data:text/plain;base64," + base64.b64encode(data),
    "url": lambda data: b"https://h.test/p?q=" + quote(data, safe="").encode(),
    "percent": lambda data: quote_from_bytes(data, safe="").encode(),
    "jwt": textual(jwt),
    "hex": lambda data: data.hex().encode(),
    "base64": base64.b64encode,
    "base64 url-safe": base64.urlsafe_b64encode,
    "base64 unpadded": lambda data: base64.b64encode(data).rstrip(b"="),
    "base64 in lines": base64.encodebytes,
}
