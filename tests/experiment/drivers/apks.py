"""An app's package with a signing block, put together apart from what reads it (APK Signature Scheme v2)."""

import hashlib
import io
import zipfile

CERTIFICATE = b"0\x82 a certificate, as far as its digest goes"
CERTIFICATE_SHA256 = hashlib.sha256(CERTIFICATE).hexdigest()


def _long(*items: bytes) -> bytes:
    return b"".join(len(item).to_bytes(4, "little") + item for item in items)


def signed_apk(scheme: int = 0x7109871A, certificate: bytes = CERTIFICATE) -> bytes:
    """A package signed, in form, with one certificate."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("AndroidManifest.xml", b"\0")
    plain = written.getvalue()
    signed_data = _long(_long(b"digests"), _long(certificate), b"")
    value = _long(_long(_long(signed_data, b"signatures", b"key")))
    pair = (len(value) + 4).to_bytes(8, "little") + scheme.to_bytes(4, "little") + value
    other = (8).to_bytes(8, "little") + (0x42726577).to_bytes(4, "little") + b"\0\0\0\0"
    size = (len(pair) + len(other) + 24).to_bytes(8, "little")
    block = size + other + pair + size + b"APK Sig Block 42"
    end = plain.rindex(b"PK\x05\x06")
    start = int.from_bytes(plain[end + 16 : end + 20], "little")
    moved = (start + len(block)).to_bytes(4, "little")
    return plain[:start] + block + plain[start:end] + plain[end : end + 16] + moved + plain[end + 20 :]
