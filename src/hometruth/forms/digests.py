"""Digests of a value in its usual spellings: alone, of a digest again, with salts, keyed (RFC 2104).

Raw bytes; how they are written (hex, base64, decimal, cut short) is for the search to recognise. The middle
of an md5 (its 16 digits from the ninth on, customary in China) is one of its own: it begins otherwise.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from hometruth.forms.spelling import Spelling
from hometruth.forms.spellings import digested_bytes_of, spellings_of

Digest = Callable[[bytes], bytes]


def _from_hashlib(name: str) -> Digest:
    return lambda data: hashlib.new(name, data, usedforsecurity=False).digest()


def _blake3(data: bytes) -> bytes:
    from blake3 import blake3  # noqa: PLC0415  # compiled code that a capture may never need

    return blake3(data).digest()


def _murmur3(data: bytes) -> bytes:
    import mmh3  # noqa: PLC0415

    return mmh3.mmh3_x64_128_digest(data)


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
USUAL = ("md5", "sha1", "sha256", "sha512")
"""Those that are digested again, salted and keyed in practice."""
OF_RAW = (
    *(("md5", "md5"), ("sha1", "sha1"), ("sha256", "sha256"), ("sha512", "sha512")),
    *(("sha1", "md5"), ("sha256", "md5"), ("sha256", "sha1")),
)
"""Outer and inner digest, where programs digest the bytes of a digest and not its hex digits."""
OF_UPPER = (("md5", "md5"), ("sha1", "md5"), ("sha256", "md5"), ("sha256", "sha1"), ("sha256", "sha256"))
"""The same for hex digits in upper case, as .NET and Java print them."""
OF_UTF16 = ("md5", "sha1", "sha256", "sha512")
"""Of the value in UTF-16LE, as .NET and Windows keep text."""
OF_BASE64 = ("md5", "sha1", "sha256")
"""Of the value in base64."""
PUBLISHED_SALTS = {
    "QX4QkKEU": "Senol and others, Leaky Forms, USENIX Security 2022: their leak detector",
}
"""Salts seen in the wild, each with its source; always tried."""
_BLOCK_BYTES = {"md5": 64, "sha1": 64, "sha256": 64, "sha512": 128}


class Digested(NamedTuple):
    """One digest, and of what."""

    name: str
    """``sha256``, ``sha256(lower)``, ``sha1(md5)``, ``md5(salt+lower)``."""
    raw: bytes
    spelling: Spelling


def digests_of(value: str, salts: Iterable[str] = ()) -> Iterator[Digested]:
    """Digests of *value* of 64 bits and more."""
    salts = tuple(salts)
    for text, spelling in _digested(value):
        rare = _has_rare(spelling)
        for template, raw in zip(_templates(salts, rare), _raw(text, salts, rare), strict=True):
            yield Digested(_named(template, spelling.name), raw, spelling)


def prefixes_of(value: str, n_bytes: int, salts: Iterable[str] = ()) -> list[bytes]:
    """The first bytes of each digest, in the same order: names would cost as much."""
    salts = tuple(salts)
    return [
        raw[:n_bytes] for text, spelling in _digested(value) for raw in _raw(text, salts, _has_rare(spelling))
    ]


def _digested(value: str) -> Iterator[tuple[str | bytes, Spelling]]:
    """What is digested of it: texts, then bytes."""
    yield from spellings_of(value).items()
    yield from digested_bytes_of(value).items()


def _has_rare(spelling: Spelling) -> bool:
    """True if the rare ways to digest are tried: not on parts, capitals, bytes: these are rare themselves."""
    return not spelling.part and "upper" not in spelling.name and isinstance(spelling.text, str)


def _named(template: str, name: str) -> str:
    """The template with the name of a spelling; the value as it is has one only beside a salt."""
    return template.replace("(*)", f"({name})" if name else "").replace("@", name or "value")


@lru_cache(maxsize=16)
def _templates(salts: Sequence[str], rare: bool) -> tuple[str, ...]:
    """Names of the digests of one text, in the order of `_raw`; ``(*)`` and ``@`` stand for its spelling."""
    return (
        *(f"{algorithm}(*)" for algorithm in DIGESTS),
        "md5(*)[8:24]",
        *(f"{outer}({inner}(*))" for inner in USUAL for outer in USUAL),
        *(_RARE if rare else ()),
        *(
            name
            for _ in (*PUBLISHED_SALTS, *salts)
            for algorithm in USUAL
            for name in (f"{algorithm}(salt+@)", f"{algorithm}(@+salt)")
        ),
        *(f"hmac-{algorithm}(@)" for _ in salts for algorithm in USUAL),
    )


_RARE = (
    *(f"{outer}(raw {inner}(*))" for outer, inner in OF_RAW),
    *(f"{outer}(upper {inner}(*))" for outer, inner in OF_UPPER),
    *(f"{algorithm}(utf-16(*))" for algorithm in OF_UTF16),
    *(f"{algorithm}(base64(*))" for algorithm in OF_BASE64),
)


def _raw(text: str | bytes, salts: Sequence[str], rare: bool) -> list[bytes]:
    """Every digest of one text."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    raw = [digest(data) for digest in DIGESTS.values()]
    by_name = dict(zip(USUAL, raw, strict=False))  # they are the first
    hexed = {name: by_name[name].hex() for name in USUAL}
    usual = [DIGESTS[name] for name in USUAL]
    raw.append(by_name["md5"][4:12])
    raw += [outer(hexed[inner].encode()) for inner in USUAL for outer in usual]
    if rare and isinstance(text, str):
        raw += [DIGESTS[outer](by_name[inner]) for outer, inner in OF_RAW]
        raw += [DIGESTS[outer](hexed[inner].upper().encode()) for outer, inner in OF_UPPER]
        wide = text.encode("utf-16-le", "surrogatepass")
        raw += [DIGESTS[name](wide) for name in OF_UTF16]
        encoded = base64.b64encode(data)
        raw += [DIGESTS[name](encoded) for name in OF_BASE64]
    for salt in (*PUBLISHED_SALTS, *salts):
        grain = salt.encode("utf-8", "surrogatepass")
        for digest in usual:
            raw += (digest(grain + data), digest(data + grain))
    for salt in salts:
        for algorithm in USUAL:
            inner_pad, outer_pad = _pads(algorithm, salt)
            digest = DIGESTS[algorithm]
            raw.append(digest(outer_pad + digest(inner_pad + data)))
    return raw


@lru_cache(maxsize=1024)
def _pads(algorithm: str, key: str) -> tuple[bytes, bytes]:
    """What is digested before the value, and before the digest of both (RFC 2104)."""
    block = _BLOCK_BYTES[algorithm]
    data = key.encode("utf-8", "surrogatepass")
    filled = (DIGESTS[algorithm](data) if len(data) > block else data).ljust(block, b"\0")
    return bytes(byte ^ 0x36 for byte in filled), bytes(byte ^ 0x5C for byte in filled)
