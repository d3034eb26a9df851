"""The certificate authority of one recording: made for it, named for what it is, and soon worthless.

mitmproxy reads its authority from a folder; laying the files down ourselves lets us choose the name, the
lifetime and the key. The key is on P-256 because mitmproxy signs one leaf certificate per new host with it
and uses it again in every handshake.
"""

import base64
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hometruth.capture.proxy.listening import KEYS
from hometruth.errors import CaptureError
from hometruth.private_file import write_new

COMMON_NAME = "Hometruth recording (temporary)"
VALID_FOR = timedelta(days=7)
"""Longer than any one recording; short enough that a forgotten authority on a phone dies by itself."""
CLOCK_TOLERANCE = timedelta(days=2)
"""Backdating, as mitmproxy does for its leaf certificates: phones' clocks are wrong."""
_PREFIX = "hometruth-ca-"
_YOUNG_S = 5.0
"""A folder this new may be about to be locked."""
CERTIFICATE_NAME = "hometruth-recording-ca.pem"
_KEY_AND_CERTIFICATE_NAME = "mitmproxy-ca.pem"
"""Where mitmproxy looks for its authority."""


def make_authority(folder: Path, *, name: str = COMMON_NAME, until: datetime | None = None) -> Path:
    """Make a new authority in *folder* and return the PEM file of its certificate, for clients to trust.

    Args:
        name: What it is called on the device.
        until: When it expires; after `VALID_FOR` by default.

    Raises:
        CaptureError: If the folder cannot be written, or holds an authority already.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key, name, until or datetime.now(UTC) + VALID_FOR).public_bytes(
        serialization.Encoding.PEM
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_new(folder / _KEY_AND_CERTIFICATE_NAME, secret + certificate, mode=0o600)
        write_new(folder / CERTIFICATE_NAME, certificate, mode=0o644)
    except FileExistsError as err:
        raise CaptureError(
            f"{folder}: holds a certificate authority already; every recording makes its own"
        ) from err
    except OSError as err:
        raise CaptureError(f"{folder}: cannot store the certificate authority: {err.strerror}") from err
    return folder / CERTIFICATE_NAME


def forget_key(folder: Path) -> None:
    """Remove the keys in *folder*, of the authority and of a tunnel; the certificate stays."""
    for name in (_KEY_AND_CERTIFICATE_NAME, KEYS):
        (folder / name).unlink(missing_ok=True)


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder for one authority, for its owner only; those that dead processes left behind are swept first.

    A living process holds a lock on its folder, so that neither a number used again nor a kill misleads.
    """
    _sweep(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
        folder = Path(name)
        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            yield folder
        finally:
            os.close(handle)


def _sweep(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        try:
            state = folder.lstat()
            if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.getuid():
                continue
            if time.time() - state.st_mtime < _YOUNG_S:
                continue
            handle = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:  # swept by another at this moment
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue  # its process lives
        else:
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(handle)


def common_name(certificate: x509.Certificate) -> str:
    """What a certificate is called on the device that trusts it."""
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def expires_at(certificate: Path) -> datetime:
    """From when on nobody trusts it any more."""
    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc


def key_pin(certificate: Path) -> str:
    """SHA-256 of the certificate's public key in base64: how Chromium is told to accept it for one start."""
    public = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    encoded = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(encoded).digest()).decode("ascii")


def _certificate(key: ec.EllipticCurvePrivateKey, called: str, until: datetime) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, called),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Hometruth"),
        ]
    )
    usage = x509.KeyUsage(
        key_cert_sign=True,
        crl_sign=True,
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(until, datetime.now(UTC)) - CLOCK_TOLERANCE)
        .not_valid_after(until)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
