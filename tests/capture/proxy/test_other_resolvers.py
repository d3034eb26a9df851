"""Resolvers of the client's own choice: known by port and name, and noted where they are asked over HTTPS.

That the tunnel hangs up on them is in `test_tunnel`.
"""

from pathlib import Path

import httpx
import pytest

from hometruth.capture import Recorder, Sinkhole, read_connections
from hometruth.capture.proxy.other_resolvers import DNS_MESSAGE, KNOWN_RESOLVER, is_other_resolver
from hometruth.model import GapKind
from tests.capture.conftest import trusting


@pytest.mark.parametrize(
    ("address", "port", "name", "told"),
    [
        ("192.0.2.1", 853, None, True),
        ("192.0.2.1", 443, "DNS.google", True),
        ("192.0.2.1", 443, "mask.icloud.com", True),
        ("192.0.2.1", 443, "google.com", False),
        ("192.0.2.1", 8853, "", False),
        ("1.1.1.1", 443, "", True),
        ("2001:4860:4860::8888", 443, "", True),
        ("223.5.5.5", 443, "", True),
        ("192.0.2.1", 443, "doh.pub", True),
        ("9.9.9.9", 443, "dns11.quad9.net", True),
        ("1.1.1.1", 443, "site.test", False),
        ("1.1.1.1", 443, None, False),
        ("1.1.1.1", 80, "", False),
    ],
)
def test_other_resolvers_are_known_by_port_by_name_and_by_an_address_without_a_name(
    address: str, port: int, name: str | None, told: bool
) -> None:
    assert is_other_resolver(address, port, name) is told


def test_names_asked_of_an_unknown_resolver_are_told_once_a_session(sinkhole: Recorder) -> None:
    with trusting(sinkhole) as client:
        for session in ("s1", "s2"):
            sinkhole.mark(session)
            client.post("https://own-dns.test/q", content=b"\0" * 12, headers={b"Content-Type": DNS_MESSAGE})
            client.get("https://own-dns.test/q?dns=AAAB", headers={b"Accept": DNS_MESSAGE.upper()})
            client.get("https://other.test/")

    told = [(gap.kind, gap.host, gap.trial) for gap in read_connections(sinkhole.flow_file)]
    assert told == [(GapKind.RESOLVES_ELSEWHERE, "own-dns.test", name) for name in ("s1", "s2")]


@pytest.mark.parametrize("is_closed", [False, True])
def test_a_known_resolver_is_told_through_a_proxy_too_unless_it_cannot_answer(
    flow_file: Path, is_closed: bool
) -> None:
    """Its certificate is refused, so that nobody sees what it is asked."""
    sinkhole = Sinkhole() if is_closed else Sinkhole(zones=("dns.google",))
    with Recorder(flow_file, sinkhole=sinkhole) as recorder:
        recorder.mark("s1")
        for _ in range(2):
            with httpx.Client(proxy=recorder.url) as distrusting, pytest.raises(httpx.ConnectError):
                distrusting.get("https://dns.google/dns-query?dns=AAAB")

    told = [
        (gap.host, gap.detail, gap.trial) for gap in recorder.gaps() if gap.kind is GapKind.RESOLVES_ELSEWHERE
    ]
    assert told == ([] if is_closed else [("dns.google", KNOWN_RESOLVER, "s1")])
