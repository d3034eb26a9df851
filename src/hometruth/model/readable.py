"""What a preflight tells of a host, before anything of it is kept."""

from dataclasses import dataclass
from enum import StrEnum


class Readability(StrEnum):
    """Whether what goes to a host could be read, and why not."""

    READABLE = "readable"
    BROWSERS_ONLY = "only in browsers"
    """A program refuses certificates that the system did not come with; browsers accept them."""
    PINNED = "pinned"
    """The program ends the connection once it has seen whose certificate it is."""
    OWN_ENCRYPTION = "own encryption"
    """What is inside is enciphered once more, or no HTTP."""
    QUIC_ONLY = "QUIC only"
    ELSEWHERE = "resolves elsewhere"
    """Names were asked of a resolver of its own."""
    NOT_OPENED = "not opened"
    """Nobody has asked to look into it: it was passed on unopened, and its bytes counted."""
    NEVER_SEEN = "never seen"
    """Its name was asked for, and no connection to it came."""


@dataclass(frozen=True, slots=True)
class HostSeen:
    """One host in a preflight."""

    host: str
    readability: Readability
    sent_bytes: int = 0
    received_bytes: int = 0
    also_read: bool = False
    """Of a host that was refused: another program let itself be read."""


@dataclass(frozen=True, slots=True)
class HostChoice:
    """A host that somebody was asked about: whether it is the app's, and so to be looked into."""

    host: str
    is_opened: bool
    why: str
    """Who chose, and what was known of it then, in words."""
