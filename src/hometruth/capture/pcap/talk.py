"""What readers of application protocols share: a request under way, and where it goes when it is done."""

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
