"""The recorder's own page: read before the certificate is trusted, and the proof that it is."""

import re
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from hometruth.capture import Recorder, Sinkhole
from hometruth.capture.proxy.authority import COMMON_NAME
from hometruth.capture.proxy.own_pages import CERTIFICATE_PATH, HOST, PROBE
from tests.capture.conftest import LoopbackServer, show_trust, trusting


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


def test_trust_is_shown_by_the_picture_of_a_page_that_was_opened(flow_file: Path) -> None:
    with Recorder(flow_file) as recorder:  # the pages are there when all else is forwarded, too
        with httpx.Client(proxy=recorder.url) as stranger, pytest.raises(httpx.ConnectError):
            show_trust(stranger)
        assert not recorder.is_trusted
        with trusting(recorder) as client:
            answer = show_trust(client)

        assert answer.headers["content-type"] == "image/svg+xml"
        assert recorder.is_trusted


def test_who_comes_without_the_proxy_is_told_how_to_be_connected(sinkhole: Recorder) -> None:
    page = httpx.get(f"{sinkhole.url}/")

    assert f"server 127.0.0.1, port {sinkhole.port}" in page.text
    assert HOST in page.text
    assert not sinkhole.is_page_opened  # that shows a device which is connected
    assert not sinkhole.gaps()


@pytest.mark.parametrize(
    ("url", "destination"),
    [
        ("https://{shown}/trusted.svg", "document"),
        ("https://{shown}/favicon.ico", "image"),
        ("http://{shown}/trusted.svg", "image"),
        (f"https://{PROBE}/trusted.svg", "image"),  # a host at which a warning can be clicked away beforehand
        (f"https://0123abcd.{PROBE}/trusted.svg", "image"),
    ],
)
def test_what_a_click_through_a_warning_brings_shows_no_trust(
    sinkhole: Recorder, url: str, destination: str
) -> None:
    with trusting(sinkhole) as client:
        shown = re.findall(r"[0-9a-f]+\.probe\.hometruth\.test", client.get(f"http://{HOST}/").text)
        client.get(url.format(shown=shown[0]), headers={"Sec-Fetch-Dest": destination})

    assert len(shown) == 1
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
