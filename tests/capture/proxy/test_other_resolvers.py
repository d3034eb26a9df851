"""Resolvers of the client's own choice: known by port and name, and noted where they are asked over HTTPS.

That the tunnel hangs up on them is in `test_tunnel`.
"""

import pytest

from hometruth.capture import Recorder, read_connections
from hometruth.capture.proxy.other_resolvers import DNS_MESSAGE, is_other_resolver
from hometruth.model import GapKind
from tests.capture.conftest import trusting


@pytest.mark.parametrize(
    ("host", "port", "told"),
    [
        ("anything.test", 853, True),
        ("DNS.google", 443, True),
        ("mask.icloud.com", 443, True),
        ("google.com", 443, False),
        ("anything.test", 8853, False),
    ],
)
def test_other_resolvers_are_known_by_port_and_by_name(host: str, port: int, told: bool) -> None:
    assert is_other_resolver(host, port) is told


def test_names_asked_of_an_unknown_resolver_are_told_once_a_session(sinkhole: Recorder) -> None:
    with trusting(sinkhole) as client:
        for session in ("s1", "s2"):
            sinkhole.mark(session)
            client.post("https://own-dns.test/q", content=b"\0" * 12, headers={"Content-Type": DNS_MESSAGE})
            client.get("https://own-dns.test/q?dns=AAAB", headers={"Accept": DNS_MESSAGE})
            client.get("https://other.test/")

    told = [(gap.kind, gap.host, gap.trial) for gap in read_connections(sinkhole.flow_file)]
    assert told == [(GapKind.RESOLVES_ELSEWHERE, "own-dns.test", name) for name in ("s1", "s2")]
