"""Digests of a value in its usual spellings: alone, of a digest again, with salts, keyed (RFC 2104).

Raw bytes; how they are written (hex, base64, decimal, cut short) is for the search to recognise.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial

from hometruth.forms.spellings import spellings_of

Digest = Callable[[bytes], bytes]


def _from_hashlib(name: str) -> Digest:
    return lambda data: hashlib.new(name, data, usedforsecurity=False).digest()


def _blake3(data: bytes) -> bytes:
    from blake3 import blake3  # noqa: PLC0415  # compiled code that a capture may never need

    return blake3(data).digest()


def _murmur3(data: bytes) -> bytes:
    import mmh3  # noqa: PLC0415

    return mmh3.mmh3_x64_128_digest(data)


def _murmur3_32(data: bytes) -> bytes:
    import mmh3  # noqa: PLC0415

    return mmh3.hash(data, signed=False).to_bytes(4)


def _xxhash(name: str, data: bytes) -> bytes:
    import xxhash  # noqa: PLC0415

    digest: bytes = getattr(xxhash, name)(data).digest()
    return digest


DIGESTS: dict[str, Digest] = {
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "sha512": lambda data: hashlib.sha512(data).digest(),
    "sha224": lambda data: hashlib.sha224(data).digest(),
    "sha384": lambda data: hashlib.sha384(data).digest(),
    "sha3-224": lambda data: hashlib.sha3_224(data).digest(),
    "sha3-256": lambda data: hashlib.sha3_256(data).digest(),
    "sha3-384": lambda data: hashlib.sha3_384(data).digest(),
    "sha3-512": lambda data: hashlib.sha3_512(data).digest(),
    "blake2b": lambda data: hashlib.blake2b(data).digest(),
    "blake2b-256": lambda data: hashlib.blake2b(data, digest_size=32).digest(),
    "blake2s": lambda data: hashlib.blake2s(data).digest(),
    "blake3": _blake3,
    "murmur3-128": _murmur3,
    "xxh64": partial(_xxhash, "xxh64"),
    "xxh3-64": partial(_xxhash, "xxh3_64"),
    "xxh3-128": partial(_xxhash, "xxh3_128"),
}
"""Of 64 bits and more."""
if "ripemd160" in hashlib.algorithms_available:  # OpenSSL may be built without it
    DIGESTS["ripemd160"] = _from_hashlib("ripemd160")
SHORT_DIGESTS: dict[str, Digest] = {
    "crc32": lambda data: zlib.crc32(data).to_bytes(4),
    "adler32": lambda data: zlib.adler32(data).to_bytes(4),
    "murmur3-32": _murmur3_32,
    "xxh32": partial(_xxhash, "xxh32"),
}
"""Of 32 bits: found by chance in any large capture, so they never decide anything."""
USUAL = ("md5", "sha1", "sha256", "sha512")
"""Those that are digested again, salted and keyed in practice."""
PUBLISHED_SALTS = {
    "QX4QkKEU": "Senol and others, Leaky Forms, USENIX Security 2022: their leak detector",
}
"""Salts seen in the wild, each with its source; always tried."""
_BLOCK_BYTES = {"md5": 64, "sha1": 64, "sha256": 64, "sha512": 128}


def digests_of(value: str, salts: Iterable[str] = ()) -> Iterator[tuple[str, bytes]]:
    """Pairs (name, digest) of *value*: ``sha256``, ``sha256(lower)``, ``sha1(md5)``, ``md5(salt+lower)``."""
    salts = tuple(salts)
    for text, name in spellings_of(value).items():
        data = text.encode("utf-8", "surrogatepass")
        for algorithm, digest in DIGESTS.items():
            raw = digest(data)
            yield (f"{algorithm}({name})" if name else algorithm), raw
            if algorithm in USUAL:
                yield from _again(algorithm, name, raw)
        yield from _salted(name or "value", data, (*PUBLISHED_SALTS, *salts))
        yield from _keyed(name or "value", data, salts)


def short_digests_of(value: str) -> Iterator[tuple[str, bytes]]:
    """The same for digests of 32 bits, without salts."""
    for text, name in spellings_of(value).items():
        data = text.encode("utf-8", "surrogatepass")
        for algorithm, digest in SHORT_DIGESTS.items():
            yield (f"{algorithm}({name})" if name else algorithm), digest(data)


def _again(algorithm: str, name: str, raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Digests of a digest in hex, which is what programs pass on."""
    inner = f"{algorithm}({name})" if name else algorithm
    hexed = raw.hex().encode()
    for outer in USUAL:
        yield f"{outer}({inner})", DIGESTS[outer](hexed)


def _salted(name: str, data: bytes, salts: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for salt in salts:
        grain = salt.encode("utf-8", "surrogatepass")
        for algorithm in USUAL:
            yield f"{algorithm}(salt+{name})", DIGESTS[algorithm](grain + data)
            yield f"{algorithm}({name}+salt)", DIGESTS[algorithm](data + grain)


def _keyed(name: str, data: bytes, salts: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for salt in salts:
        for algorithm in USUAL:
            digest = DIGESTS[algorithm]
            inner, outer = _pads(algorithm, salt)
            yield f"hmac-{algorithm}({name})", digest(outer + digest(inner + data))


@lru_cache(maxsize=1024)
def _pads(algorithm: str, key: str) -> tuple[bytes, bytes]:
    """What is digested before the value, and before the digest of both (RFC 2104)."""
    block = _BLOCK_BYTES[algorithm]
    data = key.encode("utf-8", "surrogatepass")
    filled = (DIGESTS[algorithm](data) if len(data) > block else data).ljust(block, b"\0")
    return bytes(byte ^ 0x36 for byte in filled), bytes(byte ^ 0x5C for byte in filled)
