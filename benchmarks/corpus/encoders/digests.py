"""Digests of bytes: those of OpenSSL, CRC-32, and MurmurHash3 written from its description."""

import hashlib
import zlib
from collections.abc import Callable

DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "md5": lambda data: hashlib.md5(data).digest(),
    "sha1": lambda data: hashlib.sha1(data).digest(),
    "sha224": lambda data: hashlib.sha224(data).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "sha384": lambda data: hashlib.sha384(data).digest(),
    "sha512": lambda data: hashlib.sha512(data).digest(),
    "sha3-256": lambda data: hashlib.sha3_256(data).digest(),
    "sha3-512": lambda data: hashlib.sha3_512(data).digest(),
    "blake2b": lambda data: hashlib.blake2b(data).digest(),
    "blake2s": lambda data: hashlib.blake2s(data).digest(),
    "ripemd160": lambda data: hashlib.new("ripemd160", data).digest(),
    "murmur3": lambda data: murmur3(data).to_bytes(4),
    "crc32": lambda data: zlib.crc32(data).to_bytes(4),
}
SHORT = frozenset({"murmur3", "crc32"})
"""32 bits: they agree by chance once in four thousand million times, which a capture has."""
_C1, _C2, _MASK = 0xCC9E2D51, 0x1B873593, 0xFFFFFFFF


def murmur3(data: bytes, seed: int = 0) -> int:
    """MurmurHash3 x86 32-bit."""
    state = seed
    whole = len(data) - len(data) % 4
    for at in range(0, whole, 4):
        state ^= _mixed(int.from_bytes(data[at : at + 4], "little"))
        state = _rotl(state, 13) * 5 + 0xE6546B64 & _MASK
    if data[whole:]:
        state ^= _mixed(int.from_bytes(data[whole:], "little"))
    state ^= len(data)
    state = (state ^ state >> 16) * 0x85EBCA6B & _MASK
    state = (state ^ state >> 13) * 0xC2B2AE35 & _MASK
    return state ^ state >> 16


def _mixed(block: int) -> int:
    return _rotl(block * _C1 & _MASK, 15) * _C2 & _MASK


def _rotl(number: int, places: int) -> int:
    return (number << places | number >> 32 - places) & _MASK
