"""Certificates of an app's package are those that it is signed with."""

import io
import zipfile
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from hometruth.errors import DriverError
from hometruth.experiment.drivers.adb_package import signers
from tests.experiment.drivers.apks import CERTIFICATE_SHA256, signed_apk


@pytest.mark.parametrize("scheme", [0x7109871A, 0xF05368C0, 0x1B93AD61])
def test_certificates_of_the_signing_block(scheme: int) -> None:
    assert signers(signed_apk(scheme)) == (CERTIFICATE_SHA256,)


def test_certificates_of_an_old_package() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "maker")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, now, now + timedelta(days=1))
    ).sign(key, hashes.SHA256())
    signature = pkcs7.serialize_certificates([certificate], Encoding.DER)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("META-INF/CERT.EC", signature)

    assert signers(written.getvalue()) == (sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),)


def test_a_package_without_a_signature_has_no_certificate() -> None:
    assert signers(signed_apk(0x1234)) == ()


@given(st.integers(0, 400), st.integers(0, 255))
def test_damage_is_one_sentence(at: int, value: int) -> None:
    apk = bytearray(signed_apk())
    apk[at % len(apk)] = value
    try:
        found = signers(bytes(apk))
    except DriverError as err:
        assert "signature cannot be read" in str(err)
    else:
        assert all(len(each) == 64 for each in found)


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_package_is_said(data: bytes) -> None:
    with pytest.raises(DriverError, match="signature cannot be read"):
        signers(data)
