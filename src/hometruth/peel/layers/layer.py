"""What a layer is: a pure function from bytes to the pieces inside, or None if they are something else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple


class Piece(NamedTuple):
    """Bytes found inside a value, and where in the value they stood."""

    label: str
    """Path segment they add: ``.name``, ``[3]``, ``?q``; keys end in ``~``; empty for a value as a whole."""
    data: bytes
    start: int
    """First byte of the outer value that this piece was made from."""
    end: int


class Opened(NamedTuple):
    """What a layer found inside a value."""

    pieces: list[Piece]
    damage: str = ""
    """What is wrong with the rest, if only a part could be read."""
    stopped: str = ""
    """Which limit of ours was reached before the end."""
    perhaps: bool = False
    """The value may as well be something else, however certain the layer is otherwise."""
    sealed: str = ""
    """What it is, if it is recognised as encrypted for somebody else."""


class Context(NamedTuple):
    """What a layer may need to know beyond the bytes."""

    last: str = ""
    """Layer that produced the value; empty for a raw part."""
    room_bytes: int = 1 << 26
    """Bytes it may still produce."""
    room_pieces: int = 1 << 18
    """Pieces it may still produce."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One format in the list of layers."""

    name: str
    """Name in the chain."""
    peel: Callable[..., Opened | None]
    """``(data) -> Opened | None``, with a second argument `Context` where ``contextual``."""
    contextual: bool = False
    certain: bool = False
    """Where it opens a value without damage, that is what the value is: other layers look into its pieces,
    not into the value again."""
    beside: bool = False
    """Tried beside a certain layer too, its piece only searched: a canary may reach across two fields."""
    verbatim: bool = False
    """Pieces are bytes of the value, unchanged: a canary in one is already seen in the value."""
    splits: bool = False
    """Only cuts fields out of a value: the path says which, so the chain need not name it."""
    guess: bool = False
    """Has no magic number: tried only on bytes that are not text, or that are declared to be this."""
    text_only: bool = False
    """Tried on text only."""
    starts: bytes = b""
    """First bytes a value may have to be this; none given: any."""
    codings: tuple[str, ...] = ()
    """Names in Content-Encoding that declare it."""

    def open(self, data: bytes, context: Context) -> Opened | None:
        """Peel *data* once; None if it is not this format."""
        return self.peel(data, context) if self.contextual else self.peel(data)


MAX_PIECES = 100_000
"""Pieces of one value that are listed; ten times what the largest form or page of links holds."""


def collect(pieces: Iterator[Piece], *, perhaps: bool = False) -> Opened | None:
    """The pieces that a layer cut out of a value, as far as `MAX_PIECES`; None if there are none."""
    listed = list(islice(pieces, MAX_PIECES))
    if not listed:
        return None
    stopped = f"only the first {MAX_PIECES} pieces are looked into" if len(listed) == MAX_PIECES else ""
    return Opened(listed, stopped=stopped, perhaps=perhaps)


def whole(data: bytes, result: bytes, *, damage: str = "", stopped: str = "") -> Opened:
    """The result of a layer that turns the whole of *data* into one piece."""
    return Opened([Piece("", result, 0, len(data))], damage, stopped)
