"""Bytes as text: bases from 10 to 91, and the spellings of base64 that the standard library leaves out."""

import base64
import binascii
from random import Random

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


BASE36 = b"0123456789abcdefghijklmnopqrstuvwxyz"
BASE91 = b'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,./:;<=>?@[]^_`{|}~"'
CROCKFORD = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RFC4648 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
Z85 = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
Z_BASE_32 = b"ybndrfg8ejkmcpqxot1uwisza345h769"


def base36(data: bytes) -> bytes:
    """The bytes as one number in base 36."""
    return _digits(data, BASE36)


def base10(data: bytes) -> bytes:
    """The bytes as one decimal number."""
    return str(int.from_bytes(data)).encode()


def base91(data: bytes) -> bytes:
    """Henke's basE91: 13 or 14 bits in two characters."""
    out = bytearray()
    queue = bits = 0
    for byte in data:
        queue |= byte << bits
        bits += 8
        if bits > 13:
            number, used = queue & 8191, 13
            if number <= 88:
                number, used = queue & 16383, 14
            queue >>= used
            bits -= used
            out += bytes((BASE91[number % 91], BASE91[number // 91]))
    if bits:
        out.append(BASE91[queue % 91])
        if bits > 7 or queue > 90:
            out.append(BASE91[queue // 91])
    return bytes(out)


def z85(data: bytes) -> bytes:
    """ZeroMQ's base 85 (RFC 32 of ZeroMQ), the last group filled up with zero bytes."""
    out = bytearray()
    for start in range(0, len(data), 4):
        number = int.from_bytes(data[start : start + 4].ljust(4, b"\0"))
        digits = []
        for _ in range(5):
            number, digit = divmod(number, 85)
            digits.append(Z85[digit])
        out += bytes(reversed(digits))
    return bytes(out)


def base32_hex(data: bytes) -> bytes:
    """Base32 in the alphabet of digits and letters up to V."""
    return base64.b32hexencode(data)


def crockford(data: bytes) -> bytes:
    """Base32 in Crockford's alphabet, without padding."""
    return base64.b32encode(data).rstrip(b"=").translate(bytes.maketrans(RFC4648, CROCKFORD))


def z_base_32(data: bytes) -> bytes:
    """Base32 in Zooko's alphabet, without padding."""
    return base64.b32encode(data).rstrip(b"=").translate(bytes.maketrans(RFC4648, Z_BASE_32))


def base64_digits_first(data: bytes) -> bytes:
    """Base64 whose alphabet begins with digits, as some SDKs have it."""
    return base64.b64encode(data).translate(bytes.maketrans(BASE64, OTHER_BASE64[0]))


BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
OTHER_BASE64 = (
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/",
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/",
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/",
    b"ZmserbBoHQtNP+wOcza/LpngG8yJq42KWYj0DSfdikx3VT16IlUAFM97hECvuRX5",
)
"""Orders of its alphabet that SDKs and one social network's web client use."""


def base64_in_another_order(data: bytes, rng: Random) -> bytes:
    """Base64 in one of them, with its padding or without."""
    text = base64.b64encode(data).translate(bytes.maketrans(BASE64, rng.choice(OTHER_BASE64)))
    return text if rng.randrange(2) else text.rstrip(b"=")


def base64_behind_characters(data: bytes, rng: Random) -> bytes:
    """Base64 behind one to three characters of its own alphabet."""
    return bytes(rng.choices(BASE64[:62], k=rng.randint(1, 3))) + base64.b64encode(data)


def base62_lower_first(data: bytes) -> bytes:
    """The bytes as one number in base 62, whose digits go on with small letters."""
    return _digits(data, BASE62).swapcase()


def crockford_number(data: bytes) -> bytes:
    """The bytes as one number in Crockford's base 32."""
    return _digits(data, CROCKFORD)


def hex_otherwise(data: bytes, rng: Random) -> bytes:
    """Hexadecimal pairs with one of the signs between or before them that dumps have."""
    joint, before = rng.choice(((" ", ""), ("-", ""), (", ", "0x"), ("", "\\x"), (",", "")))
    return joint.join(f"{before}{byte:02x}" for byte in data).encode()


def numbers(data: bytes, rng: Random) -> bytes:
    """Decimal numbers with a sign between them."""
    return rng.choice((", ", ",", "-", " ")).join(map(str, data)).encode()


def uuencoded(data: bytes) -> bytes:
    """Uuencode, with its first and last line."""
    lines = [binascii.b2a_uu(data[start : start + 45]) for start in range(0, len(data), 45)]
    return b"begin 644 data\n" + b"".join(lines) + b"`\nend\n"


def netbios(data: bytes) -> bytes:
    """Half bytes as letters from A to P (RFC 1001)."""
    return bytes(letter for byte in data for letter in (65 + (byte >> 4), 65 + (byte & 15)))


def hex_with_colons(data: bytes) -> bytes:
    """Hexadecimal pairs with colons between them."""
    return data.hex(":").encode()


def base85_of_a_kind(data: bytes, rng: Random) -> bytes:
    """In git's alphabet, or Adobe's."""
    return rng.choice((base64.b85encode, base64.a85encode))(data)
