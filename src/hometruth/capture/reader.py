"""What a reader of one format is, and what it is given to read.

A new format is one file with a `Reader` in it, and one line in `READERS`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap

HEAD_BYTES = 1 << 16
"""Bytes of a file's beginning by which its format is told."""


class OtherFormatError(CaptureError):
    """A file is whole, and no recording of a format that is read."""


class Start(NamedTuple):
    """What the format of a file is told by."""

    head: bytes
    """Its first `HEAD_BYTES`, unpacked."""
    members: tuple[str, ...] = ()
    """Names in it, if it is a zip archive."""

    @property
    def text(self) -> bytes:
        """The head without byte order mark and white space before it."""
        return self.head.removeprefix(b"\xef\xbb\xbf").lstrip()


MOST_BESIDE_BYTES = 64 << 20
"""Bytes of one file beside a capture that holds a body of it."""


def _nothing_beside(_name: str) -> bytes | None:
    return None


@dataclass(slots=True)
class Maker:
    """Who made a capture, as far as it says so itself; a reader fills it in while it reads."""

    recorder: str = ""
    """Program and version."""


@dataclass(frozen=True, slots=True)
class CaptureFile:
    """One capture: its bytes, and whatever lies beside it."""

    name: str
    """What to call it in sources and gaps."""
    open: Callable[[], BinaryIO]
    """Its bytes from the first on, unpacked; may be called again."""
    responses: bool = True
    """False: who asked looks at requests only, so that responses need not be read."""
    keys: bytes = b""
    """Lines of a TLS key log that was given for it."""
    beside: Callable[[str], bytes | None] = _nothing_beside
    """A file with a relative name in the same folder or archive, where bodies are kept apart; None if there
    is none."""
    maker: Maker = field(default_factory=Maker)
    depth: int = 0
    """Archives that it lies in."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How captures of one format are told and read."""

    name: str
    """As people call the format; stands in errors and docs."""
    suffixes: tuple[str, ...]
    """How such files are usually called. Nothing depends on it: content decides."""
    sniff: Callable[[Start], bool]
    """True if a file that starts like this is of this format."""
    read: Callable[[CaptureFile], Iterator[Exchange | Gap]]
    """Exchanges in the file's order, and a gap for whatever cannot be read. Raises CaptureError before the
    first of them only, if the file is none of this format after all."""
