"""What names somebody, what may, and what cannot be told: all places together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace

from hometruth.identity.identifiers.documented import usual
from hometruth.identity.identifiers.find import SHARE_OF_DEVICES, Finder, KnownAt, carrying
from hometruth.identity.identifiers.occurrences import Event, Filled, Occurrences, ToldAt
from hometruth.identity.identifiers.tokens import PlantedInputs
from hometruth.model.identified import Undecided, UndecidedReason
from hometruth.model.identifier import FOREVER, UNKNOWN, ComparisonKind, Documented, FieldPlace, Found

_Sent = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What names somebody, what may, and how much was not asked."""

    found: tuple[Found, ...]
    undecided: tuple[Undecided, ...]
    sent_once: int
    """Values that look random, were sent once, and are shown nowhere."""


def find_identifiers(
    events: Iterable[Event],
    comparison: ComparisonKind,
    *,
    inputs: Iterable[str] = (),
    known: KnownAt | None = None,
    told: Mapping[ToldAt, Documented] | None = None,
) -> tuple[Found, ...]:
    """Identifiers in *events*, by place; arguments as `search_identifiers`."""
    return search_identifiers(events, comparison, inputs=inputs, known=known, told=told).found


def search_identifiers(
    events: Iterable[Event],
    comparison: ComparisonKind,
    *,
    inputs: Iterable[str] = (),
    known: KnownAt | None = None,
    told: Mapping[ToldAt, Documented] | None = None,
) -> Answer:
    """Identifiers in *events*, and codes of which it cannot be told, by place.

    Args:
        inputs: What the tester planted or typed: never an identifier.
        known: The tester's own values, where they stood: always one.
        told: What is documented of values that known endpoints were sent.
    """
    seen = Occurrences(events, PlantedInputs(inputs), told)
    return _Search(seen, comparison, Finder(seen, comparison, known or {})).answer()


@dataclass(frozen=True, slots=True)
class _Search:
    seen: Occurrences
    comparison: ComparisonKind
    finder: Finder

    def answer(self) -> Answer:
        """All places, then what stands at several of them."""
        found: list[Found] = []
        open_still: list[Found] = []
        undecided: list[Undecided] = []
        for place, filled in sorted(self.seen.places.items()):
            here = self.finder.at(place, filled)
            for item in here or self.finder.by_document(place, filled):
                (found if self._is_told_apart(item) else open_still).append(item)
            if not here:
                undecided += self._unsettled(place, filled)
        named = frozenset().union(*(item.tokens for item in found))
        for item in open_still:
            if not named.isdisjoint(item.tokens):
                found.append(item)  # the same code as at a place where it was told apart
            else:
                undecided.append(self._undecided(item.place, UndecidedReason.ONE_INSTALLATION, item.sent))
        shown = named.union(*(item.tokens for item in open_still), *(item.tokens for item in undecided))
        undecided = [item for item in undecided if named.isdisjoint(item.tokens)]
        sent_once = self._sent_once(shown)
        return Answer(
            tuple(
                replace(item, sent=self.seen.as_sent(item.sent))
                for item in sorted(found, key=lambda item: item.place)
            ),
            tuple(replace(item, sent=self.seen.as_sent(item.sent)) for item in undecided),
            sent_once,
        )

    def _is_told_apart(self, item: Found) -> bool:
        """False where a constant of the software, or the number of a record, would look the same.

        Twins tell by themselves. One device does if its value was renewed, the tester's own value does, and a
        document does. Where a document says that it is no sender's, it takes two sessions of twins to say
        otherwise.
        """
        if item.known:
            return True
        lasts = item.is_certain and any(self.seen.n_sessions(token) > 1 for token in item.tokens)
        if item.meaning:
            return item.meaning.names.is_sender or lasts
        lives = item.lifetime
        is_renewed = len(item.sessions) > 1 and lives.ends_with not in {UNKNOWN, FOREVER}
        return self.comparison is not ComparisonKind.ALONE or is_renewed or lives.incognito.is_gone

    def _unsettled(self, place: FieldPlace, filled: Filled) -> Iterator[Undecided]:
        """Codes at a place where no identifier was found: shared, sent by one device only, or sent once."""
        if self.comparison is ComparisonKind.ALONE:
            return
        kinds: dict[UndecidedReason, _Sent] = defaultdict(lambda: defaultdict(set))
        for session, text, _ in filled.values:
            if told := self._reason(place, filled, text):
                reason, token = told
                kinds[reason][session.id].add(token)
        once = kinds.get(UndecidedReason.SENT_ONCE)
        if once and len(self._devices(once)) < max(2, SHARE_OF_DEVICES * len(filled.devices)):
            del kinds[UndecidedReason.SENT_ONCE]
        for reason, sent in kinds.items():
            yield self._undecided(place, reason, sent)

    def _reason(self, place: FieldPlace, filled: Filled, text: str) -> tuple[UndecidedReason, str] | None:
        if self.comparison is ComparisonKind.INSTALLATIONS and (
            token := self.seen.is_shared_and_random(text)
        ):
            return (
                UndecidedReason.ONE_DEVICE if len(self.seen.devices) > 1 else UndecidedReason.ONE_INSTALLATION
            ), token
        if not (token := self.seen.minted(text)):
            return None
        if len(self.seen.owners(token)) > 1:
            meaning = self.seen.documented(place, text)
            return (UndecidedReason.SHARED, token) if meaning and meaning.names.is_sender else None
        if len(filled.devices) == 1 and self.seen.n_records(token) > 1:
            return UndecidedReason.ONE_SENDER, token
        if len(filled.devices) > 1 and self.seen.n_records(token) == 1:
            return UndecidedReason.SENT_ONCE, token
        return None

    def _devices(self, sent: Mapping[str, Set[str]]) -> set[str]:
        return {self.seen.sessions[name].device for name in sent}

    def _sent_once(self, shown: Set[str]) -> int:
        """Distinct values that look random, were sent once, and are neither shown nor documented."""
        once = {
            token
            for place, filled in self.seen.places.items()
            for _, text, _ in filled.values
            if (token := self.seen.minted(text))
            and self.seen.n_records(token) == 1
            and self.seen.documented(place, text) is None
        }
        return len(once - shown)

    def _undecided(
        self, place: FieldPlace, reason: UndecidedReason, sent: Mapping[str, Set[str]]
    ) -> Undecided:
        filled = self.seen.places[place]
        meaning, evidence = carrying(self.seen, place, filled, frozenset().union(*sent.values()))
        return Undecided(
            place=place,
            receiver=filled.receiver,
            reason=reason,
            sent={session: frozenset(values) for session, values in sent.items()},
            sessions=tuple(self.seen.sessions[session] for session in sent),
            meaning=meaning,
            hint=None if meaning else usual(place.path),
            evidence=evidence,
        )
