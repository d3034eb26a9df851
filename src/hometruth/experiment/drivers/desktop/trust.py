"""Lets a browser trust the recorder's certificate, as its owner would: in the profile's own store.

Both browsers read NSS databases: Firefox ``cert9.db`` of the profile, Chromium ``~/.pki/nssdb``
(chromium.googlesource.com: docs/linux/cert_management.md). They are written with NSS itself, which is on
every machine with one of the browsers; Debian's `certutil` does the same and is one package more.
"""

import base64
import ctypes
import ctypes.util
from contextlib import ExitStack
from pathlib import Path

from hometruth.errors import DriverError

TRUSTED_FOR_SERVERS = b"C,,"
"""As in `certutil -t`: issues certificates of servers; nothing for mail and programs."""
NICKNAME = b"hometruth recorder"


class _TrustFlags(ctypes.Structure):
    """``CERTCertTrust`` of certt.h."""

    _fields_ = (("ssl", ctypes.c_uint), ("email", ctypes.c_uint), ("objects", ctypes.c_uint))


class _SecItem(ctypes.Structure):
    """``SECItem`` of seccomon.h."""

    _fields_ = (("type", ctypes.c_int), ("data", ctypes.c_char_p), ("length", ctypes.c_uint))


def trust(database: Path, ca_file: Path) -> None:
    """Make or open the NSS database in the folder *database*, and trust the authority *ca_file* (PEM) there.

    Raises:
        DriverError: If NSS is missing, or does not take the certificate.
    """
    nss = _nss()
    database.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = ca_file.read_text("ascii").splitlines()
    der = base64.b64decode("".join(line for line in lines if not line.startswith("-----")))
    with ExitStack() as undo:
        place = f"sql:{database}".encode()
        _check(nss, nss.NSS_Initialize(place, b"", b"", b"secmod.db", 0), "open the store")
        undo.callback(nss.NSS_Shutdown)
        slot = ctypes.c_void_p(nss.PK11_GetInternalKeySlot())
        undo.callback(nss.PK11_FreeSlot, slot)
        if nss.PK11_NeedUserInit(slot):
            _check(nss, nss.PK11_InitPin(slot, None, b""), "make the store")
        store = ctypes.c_void_p(nss.CERT_GetDefaultCertDB())
        item = _SecItem(0, der, len(der))
        certificate = ctypes.c_void_p(nss.CERT_NewTempCertificate(store, ctypes.byref(item), None, 0, 1))
        if not certificate:
            _check(nss, 1, "read it")
        undo.callback(nss.CERT_DestroyCertificate, certificate)
        _check(nss, nss.PK11_ImportCert(slot, certificate, ctypes.c_ulong(0), NICKNAME, 0), "keep it")
        flags = _TrustFlags()
        nss.CERT_DecodeTrustString(ctypes.byref(flags), TRUSTED_FOR_SERVERS)
        _check(nss, nss.CERT_ChangeCertTrust(store, certificate, ctypes.byref(flags)), "trust it")


def _nss() -> ctypes.CDLL:
    try:
        nss = ctypes.CDLL(ctypes.util.find_library("nss3") or "libnss3.so")
    except OSError as err:
        raise DriverError(
            "NSS is not on this machine, by which browsers are told whom to trust; install Debian's libnss3"
        ) from err
    for name in ("PK11_GetInternalKeySlot", "CERT_NewTempCertificate", "CERT_GetDefaultCertDB"):
        getattr(nss, name).restype = ctypes.c_void_p
    return nss


def _check(nss: ctypes.CDLL, status: int, what: str) -> None:
    if status:
        raise DriverError(f"the recorder's certificate: NSS did not {what} (error {nss.PORT_GetError()})")
