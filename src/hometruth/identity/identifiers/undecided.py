"""Codes of which it cannot be told whether they name anybody: shown, and never called an identifier."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from hometruth.identity.identifiers.documented import Documented
from hometruth.identity.identifiers.event import Place, Session
from hometruth.identity.identifiers.union import Union


class Reason(StrEnum):
    """Why it cannot be told."""

    ONE_INSTALLATION = "one installation"
    """Only one installation was recorded: a constant of the software looks the same."""
    ONE_DEVICE = "one device"
    """All installations on the only device sent it: the device's, or the same everywhere."""
    ONE_SENDER = "one sender"
    """Several devices were recorded, and only one of them filled in the place."""
    SENT_ONCE = "sent once"
    """Each device sent one of its own, once: an identifier, or the number of one record."""
    SHARED = "shared"
    """A document calls it the sender's, but the devices sent the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Undecided:
    """One code at one place."""

    place: Place
    receiver: str
    reason: Reason
    sent: Mapping[str, frozenset[str]]
    """Session id to the tokens sent in it."""
    sessions: tuple[Session, ...]
    meaning: Documented | None
    """What a document says of it."""
    hint: Documented | None
    """What its name usually stands for."""
    evidence: tuple[str, ...]
    """Ids of some exchanges that carried it."""

    @property
    def is_open(self) -> bool:
        """False if a document says that it is the software's or a record's."""
        return self.meaning is None or self.meaning.names.is_sender

    @property
    def tokens(self) -> frozenset[str]:
        """All its values."""
        return frozenset().union(*self.sent.values())


def grouped(items: Iterable[Undecided]) -> tuple[tuple[Undecided, ...], ...]:
    """*items*, put together where a value, or what a document says of it, is the same; open ones first."""
    union: Union[Undecided | str | Documented] = Union()
    for item in items:
        for token in item.tokens:
            union.join(item, token)
        if item.meaning and not item.is_open:
            union.join(item, item.meaning)
    groups = (tuple(item for item in group if isinstance(item, Undecided)) for group in union.groups())
    return tuple(sorted(groups, key=lambda group: (not group[0].is_open, group[0].reason, group[0].place)))
