"""Digests of the tester's own values, looked up in what was sent: no guessing, milliseconds."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from hometruth.errors import CanaryError
from hometruth.handed_in import Place, checked_toml, read_text
from hometruth.identity.digests.cost import own_imei
from hometruth.model.reidentification import KnownDigest

ALGORITHMS: dict[str, Callable[[bytes], bytes]] = {
    "md5": lambda data: hashlib.md5(data).digest(),
    "sha1": lambda data: hashlib.sha1(data).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "md5 of md5": lambda data: hashlib.md5(hashlib.md5(data).hexdigest().encode()).digest(),
    "md5 of MD5": lambda data: hashlib.md5(hashlib.md5(data).hexdigest().upper().encode()).digest(),
}
"""Name to digest; in the last two the inner digest is in hex, in lower and in upper case."""
_HEX = re.compile(rb"(?<![0-9A-Za-z])[0-9A-Fa-f]{32,64}(?![0-9A-Za-z])")
_BASE64 = re.compile(rb"(?<![0-9A-Za-z+/_-])[0-9A-Za-z+/_-]{22,43}={0,2}(?![0-9A-Za-z+/_=-])")


class OwnDigestTable:
    """Every digest of every spelling of some values."""

    def __init__(self, values: Iterable[tuple[str, str]]) -> None:
        self._known: dict[bytes, KnownDigest] = {}
        for kind, value in values:
            for spelling, text in spellings(kind, value).items():
                for algorithm, digest_of in ALGORITHMS.items():
                    digest = digest_of(text.encode("utf-8", "surrogateescape"))
                    self._known.setdefault(digest, KnownDigest(kind, spelling, algorithm))

    def __len__(self) -> int:
        return len(self._known)

    def find(self, data: bytes) -> set[KnownDigest]:
        """The known digests that stand in *data*: in hex, in base64 of either alphabet, or as all of it."""
        return {known for digest in _digests(data) if (known := self._known.get(digest)) is not None}


def _digests(data: bytes) -> Iterator[bytes]:
    yield data
    for match in _HEX.finditer(data):
        if len(match[0]) % 2 == 0:
            yield bytes.fromhex(match[0].decode())
    for match in _BASE64.finditer(data):
        text = match[0].rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
        if len(text) % 4 != 1:
            yield base64.b64decode(text + b"=" * (-len(text) % 4))


def _imei(value: str) -> dict[str, str]:
    digits = re.sub(r"\D", "", value)
    return {
        "digits": digits,
        "without check digit": digits[:14],
        "grouped by -": f"{digits[:2]}-{digits[2:8]}-{digits[8:14]}-{digits[14:]}",
        "grouped by space": f"{digits[:2]} {digits[2:8]} {digits[8:14]} {digits[14:]}",
    }


def _mac(value: str) -> dict[str, str]:
    digits = re.sub(r"[^0-9a-fA-F]", "", value)
    pairs = [digits[i : i + 2] for i in range(0, len(digits), 2)]
    fours = [digits[i : i + 4] for i in range(0, len(digits), 4)]
    plain = {
        "with :": ":".join(pairs),
        "bare": digits,
        "with -": "-".join(pairs),
        "with .": ".".join(fours),
        "with space": " ".join(pairs),
    }
    return _cases(plain)


def _email(value: str) -> dict[str, str]:
    name, _, domain = value.strip().partition("@")
    short = {"dots and +tag left out": f"{name.partition('+')[0].replace('.', '')}@{domain}"}
    return _cases({"as given": value.strip()} | (short if domain else {}))


def _phone(value: str) -> dict[str, str]:
    digits = re.sub(r"\D", "", value)
    found = {"digits": digits, "with +": f"+{digits}", "with 00": f"00{digits}", "as given": value.strip()}
    # Country codes differ in length: where it ends is known only if the tester leaves a space after it.
    code, _, rest = value.strip().partition(" ")
    national = re.sub(r"\D", "", rest)
    if code.startswith("+") and national:
        found |= {"national": national, "national with 0": f"0{national.lstrip('0')}"}
    return found


def _any(value: str) -> dict[str, str]:
    bare = re.sub(r"[\s:-]", "", value)
    return _cases({"as given": value.strip(), "without separators": bare})


KINDS: dict[str, Callable[[str], dict[str, str]]] = {
    "imei": _imei,
    "mac": _mac,
    "email": _email,
    "phone": _phone,
    "android_id": _any,
    "serial": _any,
    "uuid": _any,
    "other": _any,
}
"""Kind of value to its spellings: what the spelling is called, and the text."""


def spellings(kind: str, value: str) -> dict[str, str]:
    """Every usual spelling of *value*, by what it is called; equal ones once."""
    found: dict[str, str] = {}
    for name, text in KINDS[kind](value).items():
        if text not in found.values():
            found[name] = text
    return found


def _cases(plain: dict[str, str]) -> dict[str, str]:
    lower = {f"{name}, lower case": text.lower() for name, text in plain.items()}
    upper = {f"{name}, upper case": text.upper() for name, text in plain.items()}
    return plain | lower | upper


MIN_LENGTH = 6
"""Characters; the digest of anything shorter says nothing."""
_Value = Annotated[str, Meta(min_length=MIN_LENGTH)]
_Values = dict[str, _Value | tuple[_Value, ...]]


def load_own_values(path: Path) -> tuple[tuple[str, str], ...]:
    """Kinds and values from TOML: `imei = "…"`, or a list of several.

    Raises:
        CanaryError: If the file cannot be read, or a kind or value makes no sense; values are not repeated.
    """
    content, place = checked_toml(read_text(path, CanaryError), str(path), _Values, CanaryError, secret=True)
    found = []
    for kind, given in content.items():
        at = place.at(kind)
        if kind not in KINDS:
            at.fail(f"{kind!r} is no kind of value (have: {', '.join(KINDS)})")
        for value in (given,) if isinstance(given, str) else given:
            if len(value.strip()) < MIN_LENGTH:
                at.fail(f"{kind} must be a text of at least {MIN_LENGTH} characters, blanks around it aside")
            found.append((kind, _checked_imei(value, at) if kind == "imei" else value))
    if not found:
        place.fail('holds no values; write lines such as imei = "…"')
    return tuple(found)


def _checked_imei(value: str, place: Place) -> str:
    try:
        return own_imei(value)
    except CanaryError as err:
        place.fail(str(err))
