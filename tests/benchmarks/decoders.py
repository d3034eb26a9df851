"""Decoders for the truth of the corpus: neither the encoders it was made with, nor Hometruth's layers."""

import base64
import bz2
import codecs
import gzip
import html
import io
import json
import lzma
import plistlib
import quopri
import re
import string
import subprocess
import zipfile
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

NIBBLES = bytes.maketrans(b"ABCDEFGHIJKLMNOP", b"0123456789abcdef")
GIT = (string.digits + string.ascii_uppercase + string.ascii_lowercase + "!#$%&()*+-;<=>?@^_`{|}~").encode()
"""The alphabet of `base64.b85decode`."""
URL_SAFE = bytes.maketrans(b"-_", b"+/")
BEGINNING = b'{"n": 3, "ctx": {"v": "'
"""Of a document of the corpus."""


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
    longest = max(kept, key=len)
    return (longest if len(longest) > 1 else "".join(kept)).encode()


def collect(document: object, texts: list[str]) -> None:
    items = [*document.values()] if isinstance(document, dict) else document
    counts = not isinstance(document, dict) or list(document) == [str(n) for n in range(len(document))]
    if counts and isinstance(items, list) and all(type(item) is int for item in items):
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


def either_utf16(data: bytes) -> Iterator[bytes]:
    """In either order of bytes."""
    yield from (data.decode(order, "replace").encode() for order in ("utf-16-le", "utf-16-be"))


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
    if octal := re.findall(rb"\\([0-7]{3})", data):
        return bytes(int(digits, 8) for digits in octal)
    codes = re.findall(rb"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4}))", data)
    units = [int(short or long, 16) for short, long in codes]
    return b"".join(unit.to_bytes(2) for unit in units).decode("utf-16-be").encode()


def undo_dns(data: bytes) -> bytes:
    labels, at = [], 12
    while size := data[at]:
        labels.append(data[at + 1 : at + 1 + size])
        at += 1 + size
    return b".".join(labels)


def undo_percent(data: bytes) -> bytes:
    """Also as JavaScript's `escape` writes it, where characters up to U+00FF are no UTF-8."""
    if b"%u" not in data:
        plain = unquote_to_bytes(data)
        try:
            plain.decode()
        except UnicodeDecodeError:
            return plain.decode("latin-1").encode()
        return plain
    text = re.sub(r"%u([0-9A-F]{4})|%([0-9A-F]{2})", lambda m: chr(int(m[1] or m[2], 16)), data.decode())
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be").encode()


def either_base64(data: bytes) -> Iterator[bytes]:
    """In the alphabet of the standard and in others; behind up to three characters."""
    usual = (string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/").encode()
    orders = (data.translate(bytes.maketrans(each, usual)) for each in bases.OTHER_BASE64)
    for each in (data, *orders, *(data[n:] for n in (1, 2, 3))):
        with suppress(ValueError):
            yield undo_base64(each)


def undo_base91(data: bytes) -> bytes:
    bits = ""
    for low, high in zip(data[0::2], data[1::2], strict=False):
        number = bases.BASE91.index(low) + 91 * bases.BASE91.index(high)
        bits += f"{number:0{13 if number % 8192 > 88 else 14}b}"[::-1]
    if len(data) % 2:
        bits += f"{bases.BASE91.index(data[-1]):07b}"[::-1]
    return bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits) - 7, 8))


def undo_z85(data: bytes) -> bytes:
    decoded = base64.b85decode(data.translate(bytes.maketrans(bases.Z85, GIT)))
    return decoded.rstrip(b"\0")


def undo_base32_of(data: bytes, alphabet: bytes) -> bytes:
    usual = data.translate(bytes.maketrans(alphabet, bases.RFC4648))
    return base64.b32decode(usual + b"=" * (-len(usual) % 8))


def either_byte_list(data: bytes) -> Iterator[bytes]:
    """Numbers in JSON, as a list or as an object that counts; hexadecimal pairs, or numbers, and signs."""
    if data[:1] in b"[{":
        document = json.loads(data)
        yield from of_numbers([*(document.values() if isinstance(document, dict) else document)])
        return
    with suppress(ValueError):
        yield bytes.fromhex(re.sub(r"0x|\\x|[^0-9a-f]", " ", data.decode()))
    yield bytes(map(int, re.findall(rb"[0-9]+", data)))


def of_numbers(numbers: list[int]) -> Iterator[bytes]:
    """Bytes; code units; words of either order."""
    with suppress(ValueError):
        yield bytes(numbers)
    for size, order in ((4, "big"), (4, "little"), (2, "little")):
        with suppress(OverflowError):
            words = (number.to_bytes(size, order, signed=number < 0) for number in numbers)  # type: ignore[arg-type]
            yield b"".join(words).rstrip(b"\0")
    with suppress(ValueError):
        yield "".join(map(chr, numbers)).encode()


def either_base62(data: bytes) -> Iterator[bytes]:
    """With upper or lower case first."""
    yield undo_digits(data, bases.BASE62)
    yield undo_digits(data.swapcase(), bases.BASE62)


def either_crockford(data: bytes) -> Iterator[bytes]:
    """As bytes, or as a number."""
    with suppress(ValueError):
        yield undo_base32_of(data, bases.CROCKFORD)
    yield undo_digits(data, bases.CROCKFORD)


def undo_compress(data: bytes) -> bytes:
    return subprocess.run(["gzip", "-dc"], input=data, capture_output=True, check=True).stdout


def undo_avro(data: bytes) -> bytes:
    """The longest text of the only block, which the second mark ends."""
    mark = data[-16:]
    block = data[data.index(mark) + 16 : -16].lstrip(bytes([2]))
    for start in range(4):
        with suppress(zlib.error):
            record = zlib.decompress(block[start:], -15)
            return record[1 + (record[0] > 127) : -1]
    raise ValueError


def undo_zip(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (name,) = archive.namelist()
        return archive.read(name)


def with_keys(data: bytes) -> Iterator[bytes]:
    """Every key of one byte; the longer ones under which a document begins."""
    yield from (bytes(byte ^ key for byte in data) for key in range(1, 256))
    for size in range(2, 17):
        key = bytes(byte ^ known for byte, known in zip(data[:size], BEGINNING, strict=False))
        yield bytes(byte ^ key[at % size] for at, byte in enumerate(data))


def with_sums(data: bytes) -> Iterator[bytes]:
    """Every number taken off each byte."""
    yield from (bytes((byte - key) % 256 for byte in data) for key in range(1, 256))


def unrolled(data: bytes) -> Iterator[bytes]:
    """The key and the way under which a document begins."""
    key = data[0] ^ BEGINNING[0]
    yield bytes(byte ^ at % 256 ^ key for at, byte in enumerate(data))
    key = data[0] - BEGINNING[0]
    for sign in (1, -1):
        yield bytes((byte - sign * at - key) % 256 for at, byte in enumerate(data))


def unmapped(data: bytes) -> Iterator[bytes]:
    """By each of the known maps of letters."""
    for meant, sent in (
        (disguises.LETTER_MAP, disguises.ALPHABET),
        (disguises.ALPHABET, disguises.LETTER_MAP),
        (
            string.ascii_letters.encode(),
            (string.ascii_lowercase[::-1] + string.ascii_uppercase[::-1]).encode(),
        ),
    ):
        yield data.translate(bytes.maketrans(sent, meant))
    yield bytes((code - 33 - 47) % 94 + 33 if 33 <= code < 127 else code for code in data)


def turned(data: bytes) -> Iterator[bytes]:
    """The letters turned by every number of places."""
    for places in range(1, 26):
        yield bytes(
            (byte & 96) + 1 + (byte % 32 - 1 + places) % 26 if bytes([byte]).isalpha() else byte
            for byte in data
        )


def undo_7z(data: bytes) -> bytes:
    """The only packed stream, LZMA2."""
    packed = data[32 : 32 + int.from_bytes(data[12:20], "little")]
    return lzma.decompress(packed, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2}])


UNDO: dict[str, Callable[[bytes], bytes]] = {
    "percent": undo_percent,
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
    "snappy": undo_snappy,
    "lz-string": unpacked.lz_string,
    "protobuf": unpacked.protobuf,
    "grpc": lambda data: data[5 : 5 + int.from_bytes(data[1:5])],
    "messagepack": lambda data: msgspec.msgpack.decode(data)["v"][0].encode(),
    "cbor": unpacked.cbor,
    "javascript": undo_javascript,
    "base10": lambda data: undo_digits(data, string.digits.encode()),
    "base36": lambda data: undo_digits(data, bases.BASE36),
    "base91": undo_base91,
    "z85": undo_z85,
    "base32hex": base64.b32hexdecode,
    "z-base-32": lambda data: undo_base32_of(data, bases.Z_BASE_32),
    "uuencode": lambda data: codecs.decode(data, "uu"),
    "netbios": lambda data: bytes.fromhex(data.translate(NIBBLES).decode()),
    "compress": undo_compress,
    "zip": undo_zip,
    "7z": undo_7z,
    "avro": undo_avro,
    "latin-1": lambda data: data.decode().encode("latin-1"),
    "socket.io": lambda data: data.lstrip(b"0123456789"),
    "tar": lambda data: data[512:].rstrip(b"\0"),
    "stomp": lambda data: data.partition(b"\n\n")[2].rstrip(b"\0"),
    "dns": undo_dns,
    "embedded": lambda data: data[data.index(b"\x1f\x8b") : -2],
}
"""What undoes a layer without a key."""
UNDO_SOMEHOW: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "add": with_sums,
    "base62": either_base62,
    "base85": either_base85,
    "byte-list": either_byte_list,
    "crockford": either_crockford,
    "map": unmapped,
    "rolling": unrolled,
    "rot": turned,
    "utf-16": either_utf16,
    "xor": with_keys,
    "base64": either_base64,
}
"""What undoes a layer with an alphabet or a key, with one after the other: one of them is right."""


def undo(layer: str, data: bytes) -> Iterator[bytes]:
    """What comes out; nothing where *data* is none of it, which one of several alphabets or keys led to."""
    with suppress(ValueError, IndexError, EOFError, OSError, zlib.error):
        yield from UNDO_SOMEHOW[layer](data) if layer in UNDO_SOMEHOW else [UNDO[layer](data)]
