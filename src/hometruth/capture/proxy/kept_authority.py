"""The certificate authority of a whole case: one installation on the device for all its recordings.

Its key is in the user's state folder (XDG Base Directory Specification), for its owner only, and never in a
case, which gets mailed. It is there until `hometruth end`, or until the certificate has expired.
"""

import os
import re
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from hometruth.capture.proxy.authority import CERTIFICATE_NAME, common_name, expires_at, make_authority
from hometruth.capture.proxy.listening import KEYS
from hometruth.errors import CaptureError
from hometruth.private_file import write_new

_MAKING = ".making-"
"""Begins the name of a folder in which one is being made."""
_MADE_WITHIN_S = 60.0
"""Making one takes milliseconds; what is older was left by a process that was killed."""
LONGEST_SHOWN = 25
"""Characters of a name in what the certificate is called: X.509 has room for 64 in all (RFC 5280, A.1)."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


@dataclass(frozen=True, slots=True)
class KeptAuthority:
    """An authority that outlives a recording."""

    name: str
    folder: Path

    @property
    def ca_file(self) -> Path:
        """PEM file of its certificate."""
        return self.folder / CERTIFICATE_NAME

    @property
    def until(self) -> datetime:
        """When it expires."""
        return expires_at(self.ca_file)

    @property
    def is_expired(self) -> bool:
        """True once no device trusts it any more, whether it was removed there or not."""
        return self.until <= datetime.now(UTC)

    def remove(self) -> None:
        """Delete its key: whatever still trusts its certificate trusts nobody from now on."""
        shutil.rmtree(self.folder)


def keep_authority(name: str, until: datetime, *, needed_until: datetime | None = None) -> KeptAuthority:
    """The authority called *name*, made to be valid until then if there is none.

    Args:
        needed_until: One that expires before that is replaced; the keys of its tunnel stay as they are.

    Raises:
        CaptureError: If the name cannot be one, it has expired, or its folder cannot be written.
    """
    kept = _called(name)
    _sweep(but=name)
    if not kept.ca_file.is_file():
        _make(kept, until)
    elif needed_until is not None and kept.until < needed_until:
        _renew(kept, until)
    if kept.is_expired:
        told = f"{kept.until:%Y-%m-%d}"
        kept.remove()
        raise CaptureError(
            f"{name}: its certificate was valid until {told}, and its key has been removed; remove the "
            "certificate from the device, and start anew under another name"
        )
    return kept


def kept_authority(name: str) -> KeptAuthority:
    """The authority called *name*.

    Raises:
        CaptureError: If there is none.
    """
    kept = _called(name)
    if not kept.ca_file.is_file():
        have = ", ".join(sorted(folder.name for folder in _all())) or "none"
        raise CaptureError(f"{name}: no certificate of that name is kept (have: {have})")
    return kept


def kept_certificate(name: str) -> bytes | None:
    """The certificate (PEM) of the authority called *name*, valid or not; None if there is none."""
    kept = _called(name)
    return kept.ca_file.read_bytes() if kept.ca_file.is_file() else None


def name_of(certificate: Path) -> str:
    """What a certificate is called on the device that trusts it."""
    return common_name(x509.load_pem_x509_certificate(certificate.read_bytes()))


def _called(name: str) -> KeptAuthority:
    if not _NAME.fullmatch(name):
        raise CaptureError(f"{name!r:.80}: is no name for a case; use letters, digits, dots and dashes")
    return KeptAuthority(name, _home() / name)


def _home() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "hometruth" / "authorities"


def _all() -> list[Path]:
    try:
        return [folder for folder in _home().iterdir() if (folder / CERTIFICATE_NAME).is_file()]
    except FileNotFoundError:
        return []


def _make(kept: KeptAuthority, until: datetime) -> None:
    """Whole or not at all, whatever ends this process, and whoever makes one of the same name just now."""
    try:
        shutil.rmtree(kept.folder, ignore_errors=True)  # what is there without a certificate is damaged
        kept.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_MAKING, dir=kept.folder.parent) as made:
            shown = kept.name if len(kept.name) <= LONGEST_SHOWN else f"{kept.name[: LONGEST_SHOWN - 3]}..."
            called = f"Hometruth recording {shown} (until {until:%Y-%m-%d})"
            make_authority(Path(made) / kept.name, name=called, until=until)
            try:
                (Path(made) / kept.name).rename(kept.folder)
            except OSError:
                if not kept.ca_file.is_file():  # else somebody else has made it just now
                    raise
    except OSError as err:
        raise CaptureError(f"{kept.folder}: cannot store the certificate: {err.strerror}") from err


def _renew(kept: KeptAuthority, until: datetime) -> None:
    """Another certificate of the same name, which a device has to trust anew."""
    keys = kept.folder / KEYS
    tunnel = keys.read_bytes() if keys.is_file() else None
    kept.remove()
    _make(kept, until)
    if tunnel is not None:
        write_new(keys, tunnel)


def _sweep(but: str) -> None:
    """Keys of expired certificates are good for nothing but harm; of one in use its user is told."""
    for begun in _home().glob(f"{_MAKING}*"):
        with suppress(OSError):  # it has just been made
            if time.time() - begun.stat().st_mtime > _MADE_WITHIN_S:
                shutil.rmtree(begun)
    for folder in _all():
        kept = KeptAuthority(folder.name, folder)
        if folder.name != but and kept.is_expired:
            kept.remove()
