"""Connections of a browser that lead round the recorder, as Linux lists them in /proc (proc_pid_net(5)).

Looked at now and then, so what was seen is certain, and what was not seen proves nothing. A process that
Linux lets nobody look into, as some sandboxes ask of it, is not seen. Look-ups of names are left out: they
are known to go round a proxy, and every report says so.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import chain
from pathlib import Path

from hometruth.errors import DriverError

EVERY_S = 0.5
LISTENING = "0A"
"""A TCP socket's state in the table (include/net/tcp_states.h)."""
NO_INODE = "0"
"""Of a connection that no process holds any more, and that the kernel is about to forget."""
DNS_PORT = 53
HAS_IPV6 = ("2001:4860:4860::8888", 443)
"""Chromium connects a UDP socket there, and sends nothing, to learn whether there is a way by IPv6
(net/dns/host_resolver_manager.cc, ``kIPv6ProbeAddress``). It is a resolver: what it did send were names."""
PROC = Path("/proc")
Address = tuple[str, int]


class StrayWatch:
    """Looks at a browser's processes until it is closed: its session, and what any of them has started.

    Args:
        session: Id of the session (setsid) that the browser's processes belong to, and of its main process.
        recorder: Where they may connect to, and nowhere else.
    """

    def __init__(self, session: int, recorder: Address) -> None:
        self._session, self._recorder = session, recorder
        self._own: set[tuple[int, str]] = set()
        """Processes once seen to be the browser's, by name: who started them may end first."""
        self._others: set[str] = set()
        """Sockets that other processes were seen to hold."""
        self._looking = threading.Lock()
        self._closed = threading.Event()
        self.found: Address | None = None
        """Where the first connection led that did not go to the recorder."""
        self._failure: Exception | None = None
        """What ended the watch early."""
        self._thread = threading.Thread(target=self._run, name="hometruth strays", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise `DriverError` if a connection was seen to go round the recorder, or can no longer be seen."""
        if self._failure is not None:
            raise DriverError(
                f"whether the browser goes round the recorder could not be watched: {self._failure}"
            ) from self._failure
        if self.found is not None:
            host, port = self.found
            raise DriverError(f"the browser connected to {host} port {port}, round the recorder")

    def close(self) -> None:
        """End looking."""
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        while not (self.found or self._failure or self._closed.wait(EVERY_S)):
            self.glance()

    def glance(self) -> None:
        """Look once; what goes wrong is kept for `check`."""
        try:
            self.look()
        except Exception as err:  # noqa: BLE001 (whatever it is, `check` raises it in the caller's thread)
            self._failure = self._failure or err

    def look(self) -> None:
        """Look once.

        Raises:
            PermissionError: If there is something to see, and the main process may not be looked into.
        """
        with self._looking:
            everybody = list(_processes())
            own = self._own_among(everybody)
            elsewhere = {
                inode: address
                for inode, address in self._connections(own)
                if address != self._recorder and inode not in self._others
            }
            if not elsewhere:
                return
            ours = {inode for process in own for inode in self._sockets_of(process)}
            theirs = {inode for process in {*everybody} - own for inode in self._sockets_of(process)}
            # What nobody was seen to hold may be of a process that was just being made: it is asked again.
            self._others |= (elsewhere.keys() & theirs) - ours
            self.found = self.found or next((to for inode, to in elsewhere.items() if inode in ours), None)

    def _own_among(self, everybody: list[_Process]) -> set[_Process]:
        """The browser's processes: its session, whom one of them started, and who was one of them before."""
        own = {each for each in everybody if each.session == self._session or each.name in self._own}
        while started := {
            each for each in everybody if each not in own and each.parent in {one.number for one in own}
        }:
            own |= started
        self._own |= {each.name for each in own}
        return own

    def _connections(self, own: set[_Process]) -> Iterator[tuple[str, Address]]:
        """Every one in the main process's network namespace; once that has ended, in its helpers'."""
        living = [each for each in own if not each.has_ended]
        main = [each for each in living if each.number == self._session]
        return chain.from_iterable(map(_listed, main or living))

    def _sockets_of(self, process: _Process) -> Iterator[str]:
        """Inodes of the sockets that a process holds; none where it has ended, or may not be looked into."""
        try:
            for handle in (PROC / str(process.number) / "fd").iterdir():
                try:
                    to = str(handle.readlink())
                except FileNotFoundError:  # just closed
                    continue
                if to.startswith("socket:["):
                    yield to[8:-1]
        except PermissionError:
            if process.number == self._session and not _is_ending(process):
                raise
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            return


@dataclass(frozen=True, slots=True)
class _Process:
    """A line of /proc/PID/stat (proc_pid_stat(5))."""

    number: int
    has_ended: bool
    parent: int
    session: int
    born: str
    """In ticks since the machine started: a number is given out again, this with it is not."""
    has_memory: bool

    @property
    def name(self) -> tuple[int, str]:
        """What tells it from every other one, at any time."""
        return self.number, self.born


def _processes() -> Iterator[_Process]:
    """All that run now."""
    for folder in PROC.iterdir():
        if not folder.name.isdigit():
            continue
        if process := _process(folder):
            yield process


def _process(folder: Path) -> _Process | None:
    """What a folder of /proc says now; None if the process has just ended."""
    try:
        told = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, parent, _, session = told[:4]
    return _Process(int(folder.name), state in "ZX", int(parent), int(session), told[19], told[20] != "0")


def _is_ending(process: _Process) -> bool:
    """True if it has ended by now, or has given back its memory on the way: then its files are root's."""
    now = _process(PROC / str(process.number))
    return now is None or now.name != process.name or now.has_ended or not now.has_memory


def _listed(process: _Process) -> Iterator[tuple[str, Address]]:
    """Inode and remote address of every connected socket in a process's network namespace."""
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in _table(process, table)[1:]:
            fields = line.split()
            host, _, port = fields[2].partition(":")
            number, inode = int(port, 16), fields[9]
            if not number or fields[3] == LISTENING or inode == NO_INODE:
                continue
            to = (_address(host), number)
            if not (table.startswith("udp") and (number == DNS_PORT or to == HAS_IPV6)):
                yield inode, to


def _table(process: _Process, name: str) -> list[str]:
    """Lines of a table of sockets; empty if the process has ended, or there is no IPv6."""
    try:
        return (PROC / str(process.number) / "net" / name).read_text().splitlines()
    except OSError:
        return []


def _address(told: str) -> str:
    """The kernel writes words of four bytes, each in the machine's order: little-endian here."""
    raw = b"".join(bytes.fromhex(told[at : at + 8])[::-1] for at in range(0, len(told), 8))
    found: IPv4Address | IPv6Address = ip_address(raw)
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)
