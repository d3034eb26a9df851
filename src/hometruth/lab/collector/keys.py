"""The collector's key pairs: handed out by remote configuration, and used to unwrap what SDKs send back.

Made when a store is first asked for them and kept in it, so that a restarted collector still reads what
phones encrypted before. They protect nothing: the people are simulated and the server is the reader.

RSA: PKCS#1 v1.5. EC: ECIES as BouncyCastle does it by default, ``V || C || T`` with the sender's
uncompressed point V, KDF2-SHA1 over ``V || Z``, 16 bytes of it for HMAC-SHA1 and the rest XORed.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from hometruth.lab.collector.packing import Rejected
from hometruth.lab.collector.schemes import Scheme

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
RSA_PKV, EC_PKV = 1, 2
"""Versions ("public key version") by which SDKs name the key they used; 0 would mean none."""
RSA_BITS = 2048
CURVE = ec.SECP256R1()
POINT_BYTES = 65
"""An uncompressed point of P-256."""
MAC_KEY_BYTES, TAG_BYTES = 16, 20
TAG_TAILS = (bytes(8), bytes(4), b"")
"""What providers tag after the ciphertext: the length of an absent label; BouncyCastle has 8 bytes for it."""
AES_KEY_BYTES = 16


@dataclass(frozen=True)
class KeyRing:
    """Private keys by version."""

    private: Mapping[int, PrivateKey]

    @classmethod
    def generate(cls) -> "KeyRing":
        """A new RSA and a new EC pair."""
        rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        return cls({RSA_PKV: rsa_key, EC_PKV: ec.generate_private_key(CURVE)})

    @classmethod
    def load(cls, rows: Iterable[tuple[int, bytes]]) -> "KeyRing":
        """Keys as `dump` wrote them."""
        private = {}
        for pkv, der in rows:
            key = load_der_private_key(der, password=None)
            assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
            private[pkv] = key
        return cls(private)

    def dump(self) -> list[tuple[int, bytes]]:
        """Version and PKCS#8 of each key."""
        return [
            (pkv, key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
            for pkv, key in self.private.items()
        ]

    def public(self, pkv: int) -> str:
        """The public half, as remote configuration writes it: base64 of SubjectPublicKeyInfo."""
        key = self.private[pkv].public_key()
        return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()

    def unwrap(self, pkv: object, wrapped: bytes) -> bytes:
        """The AES key inside an ``ekey``.

        Raises:
            Rejected: If it was made for a key that is not here.
        """
        key = self.private.get(pkv) if isinstance(pkv, int) and not isinstance(pkv, bool) else None
        if key is None:
            raise Rejected(f"encrypted under key version {str(pkv)[:20]}, which is not ours")
        unwrapped = _rsa(key, wrapped) if isinstance(key, rsa.RSAPrivateKey) else _ecies(key, wrapped)
        # A wrong RSA key gives random bytes instead of an error, mostly of another length.
        if unwrapped is None or len(unwrapped) != AES_KEY_BYTES:
            raise Rejected(f"encrypted for another key than ours of version {pkv}")
        return unwrapped


def key_config(keys: KeyRing, scheme: Scheme = Scheme.RSA_EVENT) -> dict[str, Any]:
    """The part of a remote configuration that hands out the keys.

    An SDK that knows both ciphers takes ``key_v2`` if it is there, else the elliptic curve in ``key_ec``.
    """
    rsa_public, ec_public = keys.public(RSA_PKV), keys.public(EC_PKV)
    key_ec = {"pkv": EC_PKV, "type": "EC", "public_key": ec_public}
    config: dict[str, Any] = {"key": {"pkv": RSA_PKV, "public_key": rsa_public, "key_ec": json.dumps(key_ec)}}
    if scheme in (Scheme.RSA_EVENT, Scheme.RSA_TRANSPORT):
        config["key_v2"] = {"type": "RSA+AES", "pkv": RSA_PKV, "public_key": rsa_public}
    is_whole = scheme in (Scheme.RSA_TRANSPORT, Scheme.EC_TRANSPORT)
    return {**config, "supportTransportEncrypt": is_whole}


def _rsa(key: rsa.RSAPrivateKey, wrapped: bytes) -> bytes | None:
    try:
        return key.decrypt(wrapped, PKCS1v15())
    except ValueError:
        return None


def _ecies(key: ec.EllipticCurvePrivateKey, wrapped: bytes) -> bytes | None:
    point, ciphertext, tag = wrapped[:POINT_BYTES], wrapped[POINT_BYTES:-TAG_BYTES], wrapped[-TAG_BYTES:]
    if len(ciphertext) != AES_KEY_BYTES:
        return None
    try:
        shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point))
    except ValueError:
        return None
    kdf = X963KDF(algorithm=hashes.SHA1(), length=MAC_KEY_BYTES + len(ciphertext), sharedinfo=None)  # noqa: S303 - as SDKs do
    material = kdf.derive(point + shared)
    mac_key, xor_key = material[:MAC_KEY_BYTES], material[MAC_KEY_BYTES:]
    tags = [hmac.digest(mac_key, ciphertext + tail, hashlib.sha1) for tail in TAG_TAILS]
    if not any(hmac.compare_digest(tag, expected) for expected in tags):
        return None
    return bytes(a ^ b for a, b in zip(ciphertext, xor_key, strict=True))
