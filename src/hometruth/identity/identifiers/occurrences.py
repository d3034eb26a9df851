"""Who sent which token, where and in which session: counted once, asked often.

Everything about identifiers is answered from plain records of what was sent. Source of that and of the rules
in this folder: the project's own measurements on simulated twins, repeated in
`tests/identity/identifiers/test_simulated_fleets.py`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hometruth.identity.identifiers.documented import documented
from hometruth.identity.identifiers.tokens import (
    PlantedInputs,
    bare,
    is_time,
    looks_minted,
    looks_random,
    spellings,
    tokens,
)
from hometruth.model.identifier import ComparisonKind, Documented, FieldPlace, Session

ToldAt = tuple[str, str]
"""Host, and value in lower case: what is documented of a value is so wherever the host was sent it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One record that was sent: an element of a batch, or all the rest of an exchange."""

    session: Session
    app: str
    host: str
    receiver: str
    """Organisation behind the host, else its registrable domain."""
    exchange: str
    time_ns: int | None
    fields: tuple[tuple[str, str], ...]
    """Where in the request, and the text there; a place may hold several."""


SENT_AT_LEAST = 2
"""Records: what is sent once ties nothing together."""


@dataclass(slots=True)
class _Seen:
    """What is known of one token."""

    sessions: set[str] = field(default_factory=set)
    devices: set[str] = field(default_factory=set)
    n_records: int = 0


@dataclass(slots=True)
class Filled:
    """What stood at one place."""

    receiver: str
    values: list[tuple[Session, str, str]] = field(default_factory=list)
    """Session, text, exchange."""
    devices: set[str] = field(default_factory=set)
    """Devices that filled it in."""


class Occurrences:
    """Every token of *events* with its owners, and every place with its values."""

    def __init__(
        self, events: Iterable[Event], planted: PlantedInputs, told: Mapping[ToldAt, Documented] | None = None
    ) -> None:
        self._told = told or {}
        self.places: dict[FieldPlace, Filled] = {}
        self.sessions: dict[str, Session] = {}
        self._seen: dict[str, _Seen] = defaultdict(_Seen)
        self._spelt: dict[str, str] = {}
        self._planted = planted
        self._is_planted: dict[str, bool] = {}
        self._minted: dict[str, str | None] = {}
        for event in events:
            self._add(event)
        self.devices = frozenset(session.device for session in self.sessions.values())

    def _add(self, event: Event) -> None:
        self.sessions[event.session.id] = event.session
        in_record: set[str] = set()
        for path, text in event.fields:
            place = FieldPlace(event.app, event.host, path)
            filled = self.places.setdefault(place, Filled(event.receiver))
            filled.values.append((event.session, text, event.exchange))
            filled.devices.add(event.session.device)
            told = spellings(text)
            in_record.update(told)
            for token, spelt in told.items():
                if token != spelt:
                    self._spelt.setdefault(token, spelt)
        for token in in_record:
            seen = self._seen[token]
            seen.sessions.add(event.session.id)
            seen.devices.add(event.session.device)
            seen.n_records += 1

    def documented(self, place: FieldPlace, text: str) -> Documented | None:
        """What a document says of *text* at *place*, by the table of codes or by what is known of the
        endpoint; None if none speaks of it."""
        return documented(place, text) or self._told.get((place.host, bare(text)))

    def as_sent(self, sent: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
        """The tokens of each session as they were spelled where each was first sent with signs, if it was."""
        return {
            name: frozenset(self._spelt.get(one, one) for one in own) for name, own in sent.items() if own
        }

    def n_sessions(self, token: str) -> int:
        """Sessions in which *token* was sent, anywhere."""
        return len(self._seen[token].sessions)

    def n_records(self, token: str) -> int:
        """Records in which *token* was sent, anywhere."""
        return self._seen[token].n_records

    def owners(self, token: str) -> set[str]:
        """Devices that ever sent *token*, in any app to any host."""
        return self._seen[token].devices

    def was_sent_before(self, token: str, session: Session) -> bool:
        """True if the device of *session* sent *token* in an earlier one, anywhere."""
        return any(
            other.device == session.device and other.order < session.order
            for other in (self.sessions[name] for name in self._seen[token].sessions)
        )

    def names(self, text: str, comparison: ComparisonKind) -> str | None:
        """The token of a value that can name its sender, None if there is none: the longest lived first.

        A value such as ``id_time`` is new every time, and the piece in front of it is not.
        """
        whole = bare(text)
        named = [token for token in tokens(text) if self._can_name(token, comparison)]
        return max(
            named, key=lambda token: (self.n_sessions(token), token == whole, len(token)), default=None
        )

    def _can_name(self, token: str, comparison: ComparisonKind) -> bool:
        seen = self._seen[token]
        if seen.n_records < SENT_AT_LEAST or self._was_planted(token):
            return False
        if comparison is not ComparisonKind.ALONE and len(seen.devices) != 1:
            return False
        if comparison in {ComparisonKind.ALONE, ComparisonKind.MIXED}:
            return looks_random(token)
        return len(seen.sessions) > 1 or not is_time(token)

    def is_shared_and_random(self, text: str) -> str | None:
        """The token of a value that looks random and that every device sent; None if there is none."""
        shared = [
            token
            for token in tokens(text)
            if self.owners(token) == self.devices and looks_random(token) and not self._was_planted(token)
        ]
        return max(shared, key=len, default=None)

    def minted(self, text: str) -> str | None:
        """The token of a value that looks made at random, however often it was sent; None without one."""
        if text not in self._minted:
            self._minted[text] = self._minted_in(text)
        return self._minted[text]

    def _minted_in(self, text: str) -> str | None:
        whole = bare(text)
        made = [token for token in tokens(text) if looks_minted(token) and not self._was_planted(token)]
        return max(made, key=lambda token: (self.n_records(token), token == whole, len(token)), default=None)

    def _was_planted(self, token: str) -> bool:
        if token not in self._is_planted:
            self._is_planted[token] = token in self._planted
        return self._is_planted[token]

    def of_device(self, device: str) -> Sequence[Session]:
        """Its sessions, in the order in which they ran."""
        own = (session for session in self.sessions.values() if session.device == device)
        return sorted(own, key=lambda session: session.order)
