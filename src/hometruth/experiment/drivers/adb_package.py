"""Whose an app's package is: the certificates that it says it is signed with.

Read from the signing block (APK Signature Scheme v2 and v3), else from ``META-INF`` (JAR signing). The phone
has checked the signatures when it installed the app; here they are only read.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from collections.abc import Iterator

from hometruth.errors import DriverError

_MAGIC = b"APK Sig Block 42"
_SCHEMES = frozenset({0x7109871A, 0xF05368C0, 0x1B93AD61})
"""v2, v3 and v3.1: in each the certificates stand at the same place."""
_END_OF_CENTRAL_DIRECTORY = b"PK\x05\x06"


def signers(apk: bytes) -> tuple[str, ...]:
    """SHA-256 of each signing certificate (DER), as app stores and `apksigner` print them; empty if none.

    Raises:
        DriverError: If it is no package, or its signing block is damaged.
    """
    try:
        certificates = {*_of_block(apk)} or {*_of_jar(apk)}
    except (struct.error, ValueError, zipfile.BadZipFile) as err:
        raise DriverError(f"the package's signature cannot be read: {err}") from err
    return tuple(sorted(hashlib.sha256(each).hexdigest() for each in certificates))


def _of_block(apk: bytes) -> Iterator[bytes]:
    """Certificates in the signing block, which ends where the central directory begins."""
    end = apk.rindex(_END_OF_CENTRAL_DIRECTORY)
    (directory,) = struct.unpack_from("<I", apk, end + 16)
    if apk[directory - 16 : directory] != _MAGIC:
        return
    (size,) = struct.unpack_from("<Q", apk, directory - 24)
    at, until = directory - size, directory - 24
    while at < until:
        length, scheme = struct.unpack_from("<QI", apk, at)
        if length < 4 or at + 8 + length > until:
            raise ValueError("a pair of the signing block reaches beyond it")
        if scheme in _SCHEMES:
            (all_signers,) = _sequence(apk[at + 8 + 4 : at + 8 + length])
            for signer in _sequence(all_signers):
                (signed,) = _sequence(signer, most=1)
                _digests, certificates = _sequence(signed, most=2)
                yield from _sequence(certificates)
        at += 8 + length


def _sequence(data: bytes, most: int = 100) -> list[bytes]:
    """The first items, each behind its length (32 bits)."""
    items: list[bytes] = []
    at = 0
    while at < len(data) and len(items) < most:
        (size,) = struct.unpack_from("<I", data, at)
        items.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    if at > len(data):
        raise ValueError("an item reaches beyond its sequence")
    return items


def _of_jar(apk: bytes) -> Iterator[bytes]:
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7  # noqa: PLC0415 - old apps only

    with zipfile.ZipFile(io.BytesIO(apk)) as archive:
        for name in archive.namelist():
            if name.startswith("META-INF/") and name.endswith((".RSA", ".DSA", ".EC")):
                for certificate in pkcs7.load_der_pkcs7_certificates(archive.read(name)):
                    yield certificate.public_bytes(Encoding.DER)
