import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.capture.proxy.client_hello import offered_versions

RECORD_AND_HANDSHAKE_HEADER = 5 + 4


def hello(lowest: ssl.TLSVersion, highest: ssl.TLSVersion) -> bytes:
    """The ClientHello that OpenSSL makes, as mitmproxy hands it over."""
    context = ssl.create_default_context()
    context.minimum_version, context.maximum_version = lowest, highest
    outgoing = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="a.example")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()[RECORD_AND_HANDSHAKE_HEADER:]


def test_offers_of_a_modern_client() -> None:
    both = hello(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)

    assert offered_versions(both) == ("TLSv1.3", "TLSv1.2")


def test_a_client_before_tls_1_3_names_its_highest_version() -> None:
    assert offered_versions(hello(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)) == ("TLSv1.2",)


def test_reserved_values_are_left_out() -> None:
    grease_and_1_3 = b"\x00\x2b\x00\x05\x04\x3a\x3a\x03\x04"
    body = b"\x03\x03" + bytes(32) + b"\x00" + b"\x00\x02\x13\x01" + b"\x01\x00"

    assert offered_versions(body + len(grease_and_1_3).to_bytes(2) + grease_and_1_3) == ("TLSv1.3",)


def test_a_hello_without_extensions() -> None:
    assert offered_versions(b"\x03\x01" + bytes(32) + b"\x00" + b"\x00\x02\x00\x2f" + b"\x01\x00") == (
        "TLSv1",
    )


@given(st.binary())
def test_a_damaged_hello_offers_nothing_we_know_of(data: bytes) -> None:
    assert isinstance(offered_versions(data), tuple)


def test_every_cut_of_a_real_hello_is_survived() -> None:
    whole = hello(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)

    for end in range(len(whole)):
        assert offered_versions(whole[:end]) in ((), ("TLSv1.2",), ("TLSv1.3", "TLSv1.2"))
