"""Digests of a value, in hex and as raw bytes (a digest written in base64 is raw bytes once peeled)."""

import hashlib
from collections.abc import Callable, Iterable, Iterator

from hometruth.model import Form

DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
}


def digest_forms(value: str, bits: float, salts: Iterable[str] = ()) -> tuple[Form, ...]:
    """Hex and raw digests of *value* and of its lower-cased form, bare and with every salt on either side."""
    salts = tuple(salts)
    forms: dict[bytes, Form] = {}
    for name, data in _inputs(value, salts):
        for algorithm, digest_of in DIGESTS.items():
            digest = digest_of(data)
            label = f"{algorithm}({name})" if name else algorithm
            most = min(bits, 8.0 * len(digest))
            hexed = digest.hex().encode()
            forms.setdefault(hexed, Form(label, hexed, most))
            forms.setdefault(digest, Form(label, digest, most, caseless=False))
    return tuple(forms.values())


def _inputs(value: str, salts: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """What is digested, and how that reads inside the brackets of the form's name."""
    lower = value.lower()
    for name, text in (("value", value), ("lower", lower)) if lower != value else (("value", value),):
        data = text.encode("utf-8", "surrogatepass")
        yield ("" if name == "value" else name), data
        for salt in salts:
            grain = salt.encode("utf-8", "surrogatepass")
            yield f"salt+{name}", grain + data
            yield f"{name}+salt", data + grain
