"""The examiner's own key: Ed25519 (RFC 8032), made on first use, private, and named by its fingerprint.

A signature says that whoever holds the key sealed exactly this. Who that is, the key cannot say: only a
fingerprint that its owner published elsewhere can.
"""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hometruth.errors import CaseError
from hometruth.handed_in import read_handed_in
from hometruth.private_file import write_new

KEY_FILE = "ed25519.pem"
MAX_KEY_BYTES = 16_384
"""A PEM file of one Ed25519 key has 120."""
_SMALL_ORDER = frozenset(
    bytes.fromhex(each)
    for each in (
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        *(f"{last}{'ff' * 30}7f" for last in ("ec", "ed", "ee")),
    )
)
"""Points of order 1, 2, 4 and 8, sign bit off: under such a key one signature fits every text, and so would
the time stamp over it. Times 8 each gives the neutral element of the curve (RFC 8032, section 5.1)."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key in use."""

    key: Ed25519PrivateKey

    @property
    def public_pem(self) -> bytes:
        """The public half, as `openssl` reads it."""
        return public_pem(self.key.public_key())

    def sign(self, data: bytes) -> bytes:
        """64 bytes."""
        return self.key.sign(data)


def default_key_file() -> Path:
    """Where the examiner's key is: in the state folder of the XDG Base Directory Specification."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "hometruth" / KEY_FILE


def load_or_make_key(path: Path | None = None) -> Signer:
    """The key in *path*, or the examiner's own, which is made if there is none yet.

    Raises:
        CaseError: If it cannot be read or made, is no Ed25519 key, or others may read it.
    """
    if path is None:
        path = default_key_file()
        _make_unless_there(path)
    data = read_handed_in(path, CaseError, limit_bytes=MAX_KEY_BYTES)
    if path.stat().st_mode & OTHERS:
        raise CaseError(f"{path}: others may read this private key; chmod 600 it, if nobody has yet")
    try:
        key = serialization.load_pem_private_key(data, None)
    except (ValueError, TypeError) as err:
        raise CaseError(f"{path}: not a PEM private key without a passphrase") from err
    if not isinstance(key, Ed25519PrivateKey):
        raise CaseError(f"{path}: not an Ed25519 key (openssl genpkey -algorithm ed25519 makes one)")
    return Signer(key)


def public_key(pem: bytes, where: str) -> Ed25519PublicKey:
    """The public key in *pem*.

    Raises:
        CaseError: If it is none; names *where* it stands.
    """
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, TypeError) as err:
        raise CaseError(f"{where}: not a public key in PEM") from err
    if not isinstance(key, Ed25519PublicKey):
        raise CaseError(f"{where}: not an Ed25519 key")
    raw = key.public_bytes_raw()
    if raw[:31] + bytes([raw[31] & 0x7F]) in _SMALL_ORDER:
        raise CaseError(f"{where}: a key under which one signature fits every text, so it proves nothing")
    if public_pem(key) != pem:
        raise CaseError(f"{where}: was changed: it holds more than the key, or spells it in another way")
    return key


def public_pem(key: Ed25519PublicKey) -> bytes:
    """As `openssl` reads it, in the one spelling that is written."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def fingerprint(key: Ed25519PublicKey) -> str:
    """SHA-256 of the 32 bytes of the public key, in hexadecimal."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()


def is_signed(key: Ed25519PublicKey, signature: bytes, data: bytes) -> bool:
    """True if *signature* is that of *key* on *data*."""
    try:
        key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _make_unless_there(path: Path) -> None:
    """Made under another name and linked: two first runs at once end up with one key, and it is whole."""
    if path.exists():
        return
    made = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_new(made, secret)
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    except OSError as err:
        raise CaseError(f"{path}: cannot make the key that signs cases: {err.strerror}") from err
