"""Which program of this machine is at the other end of a loopback connection (Linux only).

``/proc/net/tcp`` lists every connection with the number of its socket; the program that has that socket among
its open files is the one. Nothing is found for the programs of other users, nor for one that has ended.

Reading all of /proc takes tens of milliseconds. It is done in a thread, for all connections that wait at that
moment at once, and programs that held one before are looked at first.
"""

import asyncio
import os
import socket
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

Address = tuple[str, int]
Ends = tuple[Address, Address]
"""The client's address, and ours."""

_PROC = Path("/proc")
_ESTABLISHED = "01"
_ENDED = "Z"


class Processes:
    """Names programs for the recorder's event loop, which never waits for the file system itself."""

    def __init__(self) -> None:
        self._waiting: dict[Ends, asyncio.Future[str | None]] = {}
        self._asked: set[asyncio.Future[str | None]] = set()
        """Of all that wait, those included of which the thread looks for a name just now."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="hometruth processes")
        self._at_work = self._is_closed = False
        self._seen: list[str] = []
        """Process numbers that held a connection, the newest first."""

    async def at(self, peer: Address, ours: Address) -> str | None:
        """Name of the program whose socket is connected from *peer* to *ours*; None if it cannot be told."""
        if sys.platform != "linux" or self._is_closed:
            return None
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._waiting[peer, ours] = answer
        self._asked.add(answer)
        answer.add_done_callback(self._asked.discard)
        if not self._at_work:
            self._at_work = True
            self._task = asyncio.ensure_future(self._work())
        return await answer

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, {}
                try:
                    names = await loop.run_in_executor(self._thread, self._names, tuple(waiting))
                except Exception as err:  # noqa: BLE001 (it is raised where the name is waited for)
                    for answer in waiting.values():
                        if not answer.done():
                            answer.set_exception(err)
                    continue
                for ends, answer in waiting.items():
                    if not answer.done():  # its connection has gone
                        answer.set_result(names.get(ends))
        finally:
            self._at_work = False

    def close(self) -> None:
        """End the thread; whoever still waits for a name is told that there is none."""
        self._is_closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)
        for answer in self._asked:
            if not answer.done():
                answer.set_result(None)

    def _names(self, ends: Iterable[Ends]) -> dict[Ends, str]:
        """Names of programs, for as many connections as can be told; runs in the thread."""
        inodes = inodes_of(ends)
        links = {f"socket:[{inode}]": end for end, inode in inodes.items()}
        names: dict[Ends, str] = {}
        everything = (entry.name for entry in _PROC.iterdir() if entry.name.isdigit())
        for process in dict.fromkeys((*self._seen, *everything)):
            if not links:
                break
            found = {link for link in _open_files(process) if link in links}
            if found and (name := _name(process)):
                self._seen = [process, *(each for each in self._seen if each != process)][:MOST_SEEN]
                names |= {links.pop(link): name for link in found}
        return names


MOST_SEEN = 32
"""Programs that are looked at first: a browser is a handful."""


def inodes_of(ends: Iterable[Ends]) -> Mapping[Ends, str]:
    """Numbers of the sockets at the clients' ends."""
    wanted = {}
    for peer, ours in ends:
        for mapped in (False, True):
            wanted[_hex(peer, mapped), _hex(ours, mapped)] = peer, ours
    found = {}
    for table in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / table).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            _, local, remote, state, *rest = line.split()
            if state == _ESTABLISHED and (end := wanted.get((local, remote))):
                found[end] = rest[5]
    return found


def has_started(name: str) -> bool:
    """True while a program of this name (at most 15 characters of it) runs that this process has started,
    itself or through others; reads all of /proc."""
    parents: dict[str, str] = {}
    named: list[str] = []
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            pid, _, rest = (entry / "stat").read_text("utf-8", "backslashreplace").partition(" (")
        except OSError:  # it has just ended
            continue
        called, _, told = rest.rpartition(") ")
        state, parents[pid], *_ = told.split()
        if called == name and state != _ENDED:
            named.append(pid)
    while named:
        if str(os.getpid()) in named:
            return True
        named = [parents[pid] for pid in named if pid in parents]
    return False


def _hex(address: Address, mapped: bool) -> str:
    """An address and its port as the kernel prints them."""
    host, port = address
    return f"{_hex_host(host, mapped)}:{port:04X}"


@lru_cache(256)
def _hex_host(host: str, mapped: bool) -> str:
    """32-bit words in the machine's own order."""
    six = ":" in host or mapped
    name = f"::ffff:{host}" if six and ":" not in host else host
    packed = socket.inet_pton(socket.AF_INET6 if six else socket.AF_INET, name)
    words = (packed[at : at + 4] for at in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)


def _open_files(process: str) -> Iterable[str]:
    """What the open files of a process are; nothing of this very one, nor of another user's."""
    if process == str(os.getpid()):
        return
    try:
        with os.scandir(_PROC / process / "fd") as files:
            for file in files:
                with suppress(FileNotFoundError):  # closed since it was listed; the others are open
                    yield os.readlink(file.path)  # noqa: PTH115 - of thousands, a fifth of the time
    except OSError:  # another user's, or it has just ended
        return


def _name(process: str) -> str | None:
    try:
        return (_PROC / process / "comm").read_text("utf-8", "backslashreplace").strip() or None
    except OSError:
        return None
