"""Looks for values in a file with common libraries alone: none of Hometruth's own peeling is used here.

Two ways meet: every family of wrapping of a value is searched as bytes, and whatever in the file is base64,
hexadecimal, percent-escaped or compressed is opened and searched again.
"""

import base64
import codecs
import contextlib
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from urllib.parse import quote, quote_plus, unquote_to_bytes

from ahocorasick_rs import BytesAhoCorasick

DEPTH = 5
_RUN = re.compile(rb"[A-Za-z0-9+/_\-]{12,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){6,}")
_ESCAPED = re.compile(rb"(?<![^\s\"'<>&=])[^\s\"'<>&=]*?%[0-9A-Fa-f]{2}[^\s\"'<>&=]*")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')


def wrapped(value: str) -> Iterator[tuple[str, bytes]]:
    """Every family of wrapping, by name."""
    for case, text in (("", value), ("lower ", value.lower()), ("upper ", value.upper())):
        data = text.encode()
        yield f"{case}plain", data
        yield f"{case}percent", quote(text, safe="").encode()
        yield f"{case}plus", quote_plus(text).encode()
        yield f"{case}every percent", "".join(f"%{byte:02x}" for byte in data).encode()
        yield f"{case}hex", data.hex().encode()
        yield f"{case}HEX", data.hex().upper().encode()
        yield f"{case}utf-16", text.encode("utf-16-le")
        yield f"{case}reversed", data[::-1]
        yield f"{case}rot13", codecs.encode(text, "rot13").encode()
        yield f"{case}json", json.dumps(text)[1:-1].encode()
        for shift in range(3):
            whole = base64.b64encode(b"\0" * shift + data)
            start = (0, 2, 3)[shift]
            image = whole[start : len(whole) - (0 if (shift + len(data)) % 3 == 0 else 4)]
            if len(image) >= 8:
                yield f"{case}base64 at {shift}", image
                yield f"{case}base64url at {shift}", image.translate(bytes.maketrans(b"+/", b"-_"))
        for algorithm in ("md5", "sha1", "sha256", "sha512"):
            digest = hashlib.new(algorithm, data)
            yield f"{case}{algorithm}", digest.hexdigest().encode()
            yield f"{case}{algorithm} upper", digest.hexdigest().upper().encode()
            yield f"{case}{algorithm} base64", base64.b64encode(digest.digest()).rstrip(b"=")
            again = hashlib.new(algorithm, digest.hexdigest().encode())
            yield f"{case}{algorithm} twice", again.hexdigest().encode()


def layers(data: bytes, depth: int = DEPTH) -> Iterator[bytes]:
    """The data, and whatever can be opened in it, again and again."""
    seen: set[bytes] = set()
    pending = [(data, depth)]
    while pending:
        each, left = pending.pop()
        if each in seen or len(each) < 6:
            continue
        seen.add(each)
        yield each
        if left:
            pending += ((inner, left - 1) for inner in _opened(each))


def _opened(data: bytes) -> Iterator[bytes]:
    for magic in (b"\x1f\x8b\x08", b"\x78\x9c", b"\x78\x01", b"\x78\xda"):
        at = data.find(magic)
        while at >= 0:
            with contextlib.suppress(zlib.error):
                yield zlib.decompressobj(47).decompress(data[at:], 1 << 24)
            at = data.find(magic, at + 1)
    for run in _RUN.findall(data):
        for end in (b"", b"=", b"=="):
            try:
                yield base64.b64decode(run.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/")) + end)
                break
            except ValueError:
                continue
    for run in _HEX.findall(data):
        yield bytes.fromhex(run.decode())
    for run in _ESCAPED.findall(data):
        yield unquote_to_bytes(run)
        yield unquote_to_bytes(run.replace(b"+", b" "))
    for text in _STRING.findall(data):
        if b"\\" not in text:
            continue
        try:
            yield json.loads(text, strict=False).encode("utf-8", "replace")
        except ValueError:
            continue


def found_in(data: bytes, values: tuple[str, ...]) -> list[str]:
    """What of the values is in the data, and how it is wrapped there."""
    told: dict[bytes, str] = {}
    for value in values:
        for name, needle in wrapped(value):
            told.setdefault(needle, f"{value} as {name}")
    automaton = BytesAhoCorasick(list(told))
    names = list(told.values())
    return sorted(
        {
            names[at]
            for each in layers(data)
            for at, _, _ in automaton.find_matches_as_indexes(each, overlapping=True)
        }
    )
