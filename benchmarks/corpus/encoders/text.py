"""Text in text: escapes of URLs, HTML, JSON, JavaScript and mail, XML, and small containers."""

import base64
import html
import json
import quopri
import struct
from random import Random
from urllib.parse import quote_from_bytes
from xml.sax.saxutils import escape


def percent(data: bytes) -> bytes:
    """Percent-encoding of everything reserved."""
    return quote_from_bytes(data, safe="").encode()


def percent_every_byte(data: bytes) -> bytes:
    """Percent-encoding of every single byte."""
    return b"".join(b"%%%02X" % byte for byte in data)


def html_named(data: bytes) -> bytes:
    """HTML, with the five characters of markup escaped."""
    return html.escape(data.decode()).encode()


def html_numeric(data: bytes) -> bytes:
    """HTML, with every character a numeric reference."""
    return "".join(f"&#{ord(character)};" for character in data.decode()).encode()


def json_in_json(data: bytes) -> bytes:
    """A JSON document with the text inside."""
    return json.dumps({"n": 3, "ctx": {"v": data.decode()}}, ensure_ascii=False).encode()


def json_unicode(data: bytes) -> bytes:
    r"""A JSON document with every character as ``\uXXXX``."""
    units = data.decode().encode("utf-16-be").hex()
    escaped = "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
    return f'{{"n":3,"v":"{escaped}"}}'.encode()


def json_slashes(data: bytes) -> bytes:
    r"""A JSON document as PHP writes it: ASCII only, slashes as ``\/``."""
    return json.dumps({"n": 3, "v": data.decode()}).replace("/", "\\/").encode()


def ndjson(data: bytes) -> bytes:
    """Three JSON documents, one a line."""
    lines = ({"n": 0}, {"n": 1, "v": data.decode()}, {"n": 2})
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def javascript(data: bytes) -> bytes:
    r"""A JavaScript call, with every character as ``\xNN`` or ``\uNNNN``."""
    units = data.decode().encode("utf-16-be")
    numbers = [int.from_bytes(units[at : at + 2]) for at in range(0, len(units), 2)]
    escaped = "".join(f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}" for number in numbers)
    return f"track('{escaped}', 1);".encode()


def quoted_printable(data: bytes) -> bytes:
    """Quoted-printable (RFC 2045), soft line breaks included."""
    return quopri.encodestring(data, quotetabs=True)


def xml(data: bytes) -> bytes:
    """An XML document with the text in an element."""
    return f'<?xml version="1.0"?><e n="3"><v>{escape(data.decode())}</v></e>'.encode()


def jwt(data: bytes) -> bytes:
    """A JSON web token with the text in its payload."""
    payload = json.dumps({"sub": data.decode(), "iat": 1764000000}).encode()
    parts = (b'{"alg":"HS256","typ":"JWT"}', payload, bytes(range(32)))
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)


def data_url(data: bytes) -> bytes:
    """A data: URL in base64."""
    return b"data:text/plain;base64," + base64.b64encode(data)


def in_query(data: bytes) -> bytes:
    """A URL with the text in its query, which must be escaped already."""
    return b"https://r.redirects.example/go?src=app&u=" + data + b"&n=3"


def socket_io(data: bytes) -> bytes:
    """A Socket.IO event."""
    return b"42" + json.dumps(["track", {"v": data.decode()}], ensure_ascii=False).encode()


def signalr(data: bytes) -> bytes:
    """A SignalR invocation, ended by its record separator."""
    document = {"type": 1, "target": "Track", "arguments": [data.decode()]}
    return json.dumps(document, ensure_ascii=False).encode() + b"\x1e"


def stomp(data: bytes) -> bytes:
    """A STOMP frame with JSON in it."""
    body = json.dumps({"v": data.decode()}, ensure_ascii=False).encode()
    return b"SEND\ndestination:/queue/events\ncontent-type:application/json\n\n" + body + b"\0"


def graphql(data: bytes) -> bytes:
    """A GraphQL request with the text in its variables."""
    query = "mutation T($i: Input!) { track(input: $i) { ok } }"
    document = {"operationName": "T", "query": query, "variables": {"i": {"v": data.decode()}}}
    return json.dumps(document, ensure_ascii=False).encode()


def byte_list(data: bytes) -> bytes:
    """A JSON list of the bytes as numbers."""
    return json.dumps({"n": 3, "b": list(data)}).encode()


def utf_32(data: bytes) -> bytes:
    """UTF-32, little end first, without a mark."""
    return data.decode().encode("utf-32-le")


def idna(data: bytes) -> bytes:
    """A domain in its ASCII form (IDNA 2003)."""
    return data.decode().encode("idna")


def label(value: str) -> bytes | None:
    """The value if it can stand as a DNS label as it is."""
    fits = value.isascii() and value.replace("-", "").isalnum() and value == value.lower()
    return value.encode() if fits else None


def in_upper_case(value: str) -> bytes | None:
    """The value in upper case, if that differs."""
    return value.upper().encode() if value.upper() != value else None


def in_lower_case(value: str) -> bytes | None:
    """The value in lower case, if that differs."""
    return value.lower().encode() if value.lower() != value else None


def octal(data: bytes) -> bytes:
    r"""A JavaScript call, with every byte as ``\NNN``."""
    return b"track('" + b"".join(b"\\%03o" % byte for byte in data) + b"', 1);"


def percent_u(data: bytes) -> bytes:
    """JavaScript's `escape`: ``%XX`` up to U+00FF, ``%uXXXX`` beyond."""
    units = data.decode().encode("utf-16-be")
    numbers = [int.from_bytes(units[at : at + 2]) for at in range(0, len(units), 2)]
    kept = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@*_+-./"
    return "".join(
        chr(number)
        if number < 128 and bytes([number]) in kept
        else f"%{number:02X}"
        if number < 256
        else f"%u{number:04X}"
        for number in numbers
    ).encode()


def binary_string(data: bytes) -> bytes:
    """Bytes as JavaScript carries them in text: each a character up to U+00FF."""
    return data.decode("latin-1").encode()


def counted_object(data: bytes) -> bytes:
    """A typed array as JavaScript's JSON writes it: an object that counts."""
    return json.dumps({"n": 3, "b": {str(at): byte for at, byte in enumerate(data)}}).encode()


def base64_letters(data: bytes) -> bytes:
    """A JSON list of the characters of the bytes in base64."""
    return json.dumps({"n": 3, "b": list(base64.b64encode(data).decode())}).encode()


def letters(data: bytes) -> bytes:
    """A JSON list of the characters."""
    return json.dumps(
        {"n": 3, "keys": [{"t": 40 * at, "k": key} for at, key in enumerate(data.decode())]}
    ).encode()


def code_units(data: bytes) -> bytes:
    """A JSON list of what `charCodeAt` says of each character."""
    units = data.decode().encode("utf-16-le")
    return json.dumps({"n": 3, "k": [unit for (unit,) in struct.iter_unpack("<H", units)]}).encode()


def words(data: bytes, rng: Random) -> bytes:
    """JSON of an array of words, as scripts have it; of CryptoJS with its size."""
    if rng.randrange(2):
        whole = [number for (number,) in struct.iter_unpack(">i", data + bytes(-len(data) % 4))]
        return json.dumps({"words": whole, "sigBytes": len(data)}).encode()
    form, size = rng.choice((("<I", 4), ("<H", 2)))
    return json.dumps(
        [number for (number,) in struct.iter_unpack(form, data + bytes(-len(data) % size))]
    ).encode()


def masked_characters(data: bytes, rng: Random) -> bytes:
    """The code of each character XOR one of those beyond ASCII, as a script that hides it has it."""
    key = rng.randrange(128, 256)
    return "".join(chr(byte ^ key) for byte in data).encode()
