"""Bytes as text: base45, base58, base62, and the spellings of base64 that the standard library leaves out."""

import base64

BASE45 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
BASE58 = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def base45(data: bytes) -> bytes:
    """Base45 (RFC 9285): two bytes in three characters."""
    out = bytearray()
    for start in range(0, len(data), 2):
        pair = data[start : start + 2]
        number = int.from_bytes(pair)
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            out.append(BASE45[digit])
    return bytes(out)


def base58(data: bytes) -> bytes:
    """Base58 with the Bitcoin alphabet, leading zero bytes as ones."""
    zeros = len(data) - len(data.lstrip(b"\0"))
    return BASE58[:1] * zeros + _digits(data, BASE58)


def base62(data: bytes) -> bytes:
    """The bytes as one number in base 62."""
    return _digits(data, BASE62)


def _digits(data: bytes, alphabet: bytes) -> bytes:
    number = int.from_bytes(data)
    out = bytearray()
    while number:
        number, digit = divmod(number, len(alphabet))
        out.append(alphabet[digit])
    return bytes(reversed(out))


def base64_in_lines(data: bytes) -> bytes:
    """Base64 broken at 60 characters, as many encoders for mail do."""
    text = base64.b64encode(data)
    return b"\r\n".join(text[start : start + 60] for start in range(0, len(text), 60))


def base64_url(data: bytes) -> bytes:
    """URL-safe base64, padded."""
    return base64.urlsafe_b64encode(data)


def base64_bare(data: bytes) -> bytes:
    """Standard base64 without padding."""
    return base64.b64encode(data).rstrip(b"=")


def base64_embedded(data: bytes) -> bytes:
    """Base64 in the middle of other text."""
    return b"v1;ctx=" + base64.b64encode(data) + b";end"
