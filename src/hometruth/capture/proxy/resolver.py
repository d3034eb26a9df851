"""Names asked of the recorder: answered here, and remembered, so that an address has its name later.

Inside a tunnel there is nobody else to ask. A name of which the sinkhole answers gets an address of its own
that is nobody's (RFC 2544; RFC 4193), so that a client which then speaks no HTTP still tells whom it wanted.
"""

import asyncio
import socket
from collections.abc import Callable
from ipaddress import ip_address, ip_network

import mitmproxy_rs
from mitmproxy.dns import DNSFlow, Question, ResourceRecord
from mitmproxy.flow import Error
from mitmproxy.net.dns import response_codes, types

OWN = frozenset({"10.0.0.53", "fd48:6f6d:6574::53"})
"""Addresses of the tunnel's own resolver; the first is mitmproxy's choice."""
DNS_PORT = 53
NOBODYS = {
    types.A: ip_network("198.18.0.0/15"),
    types.AAAA: ip_network("fd48:6f6d:6574:5::/64"),
}
MOST_NAMES = 1 << 16
"""Names that get an address of their own; those beyond share the last one."""
TTL_S = 60
ELSEWHERE = frozenset(
    {
        "use-application-dns.net",  # Firefox then asks the system (support.mozilla.org/kb/canary-domain-…)
        # Private Relay is then off (developer.apple.com/icloud/prepare-your-network-for-icloud-private-relay)
        *("mask.icloud.com", "mask-h2.icloud.com", "mask-api.icloud.com"),
        # Resolvers over HTTPS that browsers and phones come with; they then ask the tunnel's resolver.
        *("dns.google", "chromium.dns.nextdns.io", "firefox.dns.nextdns.io", "cloudflare-dns.com"),
        *("mozilla.cloudflare-dns.com", "chrome.cloudflare-dns.com", "one.one.one.one", "dns.quad9.net"),
        *("security.cloudflare-dns.com", "family.cloudflare-dns.com", "1dot1dot1dot1.cloudflare-dns.com"),
        *("dns9.quad9.net", "dns10.quad9.net", "dns11.quad9.net", "dns.adguard-dns.com", "dns.nextdns.io"),
        *("dns.alidns.com", "doh.pub", "dot.pub", "dns.pub"),
        *("doh.opendns.com", "dns64.dns.google", "doh.cleanbrowsing.org", "doh.xfinity.com"),
    }
)
"""Names that a client asks for in order to ask others from then on: the tunnel says there is no such name."""


class Resolver:
    """Answers questions in the recorder's event loop.

    Args:
        answers_for: True for names whose hosts the recorder itself answers.
    """

    def __init__(self, answers_for: Callable[[str], bool]) -> None:
        self._answers_for = answers_for
        self._given: dict[tuple[int, str], str] = {}
        self._names: dict[str, set[str]] = {}

    async def answer(self, flow: DNSFlow) -> str | None:
        """Set the response where it is for us to give; leave all other questions to be passed on.

        Returns:
            The name, where it is that of another resolver and was said not to exist.
        """
        question, asked = flow.request.question, (flow.server_conn.address or ("", 0))[0]
        ours = asked in OWN
        if flow.response is not None or flow.error is not None or question is None:
            return None
        name = question.name.rstrip(".").lower()
        if self._answers_for(name):
            flow.response = flow.request.succeed(self._made_up(question, name))
        elif ours and name in ELSEWHERE:
            flow.response = flow.request.fail(response_codes.NXDOMAIN)
            return name
        elif ours and question.type in NOBODYS:
            await _look_up(flow, question, name)
        elif ours:
            self._pass_on(flow)
        return None

    def learn(self, flow: DNSFlow) -> None:
        """Remember which addresses a name was said to have."""
        question = flow.request.question
        if question is None or flow.response is None:
            return
        name = question.name.rstrip(".").lower()
        for record in flow.response.answers:
            if record.type in NOBODYS and len(record.data) in (4, 16):
                self._names.setdefault(str(ip_address(record.data)), set()).add(name)

    def names(self) -> frozenset[str]:
        """Every name that was said to have an address so far."""
        return frozenset().union(*list(self._names.values()))

    def name_of(self, address: str) -> str | None:
        """The name of which a client asked the address; None if there was none, or several."""
        names = self._names.get(address, set())
        return next(iter(names)) if len(names) == 1 else None

    def is_made_up(self, address: str) -> bool:
        """True for an address that leads nowhere but here."""
        try:
            number = ip_address(address)
        except ValueError:
            return False
        return any(number in network for network in NOBODYS.values())

    def _made_up(self, question: Question, name: str) -> list[ResourceRecord]:
        network = NOBODYS.get(question.type)
        if network is None:
            return []
        address = self._given.get((question.type, name))
        if address is None:
            nth = min(len(self._given), MOST_NAMES) + 1
            address = self._given[question.type, name] = str(network[nth])
        return [_record(question, address)]

    def _pass_on(self, flow: DNSFlow) -> None:
        try:
            servers = mitmproxy_rs.dns.get_system_dns_servers()
        except RuntimeError:
            servers = []
        if servers:
            flow.server_conn.address = (servers[0], DNS_PORT)
        else:
            flow.error = Error("this machine has no name server to ask")


async def _look_up(flow: DNSFlow, question: Question, name: str) -> None:
    family = socket.AF_INET if question.type == types.A else socket.AF_INET6
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            name, None, family=family, type=socket.SOCK_STREAM
        )
    except socket.gaierror as err:
        unknown = err.errno == socket.EAI_NONAME
        flow.response = flow.request.fail(response_codes.NXDOMAIN if unknown else response_codes.SERVFAIL)
    except UnicodeError:  # no name that could be looked up
        flow.response = flow.request.fail(response_codes.NXDOMAIN)
    else:
        addresses = dict.fromkeys(str(each[4][0]) for each in found)
        flow.response = flow.request.succeed([_record(question, each) for each in addresses])


def _record(question: Question, address: str) -> ResourceRecord:
    return ResourceRecord(question.name, question.type, question.class_, TTL_S, ip_address(address).packed)
