"""The recorder's own page: read before the certificate is trusted, and the proof that it is."""

from pathlib import Path

import httpx
import pytest
from cryptography import x509

from hometruth.capture import Recorder, Sinkhole
from hometruth.capture.proxy.authority import COMMON_NAME
from hometruth.capture.proxy.own_pages import CERTIFICATE_PATH, HOST, PROBE
from tests.capture.conftest import LoopbackServer, trusting


def test_the_page_is_read_without_trust_and_hands_out_the_certificate(sinkhole: Recorder) -> None:
    with httpx.Client(proxy=sinkhole.url) as stranger:
        page = stranger.get(f"http://{HOST}/", headers={"User-Agent": "Mozilla/5.0 (Linux; Android 14)"})
        handed_out = stranger.get(f"http://{HOST}{CERTIFICATE_PATH}")
        missing = stranger.get(f"http://{HOST}/other")

    assert COMMON_NAME in page.text
    assert "CA certificate" in page.text  # the steps of the system that asked
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert x509.load_der_x509_certificate(handed_out.content) == x509.load_pem_x509_certificate(
        sinkhole.ca_file.read_bytes()
    )
    assert handed_out.headers["content-type"] == "application/x-x509-ca-cert"
    assert missing.status_code == 404


@pytest.mark.parametrize(("destination", "shown"), [("image", True), ("document", False)])
def test_trust_is_shown_by_a_picture_that_loads_and_not_by_a_page(
    flow_file: Path, destination: str, shown: bool
) -> None:
    probe = f"https://{PROBE}/trusted.svg"
    with Recorder(flow_file) as recorder:  # the pages are there when all else is forwarded, too
        with httpx.Client(proxy=recorder.url) as stranger, pytest.raises(httpx.ConnectError):
            stranger.get(probe)
        assert not recorder.is_trusted
        with trusting(recorder) as client:
            answer = client.get(probe, headers={"Sec-Fetch-Dest": destination})
        assert answer.headers["content-type"] == "image/svg+xml"
        assert recorder.is_trusted is shown


def test_trust_without_tls_is_none(sinkhole: Recorder) -> None:
    with httpx.Client(proxy=sinkhole.url) as client:
        client.get(f"http://{PROBE}/trusted.svg")

    assert not sinkhole.is_trusted


def test_zones_are_answered_here_and_everything_else_is_forwarded(
    flow_file: Path, server: LoopbackServer
) -> None:
    zones = Sinkhole(zones=("sites.example",))
    with Recorder(flow_file, sinkhole=zones) as recorder, trusting(recorder) as client:
        here = client.get("https://c.sites.example/story")
        there = client.get(server.url)

    assert "answered by a sinkhole" in here.text
    assert there.content == b"hello"
