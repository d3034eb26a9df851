"""Which program of this machine is at the other end of a loopback connection (Linux only).

``/proc/net/tcp`` lists every connection with the number of its socket; the program that has that socket among
its open files is the one. Nothing is found for the programs of other users, nor for one that has ended.
"""

import os
import socket
import sys
from pathlib import Path

_PROC = Path("/proc")
_ESTABLISHED = "01"


def process_at(peer: tuple[str, int], ours: tuple[str, int]) -> str | None:
    """Name of the program whose socket is connected from *peer* to *ours*; None if it cannot be told.

    This very process is never named: a simulated phone in it is not the program that records.
    """
    if sys.platform != "linux":
        return None
    inode = _inode(peer, ours)
    return _program(f"socket:[{inode}]") if inode else None


def _inode(peer: tuple[str, int], ours: tuple[str, int]) -> str | None:
    wanted = {(_hex(peer, mapped), _hex(ours, mapped)) for mapped in (False, True)}
    for table in ("tcp", "tcp6"):
        try:
            lines = (_PROC / "net" / table).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            _, local, remote, state, *rest = line.split()
            if state == _ESTABLISHED and (local, remote) in wanted:
                return rest[5]
    return None


def _hex(address: tuple[str, int], mapped: bool) -> str:
    """An address as the kernel prints it: 32-bit words in the machine's own order."""
    host, port = address
    six = ":" in host or mapped
    name = f"::ffff:{host}" if six and ":" not in host else host
    packed = socket.inet_pton(socket.AF_INET6 if six else socket.AF_INET, name)
    words = (packed[at : at + 4] for at in range(0, len(packed), 4))
    text = "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)
    return f"{text}:{port:04X}"


def _program(link: str) -> str | None:
    mine = str(os.getpid())
    for process in _PROC.iterdir():
        if not process.name.isdigit() or process.name == mine:
            continue
        try:
            if any(str(file.readlink()) == link for file in (process / "fd").iterdir()):
                return (process / "comm").read_text("utf-8", "backslashreplace").strip() or None
        except OSError:  # another user's, or it has just ended
            continue
    return None
