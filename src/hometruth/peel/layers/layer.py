"""What a layer is: a pure function from bytes to the pieces inside, or None if they are something else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hometruth.peel.many.batch import Batch
    from hometruth.peel.many.flat import Flat, Index, Mask
    from hometruth.peel.many.words import Words


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


class On(Enum):
    """What a layer is tried on."""

    ANY = "any bytes"
    TEXT = "text"
    PACKED = "bytes that are no text, or that are declared to be this"
    """For what has no magic number: it would open some text by chance."""


class Gives(Enum):
    """What came out of a value stands for, where the layer opened it without damage."""

    GUESS = "perhaps what the value is: other layers are tried on it too"
    CERTAIN = "what the value is: other layers look into its pieces, not into the value again"
    BESIDE = "what the value is; tried beside another certain layer too, its piece only searched"
    """A canary may reach across two fields."""


class Cuts(Enum):
    """How pieces differ from the value."""

    UNPACKED = "they are made from its bytes: the chain names the layer"
    FIELDS = (
        "they are fields of it, decoded or not: the path says which, so the chain need not name the layer"
    )
    VERBATIM = "they are fields of it, unchanged: a canary in one is already seen in the value"


Condition = Callable[["Batch"], "Mask"]
"""Of many values at once, which ones a layer may open: true for each that it opens, false for as many others
as is cheap to tell. Numpy is imported inside, for only who has many values asks."""
WordDecoder = Callable[["Words", int], Iterator[tuple["Index", "Flat | None"]]]
"""Decodes many stretches of letters and digits at once, as far as so many bytes come out at least: rows, and
what came out of them, never less than the layer would take; None for those that are peeled in earnest."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One format in the list of layers."""

    name: str
    """Name in the chain."""
    peel: Callable[..., Opened | None]
    """``(data) -> Opened | None``, with a second argument `Context` where ``contextual``."""
    contextual: bool = False
    on: On = On.ANY
    gives: Gives = Gives.GUESS
    cuts: Cuts = Cuts.UNPACKED
    key_bits: float = 0.0
    """Bits of choice in a key, which is then the label of its piece."""
    starts: bytes = b""
    """First bytes a value may have to be this; none given: any."""
    magic: tuple[bytes, ...] = ()
    """What it begins with: one of these; none given: anything."""
    codings: tuple[str, ...] = ()
    """Names in Content-Encoding that declare it."""
    may_open: Condition | None = None
    """Asked where many values are sifted; without it, the layer is tried on all that begin as it says."""
    words: WordDecoder | None = None
    """How it looks into words, if it is an alphabet."""

    def open(self, data: bytes, context: Context) -> Opened | None:
        """Peel *data* once; None if it is not this format."""
        return self.peel(data, context) if self.contextual else self.peel(data)

    def may_start(self, byte: int) -> bool:
        """True if a value may begin with this byte."""
        firsts = self.starts or bytes(prefix[0] for prefix in self.magic)
        return not firsts or byte in firsts

    @property
    def is_certain(self) -> bool:
        """True if what it opens is that, and nothing else."""
        return self.gives is not Gives.GUESS


def only_words(batch: "Batch") -> "Mask":
    """The condition of an alphabet that is read in words only."""
    return batch.none()


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


def stream(data: bytes, result: bytes, used: int, *, damage: str = "") -> Opened:
    """The result of a layer that ends before *data* does, and what follows it, zeros left out."""
    opened = whole(data, result, damage=damage)
    if not data[used:].strip(b"\0"):
        return opened
    return opened._replace(
        pieces=[Piece("", result, 0, used), Piece(f"[@{used}]", data[used:], used, len(data))]
    )
