"""Whom a proxy that others can reach serves: one device, which somebody at the desk has said is the one."""

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address

from mitmproxy.connection import Client

OWN_WAYS = frozenset({"wireguard", "local"})
"""Ways in that only the device with the key has, or a program of this machine."""
MOST_NOTED = 256
"""Addresses refused of which each is noted; of a network that is searched for open proxies, enough."""


class Admitted:
    """Which addresses are served: this machine's, and those that were named.

    Args:
        addresses: Of the device that is recorded. Where none is named, the first that comes waits to be.

    Raises:
        ValueError: If one is no address.
    """

    def __init__(self, addresses: Iterable[str] = ()) -> None:
        self._served = {_plain(address) for address in addresses}
        self.waiting: str | None = None
        """The first device that came, while nobody has said whether it is the one."""
        self._noted: set[str] = set()

    def admit(self, address: str) -> None:
        """Serve this device from now on, and wait for no other."""
        self._served.add(_plain(address))
        self.waiting = None

    def refusal(self, client: Client) -> str | None:
        """Why a client is not served, in words; None if it is."""
        if client.proxy_mode.type_name in OWN_WAYS or not client.peername:
            return None
        address = _plain(client.peername[0])
        if ip_address(address).is_loopback or address in self._served:
            return None
        if not self._served and self.waiting in (None, address):
            self.waiting = address
            return f"{address} was not served: nobody had said yet that it is the device to be recorded"
        return f"{address} was not served: it is not the device that is recorded"

    def is_news(self, refusal: str) -> bool:
        """True once for each refusal; its words tell them apart."""
        if refusal in self._noted or len(self._noted) >= MOST_NOTED:
            return False
        self._noted.add(refusal)
        return True


def _plain(address: str) -> str:
    """One spelling of each address, without zone, an IPv4 one as such."""
    number = ip_address(address.partition("%")[0])
    mapped = number.ipv4_mapped if isinstance(number, IPv6Address) else None
    return str(mapped or number)
