"""Where the recorder listens: as a proxy, as a SOCKS proxy, as the end of a tunnel, or to one program."""

import fcntl
import ipaddress
import json
import socket
import struct
import sys
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import mitmproxy_rs

from hometruth.capture.proxy.resolver import OWN
from hometruth.capture.proxy.tunnel_watch import KEEPALIVE_S
from hometruth.private_file import write_new

CLIENT_ADDRESSES = ("10.0.0.1/32", "fd48:6f6d:6574::1/128")
"""Of the device, inside the tunnel."""
EVERYTHING = ("0.0.0.0/0", "::/0")
"""IPv6 too: a device that has it would otherwise talk round the tunnel."""
MTU = 1280
"""The least that IPv6 allows: it fits through any network that the device may be in."""
KEYS = "wireguard.json"
_NOBODY = {4: (socket.AF_INET, "192.0.2.1"), 6: (socket.AF_INET6, "2001:db8::1")}
"""By version of the protocol, an address of the documentation's (RFC 5737, RFC 3849): nobody has it."""
_SIOCGIFADDR = 0x8915
"""Linux: the address of an interface (netdevice(7))."""
_GLOBAL_SCOPE = "00"
"""Linux: of an address that is good beyond its own link (proc(5), if_inet6)."""


@dataclass(frozen=True, slots=True)
class Listening:
    """What to open, all at once in one process; ports may be 0 for any free one."""

    host: str = "127.0.0.1"
    port: int = 0
    """Of the proxy."""
    socks: int | None = None
    """Port of a SOCKS 5 proxy; None opens none."""
    wireguard: int | None = None
    """UDP port of a WireGuard tunnel; None opens none."""
    program: str | None = None
    """Name or number of a program of this machine whose traffic is taken without its doing (mitmproxy's local
    mode: needs rights, and a system where it works)."""
    package: str | None = None
    """Android's name of the only app that the tunnel takes; other systems have no such choice."""
    tunnel_host: str | None = None
    """Address on which the tunnel is reached, if not the proxy's: it serves nobody without its key."""

    def modes(self, folder: Path) -> list[str]:
        """As mitmproxy writes them; keys of a tunnel are laid into *folder*, unless they are there."""
        modes = [f"regular@{self.port}"]
        if self.socks is not None:
            modes.append(f"socks5@{self.socks or free_port(self.host)}")
        if self.wireguard is not None:
            # Its end is here alone: a device's datagrams come by way of `tunnel_watch`.
            modes.append(f"wireguard:{keys_in(folder)}@127.0.0.1:{free_udp_port()}")
        if self.program is not None:
            modes.append(f"local:{self.program}")
        return modes


@dataclass(frozen=True, slots=True)
class Tunnel:
    """One device's way in: whoever has not its key is not served."""

    port: int
    server_public: str
    client_private: str

    def client_config(self, endpoint: str, package: str | None = None) -> str:
        """What the device's WireGuard app reads, from a file or a QR code.

        Args:
            endpoint: Address of this machine as the device reaches it.
            package: Android's name of the only app whose traffic is led here.
        """
        only = f"IncludedApplications = {package}\n" if package else ""
        host = f"[{endpoint}]" if ":" in endpoint else endpoint
        return (
            "[Interface]\n"
            f"PrivateKey = {self.client_private}\n"
            f"Address = {', '.join(CLIENT_ADDRESSES)}\n"
            f"DNS = {', '.join(sorted(OWN))}\n"
            f"MTU = {MTU}\n"
            f"{only}\n"
            "[Peer]\n"
            f"PublicKey = {self.server_public}\n"
            f"AllowedIPs = {', '.join(EVERYTHING)}\n"
            f"Endpoint = {host}:{self.port}\n"
            f"PersistentKeepalive = {KEEPALIVE_S}\n"
        )


def reachable_at(host: str) -> list[str]:
    """Addresses under which another device may reach what listens on *host*; itself if it says where.

    First the one by which this machine goes out, then those of its other networks: a phone in an access
    point of this machine's own reaches it under that one.
    """
    try:
        everywhere = ipaddress.ip_address(host)
    except ValueError:
        return [host]
    if not everywhere.is_unspecified:
        return [host]
    family, nobody = _NOBODY[everywhere.version]
    found = []
    with suppress(OSError), closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
        probe.connect((nobody, 9))  # nothing is sent: the system only says which address it would use
        found.append(str(probe.getsockname()[0]))
    found += _own_addresses(family)
    return list(dict.fromkeys(each for each in found if not ipaddress.ip_address(each).is_loopback)) or [host]


def _own_addresses(family: socket.AddressFamily) -> list[str]:
    """Of every network that this machine is in, as far as its system says."""
    if sys.platform != "linux":
        with suppress(OSError):
            return [str(row[4][0]) for row in socket.getaddrinfo(socket.gethostname(), None, family)]
        return []
    if family is socket.AF_INET6:
        with suppress(OSError):
            rows = map(str.split, Path("/proc/net/if_inet6").read_text("ascii").splitlines())
            return [str(ipaddress.IPv6Address(int(row[0], 16))) for row in rows if row[3] == _GLOBAL_SCOPE]
        return []
    found = []
    with closing(socket.socket(family, socket.SOCK_DGRAM)) as asking:
        for _, name in socket.if_nameindex():
            with suppress(OSError):  # it has none
                told = fcntl.ioctl(asking, _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
                found.append(socket.inet_ntoa(told[20:24]))
    return found


def keys_in(folder: Path) -> Path:
    """The file of a tunnel's keys in *folder*, for its owner only; made if it is not there."""
    path = folder / KEYS
    if not path.exists():
        keys = {name: mitmproxy_rs.wireguard.genkey() for name in ("server_key", "client_key")}
        write_new(path, json.dumps(keys).encode())
    return path


def tunnel_of(folder: Path, port: int) -> Tunnel:
    """The tunnel whose keys are in *folder*."""
    keys = json.loads(keys_in(folder).read_text())
    return Tunnel(port, mitmproxy_rs.wireguard.pubkey(keys["server_key"]), keys["client_key"])


def free_udp_port() -> int:
    """One that nobody uses now, on loopback."""
    with closing(socket.socket(type=socket.SOCK_DGRAM)) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_port(host: str) -> int:
    """One that nobody uses now: mitmproxy takes two modes with any port for the same one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
