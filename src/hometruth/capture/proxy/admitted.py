"""Whom a proxy that others can reach serves: one device, which somebody at the desk has said is the one."""

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address

from mitmproxy.connection import Client

OWN_WAYS = frozenset({"wireguard", "local"})
"""Ways in that only the device with the key has, or a program of this machine."""
MOST_NOTED = 256
"""Refusals of which each is noted; of a network that is searched for open proxies, enough."""
MORE_REFUSED = f"others were not served either, after {MOST_NOTED} refusals that are noted one by one"


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
        self.refused: dict[str, None] = {}
        """Devices that came and are not the one, the first ones only, in their order."""
        self._dismissed: set[str] = set()
        self._noted: set[str] = set()

    def admit(self, address: str) -> None:
        """Serve this device too from now on, and let no other wait to be admitted."""
        self._served.add(_plain(address))
        self.waiting = None

    def dismiss(self) -> None:
        """The device that waits is not the one: let another come."""
        if self.waiting is not None:
            self._dismissed.add(self.waiting)
            self.waiting = None

    def refusal(self, client: Client) -> str | None:
        """Why a client is not served, in words; None if it is."""
        if client.proxy_mode.type_name in OWN_WAYS or not client.peername:
            return None
        address = _plain(client.peername[0])
        if ip_address(address).is_loopback or address in self._served:
            return None
        if self._served or address in self._dismissed:
            if len(self.refused) < MOST_NOTED:
                self.refused[address] = None
            return f"{address} was not served: it is not the device that is recorded"
        if self.waiting is None:
            self.waiting = address
        return f"{address} was not served: nobody had said yet which device is to be recorded"

    def news(self, refusal: str) -> str | None:
        """What to note of a refusal: each once, and beyond a limit once that there are more."""
        told = refusal if len(self._noted) < MOST_NOTED else MORE_REFUSED
        if refusal in self._noted or told in self._noted:
            return None
        self._noted.add(told)
        return told


def _plain(address: str) -> str:
    """One spelling of each address, without zone, an IPv4 one as such."""
    number = ip_address(address.partition("%")[0])
    mapped = number.ipv4_mapped if isinstance(number, IPv6Address) else None
    return str(mapped or number)
