"""Packet captures that other tools made: how many requests each holds, as tshark counts them.

Source: the manifests beside the captures (tshark 4.0.17 with keys; HTTP/3: streams with HEADERS).
"""

import json
import sys
from collections import Counter
from pathlib import Path
from subprocess import run

import pytest

from hometruth.capture import read_capture
from hometruth.model import Exchange, Gap, GapKind

pytestmark = pytest.mark.shared

REQUESTS = {
    "pcap/ja4/http2-with-cookies.pcapng": 15,
    "pcap/ndpi/ocs.pcap": 6,
    "pcap/ndpi/xiaomi.pcap": 1,
    "pcap/pcap2qlog/multi_stream.pcap": 4,
    "pcap/pcapdroid/metadata.pcap": 4,
    "pcap/scapy/http2_h2c.pcap": 2,
    "pcap/scapy/tls_nss_example.pcap": 2,
    "pcap/zeek/deeply-nested-mime.pcap": 1,
    "pcap/zeek/jupyter-websocket.pcap": 1,
    "pcap/illustrated-quic/capture.pcap": 0,
    "pcap/illustrated-tls12/capture.pcap": 0,
    "pcap/illustrated-tls13/capture.pcap": 0,
    "formats/tls12/tls12-chacha20poly1305.pcap": 7,
    "formats/tls12-dsb/tls12-dsb.pcapng": 2,
    "formats/tls13/tls13-rfc8446.pcap": 3,
    "formats/http2/http2-brotli.pcapng": 1,
    "formats/http2/http2-data-reassembly.pcap": 1,
    "formats/http3/quic-v2.pcapng": 3,
    "formats/http3/quic-fragmented-handshakes.pcapng.gz": 1,
    "formats/quic-not-http/doq.pcapng": 0,
    "formats/http1/multipart-form-data.pcap": 1,
    "formats/http1/missing-zlib-header.pcap": 2,
    "formats/websocket/websocket.pcap": 1,
    "formats/websocket/fragmented-http-reply.pcap": 1,
    "formats/websocket/wstunnel-http.pcap": 1,
    "formats/vlan/http-vlan-0.pcap": 1,
    "formats/fragments/ipv6-http-atomic-frag.pcap": 4,
    "formats/tcp-order/get_nosyn.pcap": 1,
    "formats/tcp-order/content-range-gap.pcap": 1,
    "formats/tcp-order/retransmit-timeout.pcapng": 1,
    "formats/tcp-order/1000-requests-one-dropped-response.pcap.gz": 1000,
    "formats/linktype/http-ooo.pcap": 5,
    "formats/linktype/nflog-http.pcap": 1,
    "formats/linktype/one_ipv6_http_stream.pcap": 3,
    "formats/linktype/raw_ip.pcap": 19,
    "formats/linktype/sll.pcap": 2,
    "formats/time-endian/nanosecs_big_endian.pcap": 1,
    "formats/time-endian/dhcp-nanosecond.pcapng": 0,
    "formats/blocks/many_interfaces.pcapng.1": 0,
    "formats/blocks/output_le-difficult-test202.pcapng": 0,
    "formats/compressed/http_chunk.pcap.gz": 1,
}


def read(path: Path, keys: Path | None = None) -> list[Exchange | Gap]:
    return list(read_capture(path, keys=keys))


def requests(items: list[Exchange | Gap]) -> list[Exchange]:
    return [item for item in items if isinstance(item, Exchange) and item.http_version]


@pytest.mark.parametrize("name", REQUESTS)
def test_as_many_requests_are_read_as_tshark_counts(name: str, shared: Path) -> None:
    assert len(requests(read(shared / "captures" / name))) == REQUESTS[name]


def test_a_key_log_can_be_given(shared: Path) -> None:
    folder = shared / "captures/formats/tls12"
    found = requests(read(folder / "works-dump.pcapng", folder / "works-premaster.txt"))

    assert Counter(item.method for item in found) == {"GET": 5}


def test_what_stays_closed_is_named_with_the_reason(shared: Path) -> None:
    unread = {
        (item.host, item.detail)
        for item in read(shared / "captures/formats/quic-not-http/quicv2-http3-443.pcap")
        if isinstance(item, Gap)
    }

    assert unread == {("127.0.0.1", "a QUIC connection stayed closed: there are no keys")}


def test_every_other_capture_is_read_without_an_error(shared: Path) -> None:
    for path in (shared / "captures").rglob("*.pcap*"):
        if path.name.endswith((".pcap", ".pcapng", ".gz", ".zst", ".1")):
            assert all(item.kind is not GapKind.BUDGET for item in read(path) if isinstance(item, Gap)), path


def test_connections_that_stay_closed_are_among_who_was_contacted(shared: Path) -> None:
    shown = run(
        [sys.executable, "-m", "hometruth", "scan", "--json", shared / "captures/pcap/ndpi/ocs.pcap"],
        capture_output=True,
        check=True,
    )
    sent = {row["host"]: row for row in json.loads(shown.stdout)["recipients"]}

    assert (sent["settings.crashlytics.com"]["requests"], sent["www.ocs.fr"]["requests"]) == (0, 2)
    assert sent["settings.crashlytics.com"]["refused"] == 1
