"""Families of digests: of what, by which function, written how, cut to what."""

import base64
import hmac
import zlib
from collections.abc import Callable

from benchmarks.corpus.encoders import bases, compression, text
from benchmarks.corpus.encoders.digests import DIGESTS
from benchmarks.corpus.wrapping import Family, Spelling, Step, step

SALT = "QX4QkKEU"
"""A salt known from the wild (published with the leaky-forms study)."""
HEXED = step("", lambda data: data.hex().encode())
"""Hex is how digests are written; it is no layer of its own."""


def _gmail(value: str, *, dots: bool) -> bytes | None:
    """The address as the ad platforms' rules spell it: lower case, no plus part, with or without dots."""
    local, _, host = value.lower().partition("@")
    if host != "gmail.com":
        return None
    local = local.partition("+")[0]
    return f"{local if dots else local.replace('.', '')}@{host}".encode()


def _digits_only(value: str) -> bytes | None:
    """A telephone number without its punctuation."""
    return "".join(filter(str.isdigit, value)).encode() if value.startswith("+") else None


def _of_changed(change: Callable[[str], str]) -> Callable[[str], bytes | None]:
    """A spelling that values have only if it differs from the value."""
    return lambda value: None if change(value) == value else change(value).encode()


def _hex_of(name: str) -> Callable[[str], bytes | None]:
    return lambda value: DIGESTS[name](value.encode()).hex().encode()


PREPARED: dict[str, Callable[[str], bytes | None]] = {
    "value": str.encode,
    "lower": _of_changed(str.lower),
    "upper": _of_changed(str.upper),
    "trimmed": _of_changed(str.strip),
    "digits": _digits_only,
    "gmail": lambda value: _gmail(value, dots=False),
    "salt+value": lambda value: (SALT + value).encode(),
    "value+salt": lambda value: (value + SALT).encode(),
    "md5": _hex_of("md5"),
    "sha256": _hex_of("sha256"),
}
WRITTEN: dict[str, tuple[Step, ...]] = {
    "hex": (HEXED,),
    "upper-hex": (HEXED, step("", bytes.upper)),
    "base64": (step("base64", base64.b64encode),),
    "base64-bare": (step("base64", bases.base64_bare),),
    "decimal": (step("", lambda data: b"%d" % int.from_bytes(data)),),
    "hex-base64": (HEXED, step("base64", base64.b64encode)),
    "hex-json-gzip": (
        HEXED,
        step("json", text.json_in_json),
        step("gzip", compression.gzip, gives_bytes=True),
    ),
}


def _family(
    name: str, of: str = "value", written: str = "hex", first: int | None = None, *, beyond: bool = False
) -> Family:
    """A family of one digest; *first* is the number of bytes kept of it."""

    def digest(value: str) -> bytes | None:
        prepared = PREPARED[of](value)
        return None if prepared is None else DIGESTS[name](prepared)[:first]

    details = (
        "" if of == "value" else of,
        "" if written == "hex" else written,
        f"{8 * first}-bits" if first else "",
    )
    label = "-".join(("digest", name, *filter(None, details)))
    form = name if of == "value" else f"{name}({of})"
    return Family(label, WRITTEN[written], Spelling(form, digest), beyond=beyond)


def _beside_its_salt(name: str) -> Callable[[str], bytes | None]:
    """A salt of its own, a colon, and the digest of both; the carrier sends them in two fields."""

    def salted(value: str) -> bytes:
        salt = f"s-{zlib.crc32(value.encode()):08x}"
        return f"{salt}:{DIGESTS[name]((salt + value).encode()).hex()}".encode()

    return salted


def _keyed_beside_its_salt(value: str) -> bytes:
    key = f"k-{zlib.crc32(value.encode()):08x}"
    return f"{key}:{hmac.new(key.encode(), value.encode(), 'sha256').hexdigest()}".encode()


SALT_FAMILIES = (
    Family(
        "salt-beside-sha256",
        spelling=Spelling("sha256(salt+value)", _beside_its_salt("sha256")),
        carrier="beside-its-salt",
        beyond=True,
    ),
    Family(
        "salt-beside-md5",
        spelling=Spelling("md5(salt+value)", _beside_its_salt("md5")),
        carrier="beside-its-salt",
        beyond=True,
    ),
    Family(
        "key-beside-hmac",
        spelling=Spelling("hmac-sha256(value)", _keyed_beside_its_salt),
        carrier="beside-its-salt",
        beyond=True,
    ),
)
DIGEST_FAMILIES = (
    *(_family(name) for name in DIGESTS),
    _family("md5", "lower"),
    _family("sha1", "lower"),
    _family("sha256", "lower"),
    _family("md5", "trimmed"),
    _family("sha256", "trimmed"),
    _family("sha256", "digits"),
    _family("md5", "salt+value"),
    _family("sha1", "salt+value"),
    _family("sha256", "value+salt"),
    _family("sha256", written="upper-hex"),
    _family("md5", written="upper-hex"),
    _family("sha256", written="base64"),
    _family("md5", written="base64-bare"),
    _family("sha256", first=8),
    _family("sha256", first=16),
    _family("sha256", of="md5"),
    _family("md5", of="sha256"),
    _family("md5", written="hex-base64"),
    _family("sha256", written="hex-json-gzip"),
    _family("sha256", "upper", beyond=True),
    _family("sha512", written="base64", beyond=True),
    _family("crc32", written="decimal", beyond=True),
)
EMAIL_FAMILIES = (
    Family("email-gmail", spelling=Spelling("plain", PREPARED["gmail"])),
    Family("email-without-plus", spelling=Spelling("plain", lambda value: _gmail(value, dots=True))),
    _family("sha256", "gmail"),
    _family("md5", "gmail"),
)
