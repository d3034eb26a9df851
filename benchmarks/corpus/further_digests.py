"""Families of digests that are met less often: of digests, of other spellings, keyed, cut, of 32 bits."""

import base64
import hashlib
import hmac
import zlib
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit
from uuid import UUID

import blake3
import mmh3
import xxhash

from benchmarks.corpus.digest_families import HEXED, SALT
from benchmarks.corpus.encoders.digests import DIGESTS
from benchmarks.corpus.places_and_words import MARKED, PHRASES, WORDS
from benchmarks.corpus.wrapping import Family, Spelling

Of = Callable[[bytes], bytes]
USUAL = ("md5", "sha1", "sha256", "sha512")
MASK = 0xFFFFFFFF
RARER: dict[str, Of] = {
    "sha3-224": lambda data: hashlib.sha3_224(data).digest(),
    "sha3-384": lambda data: hashlib.sha3_384(data).digest(),
    "blake2b-256": lambda data: hashlib.blake2b(data, digest_size=32).digest(),
    "blake3": lambda data: blake3.blake3(data).digest(),
    "murmur3-128": mmh3.mmh3_x64_128_digest,
    "xxh64": lambda data: xxhash.xxh64(data).digest(),
    "xxh3-64": lambda data: xxhash.xxh3_64(data).digest(),
    "xxh3-128": lambda data: xxhash.xxh3_128(data).digest(),
}


def _java(data: bytes) -> int:
    number = 0
    units = data.decode().encode("utf-16-be")
    for at in range(0, len(units), 2):
        number = (number << 5) - number + int.from_bytes(units[at : at + 2]) & MASK
    return number


def _fnv1(data: bytes) -> int:
    number = 2166136261
    for byte in data:
        number = number * 16777619 % 2**32 ^ byte
    return number


def _fnv1a(data: bytes) -> int:
    number = 2166136261
    for byte in data:
        number = (number ^ byte) * 16777619 % 2**32
    return number


def _bernstein(data: bytes) -> int:
    number = 5381
    for byte in data:
        number = (number << 5) + number + byte & MASK
    return number


def _bernstein_xor(data: bytes) -> int:
    number = 5381
    for byte in data:
        number = ((number << 5) + number & MASK) ^ byte
    return number


def _sdbm(data: bytes) -> int:
    number = 0
    for byte in data:
        number = byte + (number << 6) + (number << 16) - number & MASK
    return number


def _jenkins(data: bytes) -> int:
    number = 0
    for byte in data:
        number = number + byte & MASK
        number = number + (number << 10) & MASK
        number ^= number >> 6
    number = number + (number << 3) & MASK
    number ^= number >> 11
    return number + (number << 15) & MASK


OF_32_BITS: dict[str, Callable[[bytes], int]] = {
    "adler32": zlib.adler32,
    "xxh32": lambda data: xxhash.xxh32(data).intdigest(),
    "java-hash": _java,
    "fnv1-32": _fnv1,
    "fnv1a-32": _fnv1a,
    "djb2": _bernstein,
    "djb2a": _bernstein_xor,
    "sdbm": _sdbm,
    "one-at-a-time": _jenkins,
    "md5": lambda data: int(hashlib.md5(data).hexdigest()[:8], 16),
    "sha1": lambda data: int(hashlib.sha1(data).hexdigest()[:8], 16),
    "sha256": lambda data: int(hashlib.sha256(data).hexdigest()[:8], 16),
}


def _signed(number: int) -> str:
    return str(number - 2**32 if number >> 31 else number)


WRITTEN: tuple[Callable[[int], str], ...] = (str, _signed, lambda number: f"{number:08x}")


def _of_text(of: Of) -> Callable[[str], bytes]:
    return lambda value: of(value.encode())


def _of_changed(name: str, change: Callable[[str], bytes]) -> Callable[[str], bytes]:
    return lambda value: DIGESTS[name](change(value))


def _number(of: Callable[[bytes], int], write: Callable[[int], str]) -> Callable[[str], bytes | None]:
    """Not of short texts, which do not fill 32 bits."""
    return lambda value: write(of(value.encode())).encode() if len(value.encode()) >= 8 else None


def _twice(outer: str, inner: str, between: Of) -> Spelling:
    """A digest of what *between* makes of another one."""
    return Spelling(f"{outer}({inner})", _of_text(lambda data: DIGESTS[outer](between(DIGESTS[inner](data)))))


def _hex(raw: bytes) -> bytes:
    return raw.hex().encode()


def _upper_hex(raw: bytes) -> bytes:
    return raw.hex().upper().encode()


PAIRS_OF_BYTES = (
    *((name, name) for name in USUAL),
    *(("sha1", "md5"), ("sha256", "md5"), ("sha256", "sha1")),
)
PAIRS_OF_CAPITALS = (
    *(("md5", "md5"), ("sha1", "md5"), ("sha256", "md5")),
    *(("sha256", "sha1"), ("sha256", "sha256")),
)


def _keyed(name: str) -> Spelling:
    return Spelling(f"hmac-{name}", _of_text(lambda data: hmac.new(SALT.encode(), data, name).digest()))


def _salted(name: str, *, before: bool) -> Spelling:
    salt = SALT.encode()
    return Spelling(
        f"{name}(salt)", _of_text(lambda data: DIGESTS[name](salt + data if before else data + salt))
    )


def _of(*spellings: Spelling) -> tuple[Spelling, ...]:
    """Digests of each spelling."""
    return tuple(
        Spelling(name, _digested(spelling, DIGESTS[name]))
        for spelling in spellings
        for name in ("md5", "sha256")
    )


def _of_written(families: Iterable[Family], *names: str) -> tuple[Spelling, ...]:
    """Digests of what some of the families send as it is."""
    return _of(*(each for family in families if family.name in names for each in family.spellings))


def _digested(spelling: Spelling, digest: Of) -> Callable[[str], bytes | None]:
    def of(value: str) -> bytes | None:
        data = spelling.of(value)
        return None if data is None else digest(data)

    return of


def _digests(name: str, spellings: Iterable[Spelling], canaries: str | tuple[str, ...] = "") -> Family:
    return Family(f"digest-{name}", (HEXED,), spellings=tuple(spellings), canaries=canaries, beyond=True)


def _plain(*spells: Callable[[str], str | None]) -> tuple[Spelling, ...]:
    """Spellings of which only digests are sent."""

    def told(spell: Callable[[str], str | None]) -> Callable[[str], bytes | None]:
        def of(value: str) -> bytes | None:
            text = spell(value)
            return None if text is None else text.encode()

        return of

    return tuple(Spelling("plain", told(spell)) for spell in spells)


def _bare(value: str) -> str:
    return value.replace("-", "").replace(":", "")


def _of_gmail(value: str) -> str | None:
    """Without the dots, which it ignores."""
    local, _, host = value.lower().partition("@")
    return f"{local.replace('.', '')}@{host}" if host == "gmail.com" else None


def _no_plus(value: str) -> str:
    local, _, host = value.lower().partition("@")
    return f"{local.partition('+')[0]}@{host}"


def _digits(value: str) -> str:
    return "".join(filter(str.isdigit, value))


def _target(value: str) -> str:
    parts = urlsplit(value)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


OF_EMAILS = _plain(
    str.lower,
    lambda v: v.lower().partition("@")[0],
    lambda v: _no_plus(v).partition("@")[0],
    lambda v: v.lower().partition("@")[2],
    lambda v: f"{v.lower()}\n",
    lambda v: f'"{v.lower()}"',
    _no_plus,
    _of_gmail,
)
OF_TRIMMED = _plain(lambda v: v.strip().lower(), lambda v: v.strip().upper())
OF_UUIDS = _plain(
    lambda v: _bare(v).lower(),
    lambda v: _bare(v).upper(),
    lambda v: f"{{{v.lower()}}}",
    lambda v: f"{{{v.upper()}}}",
)
OF_HEX = _plain(lambda v: str(int(v, 16)), lambda v: str(UUID(v)) if len(v) == 32 else None, str.upper)
OF_MACS = _plain(
    str.lower,
    lambda v: _bare(v).lower(),
    lambda v: _bare(v).upper(),
    lambda v: v.replace(":", "-").lower(),
    lambda v: v.replace(":", "-").upper(),
    lambda v: f"{_bare(v)[:4]}.{_bare(v)[4:8]}.{_bare(v)[8:]}".lower(),
)
OF_BYTES = (Spelling("plain", lambda v: bytes.fromhex(_bare(v))),)
OF_IMEIS = _plain(lambda v: v[:14], lambda v: f"{v[:2]}-{v[2:8]}-{v[8:14]}-{v[14]}")
OF_PHONES = _plain(
    _digits,
    lambda v: f"+{_digits(v)}",
    lambda v: _digits(v.partition(" ")[2]),
    lambda v: f"{'0' if v.startswith('+44') else '1'}{_digits(v.partition(' ')[2])}",
)
OF_ADDRESSES = _plain(
    lambda v: v.partition("://")[2],
    lambda v: v.partition("?")[0],
    lambda v: v.partition("#")[0],
    lambda v: v.replace("://www.", "://", 1),
    lambda v: urlsplit(v).hostname,
    lambda v: str(urlsplit(v).hostname).removeprefix("www."),
    lambda v: f"https://{urlsplit(v).hostname}",
    lambda v: f"https://{urlsplit(v).hostname}/",
    lambda v: f"{urlsplit(v).hostname}{urlsplit(v).path}",
    lambda v: urlsplit(v).path,
    _target,
)
FURTHER_DIGESTS = (
    *(_digests(name, [Spelling(name, _of_text(of))]) for name, of in RARER.items()),
    _digests("of-a-digest", (_twice(outer, inner, _hex) for outer in USUAL for inner in USUAL)),
    _digests("of-bytes-of-a-digest", (_twice(*pair, bytes) for pair in PAIRS_OF_BYTES)),
    _digests("of-capitals-of-a-digest", (_twice(*pair, _upper_hex) for pair in PAIRS_OF_CAPITALS)),
    _digests(
        "of-utf-16",
        (Spelling(name, _of_changed(name, lambda text: text.encode("utf-16-le"))) for name in USUAL),
    ),
    _digests(
        "of-base64",
        (
            Spelling(name, _of_changed(name, lambda text: base64.b64encode(text.encode())))
            for name in ("md5", "sha1", "sha256")
        ),
    ),
    _digests("md5-middle", [Spelling("md5", _of_text(lambda data: hashlib.md5(data).digest()[4:12]))]),
    _digests("with-a-salt", (_salted(name, before=side) for name in USUAL for side in (False, True))),
    _digests("with-a-key", map(_keyed, USUAL)),
    _digests("of-an-address", _of(*OF_ADDRESSES), ("url", "link")),
    _digests("of-a-telephone", _of(*OF_PHONES), "phone"),
    _digests("of-an-e-mail", _of(*OF_EMAILS), "email"),
    _digests("of-trimmed-text", _of(*OF_TRIMMED), "clipboard"),
    _digests("of-a-uuid", _of(*OF_UUIDS, *OF_BYTES), ("gaid", "idfa")),
    _digests("of-hexadecimal-digits", _of(*OF_HEX, *OF_BYTES), ("android-id", "openudid")),
    _digests("of-a-mac", _of(*OF_MACS, *OF_BYTES), "mac"),
    _digests("of-an-imei", _of(*OF_IMEIS), "imei"),
    _digests("of-words", _of_written(WORDS, "words-without-spaces", "words-without-punctuation"), PHRASES),
    _digests(
        "of-folded-words",
        _of_written(WORDS, "words-case-folded", "words-without-marks", "words-transcribed"),
        MARKED,
    ),
    Family(
        "digest-of-32-bits",
        spellings=tuple(
            Spelling(name, _number(of, write)) for name, of in OF_32_BITS.items() for write in WRITTEN
        ),
        beyond=True,
    ),
)
