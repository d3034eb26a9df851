"""The SDK's module ``encrypt``: an AES key for the life of a process, itself under the server's public key.

AES-128-CBC-PKCS7 with a random IV in front; the plain text is gzip of JSON. ``ekey`` is the AES key under RSA
PKCS#1 v1.5 or ECIES. The collector has its own way back and shares nothing with this.
"""

import base64
import gzip
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import load_der_public_key

from hometruth.lab.sdk import ecies
from hometruth.lab.sdk.wire import to_json

AES_KEY_BYTES = IV_BYTES = 16
NO_KEY = 0
"""The version ("pkv") that means: there is no key."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The server's key, as its remote configuration gave it."""

    pkv: int
    type: str
    """``RSA`` or ``EC``."""
    public_key: str
    """Base64 of SubjectPublicKeyInfo."""


class Encryption:
    """Seals events for the owner of *key*; one AES key for as long as this lives."""

    def __init__(self, key: PublicKey, rng: Random) -> None:
        self._rng = rng
        self._aes_key = rng.randbytes(AES_KEY_BYTES)
        self._pkv = key.pkv
        self._ekey = _wrapped(self._aes_key, key)

    def seal(self, value: Any, *, compress_level: int = 6) -> dict[str, Any]:
        """*value* as ``{"ekey", "pkv", "payloads"}``: what waits in the queue, or goes into an envelope."""
        packed = gzip.compress(to_json(value).encode("utf-8", "surrogatepass"), compress_level, mtime=0)
        padder = PKCS7(8 * AES_KEY_BYTES).padder()
        padded = padder.update(packed) + padder.finalize()
        start = self._rng.randbytes(IV_BYTES)
        encryptor = Cipher(algorithms.AES(self._aes_key), modes.CBC(start)).encryptor()
        hidden = start + encryptor.update(padded) + encryptor.finalize()
        return {"ekey": self._ekey, "pkv": self._pkv, "payloads": base64.b64encode(hidden).decode("ascii")}


def is_sealed(stored: Mapping[str, Any]) -> bool:
    """Whether what waits in the queue is encrypted already."""
    return "ekey" in stored


def key_in(configs: Mapping[str, Any]) -> PublicKey | None:
    """The key that an SDK with both ciphers takes from a remote configuration, None if there is none.

    ``key_v2`` comes first, if its pair of ciphers is known; then ``key``, and in it the elliptic curve.
    """
    match configs.get("key_v2"):
        case {"type": "RSA+AES" | "EC+AES" as ciphers, "pkv": int(pkv), "public_key": str(text)}:
            return _usable(PublicKey(pkv, ciphers.removesuffix("+AES"), text))
    old: Any = configs.get("key")
    with suppress(KeyError, TypeError, ValueError):  # it may be an RSA key, or none at all
        old = json.loads(old["key_ec"])
    match old:
        case {"pkv": int(pkv), "public_key": str(text)}:
            return _usable(PublicKey(pkv, old.get("type", "RSA"), text))
    return None


def _usable(key: PublicKey) -> PublicKey | None:
    """*key*, unless nothing could be encrypted for it; then the SDK goes on as if none had come."""
    try:
        is_known = isinstance(_loaded(key), _KINDS[key.type])
    except (KeyError, ValueError, UnsupportedAlgorithm):
        return None
    return key if is_known and key.pkv != NO_KEY else None


def _wrapped(aes_key: bytes, key: PublicKey) -> str:
    receiver = _loaded(key)
    if isinstance(receiver, rsa.RSAPublicKey):
        hidden = receiver.encrypt(aes_key, padding.PKCS1v15())
    else:
        assert isinstance(receiver, ec.EllipticCurvePublicKey)
        hidden = ecies.encrypt(aes_key, receiver)
    return base64.b64encode(hidden).decode("ascii")


def _loaded(key: PublicKey) -> object:
    return load_der_public_key(base64.b64decode(key.public_key))


_KINDS: Mapping[str, type] = {"RSA": rsa.RSAPublicKey, "EC": ec.EllipticCurvePublicKey}
