"""Bytes at one spot of one part of an exchange, with the layers that were peeled to get there."""

from dataclasses import dataclass, field
from enum import StrEnum

from hometruth.model.canary import Canary
from hometruth.model.exchange import Exchange, Part

DECIDING_BITS = 40.0
"""Evidence below this is shown but decides nothing: one chance in 10^12 that it is a coincidence."""


@dataclass(frozen=True, slots=True)
class Step:
    """One peeling step: which layer, and which of the pieces it gave.

    ``shown`` is False for the split of a part into its fields (query, form, cookie): the path says that.
    """

    layer: str
    piece: int
    label: str = ""
    """Path segment this step adds, for example ``.properties.url`` or ``[3]``."""
    shown: bool = True
    key_bits: float = 0.0
    """Bits of choice in the key, which stands in ``label``, if the layer is a disguise with one."""

    @property
    def is_name(self) -> bool:
        """True if the piece is the name of a field, a value too: its segment ends in ``~``."""
        return not self.key_bits and self.label.endswith("~")


@dataclass(frozen=True, slots=True)
class Value:
    """Bytes at one spot. ``steps`` lead from the raw part to ``data`` and can be replayed."""

    part: Part
    name: str
    """Which one within the part: the header's or cookie's name, the message's index, else ``""``."""
    data: bytes
    steps: tuple[Step, ...] = ()
    _path: str | None = field(default=None, init=False, repr=False, compare=False)
    """Kept once it was asked for: a judge asks a hundred times."""

    @property
    def chain(self) -> tuple[str, ...]:
        """Layers peeled so far, outermost first."""
        return tuple(
            f"{step.layer}({step.label})" if step.key_bits and step.label else step.layer
            for step in self.steps
            if step.shown
        )

    @property
    def is_name(self) -> bool:
        """True if it stands in the name of a field, not in the field."""
        place = next((step for step in reversed(self.steps) if step.label and not step.key_bits), None)
        return place is not None and place.is_name

    @property
    def path(self) -> str:
        """Where inside the part, for people and for `--jsonl`: ``data_list[0].properties.url``."""
        if self._path is None:
            path = self.name + "".join(step.label for step in self.steps if not step.key_bits)
            object.__setattr__(self, "_path", path.lstrip("."))
        assert self._path is not None
        return self._path


class Tells(StrEnum):
    """How much of a value a form tells to who does not know it; the most first."""

    WHOLE = "whole"
    PART = "part"
    DIGEST = "digest"
    SHORT_DIGEST = "short-digest"

    def is_within(self, other: "Tells") -> bool:
        """True if it tells no more than *other*."""
        return MOST_TELLING_FIRST.index(self) >= MOST_TELLING_FIRST.index(other)


MOST_TELLING_FIRST = tuple(Tells)


@dataclass(frozen=True, slots=True)
class Form:
    """A one-way spelling of a value, or the value itself (``plain``).

    ``name`` reads like ``sha256`` or ``sha256(lower)``; reversible wrappings are layers, not forms.
    """

    name: str
    needle: bytes
    """Bytes to look for; compared without regard to ASCII case where ``caseless``."""
    bits: float
    """Most evidence one match can carry."""
    caseless: bool = True
    is_short: bool = False
    """A digest of 32 bits, which chance meets in any large recording: `weigh` says what it is worth."""
    is_digest: bool = False
    """A digest of any size."""
    is_part: bool = False
    """True if it says only a part of the value: the host of an address."""
    barred_before: bytes = b""
    """Bytes, in lower case, that make it something else by standing before it: a digit before a number."""
    barred_after: bytes = b""
    """The same after it."""

    @property
    def is_plain(self) -> bool:
        """True if the value itself is meant."""
        return self.name == "plain"

    @property
    def tells(self) -> Tells:
        """How much of the value it tells."""
        if self.is_short:
            return Tells.SHORT_DIGEST
        if self.is_digest:
            return Tells.DIGEST
        return Tells.PART if self.is_part or self.name.startswith(("part[", "typed[")) else Tells.WHOLE


@dataclass(frozen=True, slots=True)
class Fragment:
    """One piece of a value that was sent in pieces."""

    value: Value
    exchange: str
    """Id of the exchange it stands in."""
    offset: int
    """Byte offset of the piece in ``value.data``."""
    start: int
    """First byte of the canary's value, in lower case, that the piece holds."""
    end: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """One form of one canary, found at one spot of one exchange. Raw evidence, never aggregated."""

    canary: Canary
    form: Form
    value: Value
    exchange: Exchange
    offset: int
    """Byte offset of the form in ``value.data``."""
    evidence_bits: float
    """Bits matched, less the freedom of any fitted key, less log2 of the places searched."""
    fragments: tuple[Fragment, ...] = ()
    """All pieces in their order, where the value was sent in pieces; ``value`` is that of the first."""
