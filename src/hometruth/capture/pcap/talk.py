"""What readers of application protocols share: a request under way, and where it goes when it is done."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from hometruth.model import Message

MAX_BODY_BYTES = 48 << 20
"""Of one request or answer; a longer body counts as not recorded, as in flow files."""


@dataclass(slots=True)
class Body:
    """A body as it comes, kept as far as it may be."""

    data: bytearray = field(default_factory=bytearray)
    is_whole: bool = True
    kept: bool = True

    def add(self, data: bytes) -> None:
        """The next bytes."""
        if len(self.data) + len(data) > MAX_BODY_BYTES:
            self.is_whole = False
            self.data.clear()
        elif self.kept and self.is_whole:
            self.data += data

    def drop(self) -> None:
        """Some bytes are missing from the capture."""
        self.is_whole = False

    @property
    def recorded(self) -> bytes | None:
        """The body; None if it is not all there."""
        return bytes(self.data) if self.is_whole and self.kept else None


MAX_RAW_BYTES = 1 << 20
"""Kept of a conversation that is no HTTP, to be searched as it is; the rest is a gap."""


@dataclass(slots=True)
class Strays:
    """What a client sent that is of no request, to be searched as it is."""

    pieces: list[tuple[bytes, int]] = field(default_factory=list)
    """Each with its time."""
    n_bytes: int = 0
    """Of all of it, kept or not."""
    reserved_bytes: int = 0
    """In frames of kinds that stand for nothing (GREASE, RFC 8701): random, as a rule, and not kept."""

    def add(self, data: bytes, time_ns: int) -> None:
        """The next bytes of it."""
        if data and self.n_bytes + len(data) <= MAX_RAW_BYTES:
            self.pieces.append((data, time_ns or (self.pieces[-1][1] if self.pieces else 0)))
        self.n_bytes += len(data)


PRIORITY_VALUE = re.compile(rb"[ ,]*(?:(?:u=[0-7]|i(?:=\?[01])?)[ ,]*){0,2}")
"""How urgent a request is (RFC 9218): nothing that tells one client from another."""


Fields = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Talk:
    """One request and its answer."""

    method: bytes = b""
    scheme: str = ""
    authority: bytes = b""
    target: bytes = b""
    http_version: str = ""
    started_ns: int = 0
    headers: Fields = field(default_factory=list)
    body: Body = field(default_factory=Body)
    status: int | None = None
    answer_headers: Fields = field(default_factory=list)
    answer: Body = field(default_factory=Body)
    messages: list[Message] = field(default_factory=list)
    is_complete: bool = False
    """The whole request is there."""
    is_answered: bool = False
    """The whole answer is there, which may come before the end of the request."""
    error: str = ""


Done = Callable[[Talk], None]
"""Where a request goes when nothing more belongs to it."""


class Protocol1(Protocol):
    """A reader of one connection's application data."""

    def add(self, from_client: bool, data: bytes, time_ns: int) -> None:
        """The next bytes of one side."""

    def lose(self, from_client: bool, n_bytes: int) -> None:
        """So many bytes are not in the capture."""

    def end(self) -> None:
        """Nothing more comes."""


def header(fields: Fields, name: bytes) -> bytes:
    """First value of a header, compared without case; empty if absent."""
    return next((value for key, value in fields if key.lower() == name), b"")
