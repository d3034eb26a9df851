"""Connections of a browser that lead round the recorder, as Linux lists them in /proc (proc_pid_net(5)).

Looked at now and then, so what was seen is certain, and what was not seen proves nothing. Look-ups of names
are left out: they are known to go round a proxy, and every report says so.
"""

import os
import threading
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

EVERY_S = 0.5
LISTENING = "0A"
"""A TCP socket's state in the table (include/net/tcp_states.h)."""
DNS_PORT = 53
PROC = Path("/proc")
Address = tuple[str, int]


class StrayWatch:
    """Looks at a session of processes until it is closed.

    Args:
        session: Id of the session (setsid) that the browser's processes belong to.
        recorder: Where they may connect to, and nowhere else.
    """

    def __init__(self, session: int, recorder: Address) -> None:
        self._session, self._recorder = session, recorder
        self._others: set[str] = set()
        """Sockets known to be of other processes."""
        self._closed = threading.Event()
        self.found: Address | None = None
        """Where the first connection led that did not go to the recorder."""
        self._thread = threading.Thread(target=self._run, name="hometruth strays", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End looking."""
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        while self.found is None and not self._closed.wait(EVERY_S):
            self.look()

    def look(self) -> None:
        """Look once."""
        elsewhere = {
            inode: address
            for inode, address in _connections(self._session)
            if address != self._recorder and inode not in self._others
        }
        if not elsewhere:
            return
        own = set(_sockets_of(self._session))
        self._others |= elsewhere.keys() - own
        self.found = next((address for inode, address in elsewhere.items() if inode in own), None)


def _connections(session: int) -> Iterator[tuple[str, Address]]:
    """Inode and remote address of every connected socket in the browser's network namespace."""
    for table in ("tcp", "tcp6", "udp", "udp6"):
        try:
            lines = (PROC / str(session) / "net" / table).read_text().splitlines()[1:]
        except OSError:  # it has ended, or there is no IPv6
            continue
        for line in lines:
            fields = line.split()
            host, _, port = fields[2].partition(":")
            number = int(port, 16)
            if number and fields[3] != LISTENING and not (table.startswith("udp") and number == DNS_PORT):
                yield fields[9], (_address(host), number)


def _address(told: str) -> str:
    """The kernel writes words of four bytes, each in the machine's order: little-endian here."""
    raw = b"".join(bytes.fromhex(told[at : at + 8])[::-1] for at in range(0, len(told), 8))
    found: IPv4Address | IPv6Address = ip_address(raw)
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


def _sockets_of(session: int) -> Iterator[str]:
    """Inodes of the sockets that the processes of a session hold."""
    for process in PROC.iterdir():
        if not process.name.isdigit():
            continue
        try:
            if os.getsid(int(process.name)) != session:
                continue
            for handle in (process / "fd").iterdir():
                to = str(handle.readlink())
                if to.startswith("socket:["):
                    yield to[8:-1]
        except OSError:  # it has just ended
            continue
