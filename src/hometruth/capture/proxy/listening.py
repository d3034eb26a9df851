"""Where the recorder listens: as a proxy, as a SOCKS proxy, as the end of a tunnel, or to one program."""

import json
import os
import socket
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import mitmproxy_rs

from hometruth.capture.proxy.resolver import OWN
from hometruth.capture.proxy.tunnel_watch import KEEPALIVE_S

CLIENT_ADDRESSES = ("10.0.0.1/32", "fd48:6f6d:6574::1/128")
"""Of the device, inside the tunnel."""
EVERYTHING = ("0.0.0.0/0", "::/0")
"""IPv6 too: a device that has it would otherwise talk round the tunnel."""
MTU = 1280
"""The least that IPv6 allows: it fits through any network that the device may be in."""
KEYS = "wireguard.json"


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

    def modes(self, folder: Path) -> list[str]:
        """As mitmproxy writes them; keys of a tunnel are laid into *folder*, unless they are there."""
        modes = [f"regular@{self.port}"]
        if self.socks is not None:
            modes.append(f"socks5@{self.socks or _free_port(self.host)}")
        if self.wireguard is not None:
            # Its end is here alone: a device's datagrams come by way of `tunnel_watch`.
            modes.append(f"wireguard:{keys_in(folder)}@127.0.0.1:{_free_udp_port()}")
        if self.program is not None:
            modes.append(f"local:{self.program}")
        return modes


@dataclass(frozen=True, slots=True)
class Tunnel:
    """One device's way in: whoever has not its key is not served."""

    port: int
    server_public: str
    client_private: str

    def client_config(self, endpoint: str) -> str:
        """What the device's WireGuard app reads, from a file or a QR code.

        Args:
            endpoint: Address of this machine as the device reaches it.
        """
        host = f"[{endpoint}]" if ":" in endpoint else endpoint
        return (
            "[Interface]\n"
            f"PrivateKey = {self.client_private}\n"
            f"Address = {', '.join(CLIENT_ADDRESSES)}\n"
            f"DNS = {', '.join(sorted(OWN))}\n"
            f"MTU = {MTU}\n\n"
            "[Peer]\n"
            f"PublicKey = {self.server_public}\n"
            f"AllowedIPs = {', '.join(EVERYTHING)}\n"
            f"Endpoint = {host}:{self.port}\n"
            f"PersistentKeepalive = {KEEPALIVE_S}\n"
        )


def keys_in(folder: Path) -> Path:
    """The file of a tunnel's keys in *folder*, for its owner only; made if it is not there."""
    path = folder / KEYS
    if not path.exists():
        keys = {name: mitmproxy_rs.wireguard.genkey() for name in ("server_key", "client_key")}
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(keys, file)
    return path


def tunnel_of(folder: Path, port: int) -> Tunnel:
    """The tunnel whose keys are in *folder*."""
    keys = json.loads(keys_in(folder).read_text())
    return Tunnel(port, mitmproxy_rs.wireguard.pubkey(keys["server_key"]), keys["client_key"])


def _free_udp_port() -> int:
    with closing(socket.socket(type=socket.SOCK_DGRAM)) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _free_port(host: str) -> int:
    """mitmproxy takes two modes with any port for the same one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
