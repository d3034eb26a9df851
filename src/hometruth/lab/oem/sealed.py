"""A cipher of the lab's own: what a phone tells the vendor so that nobody else can read it."""

import hashlib
from random import Random

KEY = b"a key that the simulated vendor and its phones share"
NONCE_BYTES = 8


def seal(data: bytes, rng: Random) -> bytes:
    """*data* behind a fresh nonce, enciphered: the same never looks the same twice."""
    nonce = rng.randbytes(NONCE_BYTES)
    return nonce + _xor(data, nonce)


def unseal(sealed: bytes) -> bytes:
    """What `seal` was given."""
    return _xor(sealed[NONCE_BYTES:], sealed[:NONCE_BYTES])


def _xor(data: bytes, nonce: bytes) -> bytes:
    stream = hashlib.shake_256(KEY + nonce).digest(len(data))
    return bytes(a ^ b for a, b in zip(data, stream, strict=True))
