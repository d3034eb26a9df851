"""Encoders for tests, written apart from the layers: each wraps bytes, or says that it cannot hold them."""

import base64
import binascii
import bz2
import codecs
import gzip
import io
import json
import lzma
import plistlib
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from urllib.parse import quote, quote_from_bytes, quote_plus
from xml.sax.saxutils import escape, quoteattr

import brotli
import cramjam
import msgspec
import zstandard

from tests.peel import bases, lz_string
from tests.peel.binary import cbor, delimited, grpc, protobuf, varint
from tests.peel.lzw import compress

Wrap = Callable[[bytes], bytes | None]


def as_text(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def is_read(data: bytes) -> bool:
    """True for text without control characters."""
    text = as_text(data)
    return text is not None and not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text)


def textual(wrap: Callable[[str], bytes | None]) -> Wrap:
    """An encoder of text: None for other bytes."""

    def wrapped(data: bytes) -> bytes | None:
        text = as_text(data)
        return None if text is None else wrap(text)

    return wrapped


def in_words(data: bytes) -> bytes:
    """As the words of CryptoJS."""
    numbers = struct.iter_unpack(">i", data + bytes(-len(data) % 4))
    return json.dumps({"words": [number for (number,) in numbers], "sigBytes": len(data)}).encode()


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


def jwt(text: str) -> bytes:
    parts = (b'{"alg":"none"}', json.dumps({"sub": text}).encode(), b"0123456789abcdef")
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("logs/a.txt"), data)
    return out.getvalue()


def seven_zipped(data: bytes) -> bytes:
    """A 7z archive with one member in LZMA, and its directory as it is."""
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16, "lc": 3, "lp": 0, "pb": 2}]
    packed = lzma.compress(data, lzma.FORMAT_RAW, filters=filters)

    def number(value: int) -> bytes:
        return b"\xff" + value.to_bytes(8, "little")

    properties = bytes([3 + 9 * (0 + 5 * 2)]) + (1 << 16).to_bytes(4, "little")
    name = "logs/a.txt\0".encode("utf-16-le")
    streams = b"\x04\x06\x00\x01\x09" + number(len(packed)) + b"\x00"
    streams += (
        b"\x07\x0b\x01\x00\x01\x23\x03\x01\x01\x05" + properties + b"\x0c" + number(len(data)) + b"\x00\x00"
    )
    files = b"\x05\x01\x11" + number(len(name) + 1) + b"\x00" + name + b"\x00"
    directory = b"\x01" + streams + files + b"\x00"
    start = len(packed).to_bytes(8, "little") + len(directory).to_bytes(8, "little")
    start += zlib.crc32(directory).to_bytes(4, "little")
    crc = zlib.crc32(start).to_bytes(4, "little")
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + crc + start + packed + directory


AVRO_FIELDS = (("id", "string"), ("v", "bytes"), ("n", "long"))


def in_avro(data: bytes, codec: str = "deflate") -> bytes:
    pack: dict[str, Callable[[bytes], bytes]] = {
        "deflate": lambda each: zlib.compress(each)[2:-4],
        "bzip2": bz2.compress,
        "xz": lzma.compress,
        "zstandard": zstandard.compress,
        "snappy": lambda each: bytes(cramjam.snappy.compress_raw(each)) + zlib.crc32(each).to_bytes(4),
        "null": lambda each: each,
    }
    sized = zigzag(len(data)) + data
    block = pack[codec](zigzag(2) + b"id" + sized + zigzag(40))
    schema = {
        "type": "record",
        "name": "e",
        "fields": [{"name": each, "type": kind} for each, kind in AVRO_FIELDS],
    }
    meta = {b"avro.schema": json.dumps(schema).encode(), b"avro.codec": codec.encode()}
    pairs = b"".join(zigzag(len(each)) + each for pair in meta.items() for each in pair)
    sync = bytes(range(100, 116))
    head = b"Obj\x01" + zigzag(len(meta)) + pairs + zigzag(0) + sync
    return head + zigzag(1) + zigzag(len(block)) + block + sync


def zigzag(number: int) -> bytes:
    return varint(number << 1)


def multipart(data: bytes) -> bytes:
    boundary = b"XbX%d" % zlib.crc32(data)  # one that is not in the content, and no digest of it either
    head = b"--" + boundary + b'\r\nContent-Disposition: form-data; name="v"\r\n\r\n'
    return head + data + b"\r\n--" + boundary + b"--\r\n"


def engine_io(text: str) -> bytes:
    packets = ["0{}", f"42{json.dumps(['event', text])}"]
    return "".join(f"{len(packet)}:{packet}" for packet in packets).encode()


def printable(wrap: Callable[[str], bytes]) -> Wrap:
    """An encoder of what XML and HTML can spell: no controls."""
    return textual(lambda text: wrap(text) if text.isprintable() else None)


def signed(wrap: Callable[[bytes], bytes]) -> Wrap:
    """An encoder whose output is told from words by its signs."""

    def wrapped(data: bytes) -> bytes | None:
        text = wrap(data)
        return None if text.isalnum() else text

    return wrapped


def telling(wrap: Callable[[bytes], bytes], least: int, kinds: str) -> Wrap:
    """An encoder of text whose output is told from words: long enough, with characters of all kinds."""

    def wrapped(data: bytes) -> bytes | None:
        text = wrap(data)
        is_telling = len(text) >= least and all(re.search(kind.encode(), text) for kind in kinds.split())
        return text if is_read(data) and is_telling else None

    return wrapped


def drawn(wrap: Callable[[bytes], bytes]) -> Wrap:
    """An encoder whose output is told from addresses by its signs, and by how they change."""

    def wrapped(data: bytes) -> bytes | None:
        text = wrap(data)
        strange = {*text} & {*b'!#$()*;<>?@[]^`{|}~"'}
        changes = len(re.findall(rb"[a-z]+|[A-Z]+|[0-9]+|[^a-zA-Z0-9]+", text)) / len(text)
        is_drawn = len(strange) > 1 and len(text) > 9 and changes >= 0.45
        return text if is_drawn and text[:2] not in {b'{"', b"[{", b"[[", b'["'} else None

    return wrapped


def uuencoded(data: bytes) -> bytes:
    lines = [binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45)]
    return b"begin 644 a.bin\n" + b"".join(lines) + b"`\nend\n"


def in_labels(text: str) -> bytes | None:
    """Base32 in labels of a host name, which may have 253 characters; words are labels, too."""
    word = base64.b32encode(text.encode()).decode().rstrip("=").lower()
    if len(word) > 180 or not re.search("[0-9]", word[:12]):
        return None
    labels = [word[at : at + 30] for at in range(0, len(word), 30)]
    return ".".join([*labels, "t", "test", "example"]).encode()


def in_alphabet64(alphabet: bytes, data: bytes) -> bytes:
    standard = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return base64.b64encode(data).translate(bytes.maketrans(standard, alphabet))


def ascii_first(wrap: Callable[[bytes], bytes]) -> Wrap:
    """An encoder of text that begins with ASCII, whose output has letters of both cases."""

    def wrapped(data: bytes) -> bytes | None:
        text = wrap(data)
        told = is_read(data) and data[:6].isascii() and len(data) > 14
        return text if told and text.upper() != text != text.lower() else None

    return wrapped


def dns(text: str) -> bytes | None:
    """A question for a name, its labels as they are."""
    labels = [label.encode() for label in text.split(".")]
    if not all(0 < len(label) < 64 for label in labels) or len(text) > 250:
        return None
    name = b"".join(bytes([len(label)]) + label for label in labels)
    return bytes.fromhex("000001000001000000000000") + name + b"\x00\x00\x01\x00\x01"


def punycode(text: str) -> bytes | None:
    """Words of a text as labels of an international name; escapes in it would be none then."""
    words = re.findall(r"[a-z0-9\-]+", text)
    if (
        not text.isascii()
        or text != text.lower()
        or {*text} & {*"\\="}
        or any(len(word) > 50 for word in words)
    ):
        return None
    return re.sub(rb"[a-z0-9\-]+", lambda word: b"xn--%b-" % word[0], text.encode())


def beyond_ascii(wrap: Callable[[str], bytes]) -> Callable[[str], bytes | None]:
    """An encoder whose output is told from words by bytes that are no ASCII."""

    def wrapped(text: str) -> bytes | None:
        out = wrap(text)
        return None if out.isascii() else out

    return wrapped


def entities(spelling: str, text: str) -> bytes:
    return "".join(spelling.format(ord(character)) for character in text).encode()


WRAPS: dict[str, Wrap] = {
    "json": textual(lambda text: json.dumps({"a b": [1, {"v": text}]}).encode()),
    "json string": textual(lambda text: json.dumps(text).encode()),
    "ndjson": textual(lambda text: (json.dumps([0]) + "\n" + json.dumps({"v": text}) + "\n").encode()),
    "multipart": multipart,
    "form": lambda data: b"a=1&v=" + quote_plus(data).encode(),
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "gzip behind a header": lambda data: b"\xfe\x01HEAD\x00" + gzip.compress(data, mtime=0),
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
    "bzip2": bz2.compress,
    "zip": zipped,
    "7z": seven_zipped,
    "avro": in_avro,
    "latin-1": lambda data: gzip.compress(data, mtime=0).decode("latin-1").encode(),
    "latin-1 in JSON": lambda data: json.dumps(
        {"v": zlib.compress(data).decode("latin-1")}, ensure_ascii=False
    ).encode(),
    "mojibake": textual(beyond_ascii(lambda text: text.encode().decode("latin-1").encode())),
    "byte object": lambda data: json.dumps({"v": {str(n): byte for n, byte in enumerate(data)}}).encode(),
    "xor over gzip": lambda data: bytes(byte ^ 0x5A for byte in gzip.compress(data, mtime=0)),
    "rot13 over base64 of gzip": lambda data: codecs.encode(
        base64.b64encode(gzip.compress(data, mtime=0)).decode(), "rot13"
    ).encode(),
    "reversed base64 of gzip": lambda data: base64.b64encode(gzip.compress(data, mtime=0))[::-1],
    "compress": compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "lz4 frame": lambda data: bytes(cramjam.lz4.compress(data)),
    "lz4 block": lambda data: bytes(cramjam.lz4.compress_block(data, store_size=False)),
    "lz4 block with size": lambda data: bytes(cramjam.lz4.compress_block(data, store_size=True)),
    "snappy frame": lambda data: bytes(cramjam.snappy.compress(data)),
    "snappy block": lambda data: bytes(cramjam.snappy.compress_raw(data)),
    "plist": lambda data: plistlib.dumps({"a": [1, {"v": data}]}, fmt=plistlib.FMT_BINARY),
    "plist text": textual(lambda text: plistlib.dumps({"v": text}, fmt=plistlib.FMT_BINARY)),
    "plist XML": lambda data: plistlib.dumps({"a": [1, {"v": data}]}),
    "utf-32": textual(lambda text: text.encode("utf-32")),
    "utf-32 unmarked": textual(lambda text: text.encode("utf-32-be")),
    "grpc": grpc,
    "protobuf": protobuf,
    "delimited": delimited,
    "msgpack": lambda data: msgspec.msgpack.encode({"a": [1, {"v": data}]}),
    "cbor": cbor,
    "lz-string base64": textual(lz_string.to_base64),
    "lz-string URI": textual(lz_string.to_uri),
    "lz-string bytes": textual(beyond_ascii(lz_string.to_bytes)),
    "lz-string plain": textual(beyond_ascii(lz_string.to_plain)),
    "lz-string UTF-16": textual(lz_string.to_utf16),
    "dns": textual(dns),
    "punycode": textual(punycode),
    "records": printable(lambda text: f"{text}\x1eack\x1e".encode()),
    "signalr": textual(lambda text: json.dumps({"arguments": [text]}).encode() + b"\x1e"),
    "socketio": textual(lambda text: b"42/room,7" + json.dumps(["event", {"v": text}]).encode()),
    "engine.io polling": textual(engine_io),
    "stomp": textual(lambda text: f"SEND\ndestination:/q\n\n{text}\0".encode()),
    "xml text": printable(lambda text: f"<?xml version='1.0'?><a><b>{escape(text)}</b></a>".encode()),
    "xml attribute": printable(lambda text: f"<a><b c={quoteattr(text)}/></a>".encode()),
    "graphql": textual(lambda text: f"mutation {{ track(u: {json.dumps(text)}) {{ ok }} }}".encode()),
    "html entities": printable(lambda text: entities("&#x{:x};", text)),
    "html entities, decimal": printable(lambda text: entities("&#{};", text)),
    "javascript": textual(
        lambda text: "'{}'".format(
            "".join(f"\\x{ord(c):02x}" if c < "\x80" else f"\\u{{{ord(c):x}}}" for c in text)
        ).encode()
    ),
    "quoted-printable": lambda data: binascii.b2a_qp(data, istext=False),
    "byte list": lambda data: json.dumps({"v": list(data)}).encode(),
    "base64 of gzip in letters": lambda data: json.dumps(
        {"v": list(base64.b64encode(gzip.compress(data, mtime=0)).decode())}
    ).encode(),
    "gzip as bits": lambda data: " ".join(f"{b:08b}" for b in gzip.compress(data, mtime=0)).encode(),
    "hex number": lambda data: b"0x" + data.hex().encode(),
    "signed byte list": lambda data: ", ".join(str((b ^ 0x80) - 0x80) for b in data).encode(),
    "hex pairs": lambda data: data.hex(":").encode(),
    "words": lambda data: in_words(data) if len(data) > 12 and is_read(data) else None,  # four numbers
    "base32": base64.b32encode,
    "base32 lower, unpadded": lambda data: base64.b32encode(data).lower().rstrip(b"="),
    "base32hex": base64.b32hexencode,
    "base45": bases.base45,
    "base58": lambda data: bases.in_alphabet(data, bases.ALPHABET58),
    "base62": lambda data: bases.in_alphabet(data, bases.ALPHABET62),
    "crockford": telling(lambda data: bases.in_groups(data, bases.CROCKFORD, 5), 12, "[0-9] [A-Z]"),
    "crockford number": telling(
        lambda data: bases.in_alphabet(data, bases.CROCKFORD).lower(), 12, "[0-9] [a-z]"
    ),
    "z-base-32": telling(lambda data: bases.in_groups(data, bases.ZOOKO, 5), 12, "[0-9] [a-z]"),
    "base36": telling(lambda data: bases.in_alphabet(data, bases.ALPHABET36), 12, "[0-9] [a-z]"),
    "decimal number": telling(lambda data: str(int.from_bytes(data)).encode(), 20, "[0-9]"),
    "netbios": telling(bases.netbios, 16, "[A-P]"),
    "z85": drawn(lambda data: b"-" if len(data) % 4 else bases.z85(data)),
    "base91": drawn(bases.base91),
    "uuencode": uuencoded,
    "uuencode, bare": textual(
        lambda text: binascii.b2a_uu(text.encode()) if len(text.encode()) < 46 else None
    ),
    "host labels": textual(in_labels),
    "base64, small letters first": ascii_first(
        lambda data: in_alphabet64(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/", data)
    ),
    "base64 behind a letter": ascii_first(lambda data: b"x" + base64.b64encode(data)),
    "base85": signed(base64.b85encode),
    "ascii85": signed(base64.a85encode),
    "ascii85 in brackets": lambda data: base64.a85encode(data, adobe=True, wrapcol=40),
}
