import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from hometruth.capture.proxy.authority import make_authority
from hometruth.errors import CaptureError


def test_the_certificate_says_what_it_is_and_dies_soon(tmp_path: Path) -> None:
    certificate = x509.load_pem_x509_certificate(make_authority(tmp_path).read_bytes())

    assert "Hometruth recording (temporary)" in certificate.subject.rfc4514_string()
    assert certificate.not_valid_after_utc - datetime.now(UTC) < timedelta(days=8)


def test_what_clients_are_given_holds_no_key_and_the_key_is_for_its_owner_only(tmp_path: Path) -> None:
    given = make_authority(tmp_path)
    secret = tmp_path / "mitmproxy-ca.pem"

    assert b"PRIVATE" not in given.read_bytes()
    assert b"PRIVATE" in secret.read_bytes()
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_tls_libraries_accept_it_as_an_authority(tmp_path: Path) -> None:
    context = ssl.create_default_context(cafile=str(make_authority(tmp_path)))

    assert context.cert_store_stats() == {"x509": 1, "crl": 0, "x509_ca": 1}


def test_every_recording_has_its_own(tmp_path: Path) -> None:
    assert make_authority(tmp_path / "a").read_bytes() != make_authority(tmp_path / "b").read_bytes()


def test_an_authority_is_never_replaced(tmp_path: Path) -> None:
    before = make_authority(tmp_path).read_bytes()

    with pytest.raises(CaptureError, match="holds a certificate authority already"):
        make_authority(tmp_path)
    assert (tmp_path / "hometruth-recording-ca.pem").read_bytes() == before


def test_a_folder_that_cannot_be_made_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CaptureError, match="cannot store"):
        make_authority(tmp_path / "file" / "folder")
