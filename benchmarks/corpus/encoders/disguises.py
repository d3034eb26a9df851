"""Disguises: no format, but a rule that anyone can undo who knows it, with a key or without."""

from random import Random

UPPER, LOWER = range(65, 91), range(97, 123)
ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LETTER_MAP = b"kibp8A4EWRMKHa7gvyz1dOPt6UI5xYD3nqhVwZBXfCcFeJmrLN20lS9QGsjTuo"
"""One vendor's substitution, published with the leaky-forms study: each is sent as the one of `ALPHABET`."""


def rot13(data: bytes, _rng: Random) -> bytes:
    """Letters shifted by 13."""
    return _rotated(data, 13)


def rot_n(data: bytes, rng: Random) -> bytes:
    """Letters shifted by 1 to 25, never 13."""
    return _rotated(data, rng.choice([n for n in range(1, 26) if n != 13]))


def xor(data: bytes, rng: Random) -> bytes:
    """Every byte combined with the same secret byte."""
    key = rng.randrange(1, 256)
    return bytes(byte ^ key for byte in data)


def xor_long(data: bytes, rng: Random) -> bytes:
    """Combined with two to four secret bytes, again and again."""
    key = rng.randbytes(rng.randint(2, 4))
    return bytes(byte ^ key[at % len(key)] for at, byte in enumerate(data))


def xor_longest(data: bytes, rng: Random) -> bytes:
    """The same with eight to sixteen."""
    key = rng.randbytes(rng.randint(8, 16))
    return bytes(byte ^ key[at % len(key)] for at, byte in enumerate(data))


def added(data: bytes, rng: Random) -> bytes:
    """A secret number added to every byte."""
    key = rng.randrange(1, 256)
    return bytes((byte + key) % 256 for byte in data)


def rolling(data: bytes, rng: Random) -> bytes:
    """Every byte combined with its place and a secret byte, in one of three ways."""
    key = rng.randrange(1, 256)
    way = rng.randrange(3)
    if way == 0:
        return bytes(byte ^ at % 256 ^ key for at, byte in enumerate(data))
    return bytes((byte + (at if way == 1 else -at) + key) % 256 for at, byte in enumerate(data))


def letter_map(data: bytes, _rng: Random) -> bytes:
    """Letters and digits replaced by the known map."""
    return data.translate(bytes.maketrans(LETTER_MAP, ALPHABET))


def letter_map_inverse(data: bytes, _rng: Random) -> bytes:
    """The other way round."""
    return data.translate(bytes.maketrans(ALPHABET, LETTER_MAP))


def atbash(data: bytes, _rng: Random) -> bytes:
    """The alphabet backward."""
    turned = {code: letters[0] + letters[-1] - code for letters in (UPPER, LOWER) for code in letters}
    return bytes(turned.get(code, code) for code in data)


def rot47(data: bytes, _rng: Random) -> bytes:
    """Printed signs of ASCII, half way round."""
    return bytes(33 + (code - 33 + 47) % 94 if 33 <= code <= 126 else code for code in data)


def _rotated(data: bytes, n: int) -> bytes:
    table = bytearray(range(256))
    for letters in (UPPER, LOWER):
        for code in letters:
            table[code] = letters[0] + (code - letters[0] + n) % 26
    return data.translate(bytes(table))
