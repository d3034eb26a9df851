"""ECIES as BouncyCastle does it when asked for nothing else, on P-256: ``V || C || T``.

V is the sender's uncompressed point, C the message under an XOR with KDF2-SHA1 of ``V || Z``, and T the
HMAC-SHA1 of C and the 8-byte length of a label that is not there.
"""

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MAC_KEY_BYTES = 16
NO_LABEL = bytes(8)
DIGEST_BYTES = 20


def encrypt(message: bytes, receiver: ec.EllipticCurvePublicKey) -> bytes:
    """Encrypt a short *message* for the owner of *receiver*."""
    sender = ec.generate_private_key(receiver.curve)
    point = sender.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    derived = _kdf2(point + sender.exchange(ec.ECDH(), receiver), MAC_KEY_BYTES + len(message))
    mac_key, pad = derived[:MAC_KEY_BYTES], derived[MAC_KEY_BYTES:]
    hidden = bytes(left ^ right for left, right in zip(message, pad, strict=True))
    return point + hidden + hmac.digest(mac_key, hidden + NO_LABEL, "sha1")


def _kdf2(secret: bytes, size: int) -> bytes:
    """KDF2 of ISO 18033-2 with SHA-1: the counter starts at 1."""
    blocks = range(1, 2 + (size - 1) // DIGEST_BYTES)
    stream = b"".join(
        hashlib.sha1(secret + block.to_bytes(4, "big"), usedforsecurity=False).digest() for block in blocks
    )
    return stream[:size]
