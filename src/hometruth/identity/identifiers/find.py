"""Q1: which values name a device or a person. Nobody has to tell their names beforehand."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from hometruth.identity.identifiers.lifetime import kind_of, lifetime
from hometruth.identity.identifiers.occurrences import Filled, Occurrences
from hometruth.identity.identifiers.tokens import bare, looks_random, tokens, whole_code
from hometruth.model.identifier import (
    FOREVER,
    SESSION,
    UNKNOWN,
    ComparisonKind,
    Documented,
    FieldPlace,
    Found,
    KnownValue,
    Lifetime,
    Phase,
    Session,
)

SHARE_OF_DEVICES = 0.8
"""Of the devices that fill in a place, those that must have a value of their own there."""
SHARE_OF_VALUES = 0.5
"""Of the values at a place, those that must name the device."""
EVIDENCE = 5
"""Exchanges listed as evidence for each place."""

KnownAt = Mapping[tuple[str, str, str], KnownValue]
"""Exchange, path and text to the tester's own value that was recognised there."""
_Sent = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks at one place at a time."""

    seen: Occurrences
    comparison: ComparisonKind
    known: KnownAt

    def at(self, place: FieldPlace, filled: Filled) -> list[Found]:
        """Identifiers at one place: none, one, or an account beside what it takes the place of."""
        known = self._recognised(place, filled)
        apart = {
            value: sent
            for value, sent in known.items()
            if value.kind == "account" or self.comparison is ComparisonKind.INSTALLATIONS
        }
        others = {value: sent for value, sent in known.items() if value not in apart}
        is_certain = self.comparison in _COMPARED
        found = [
            self._found(place, filled, sent, {value: sent}, is_certain=True) for value, sent in apart.items()
        ]
        if own := _less(self._own(filled), apart):
            account = self._account(own)
            parts = [
                self._found(place, filled, sent, others, is_certain=is_certain)
                for sent in (account, _without(own, account))
            ]
            found += [item for item in parts if item and not _is_a_measurement(item)]
        covered = {value for item in found if item for value in item.known}
        found += [
            self._found(place, filled, others[value], {value: others[value]}, is_certain=True)
            for value in others
            if value not in covered
        ]
        return [item for item in found if item]

    def _own(self, filled: Filled) -> _Sent:
        """Tokens that name their sender, by session; empty unless the place as a whole does.

        The number of an event is new each time, though it may be sent to several hosts: what names a sender
        is repeated at the place, or is the only value there.
        """
        named = [(session, self.seen.names(text, self.comparison)) for session, text, _ in filled.values]
        here = Counter(token for _, token in named)
        different: dict[str, set[str]] = defaultdict(set)
        for session, text, _ in filled.values:
            different[session.id].add(text)
        own: _Sent = defaultdict(set)
        with_own: set[str] = set()
        n_own = 0
        for session, token in named:
            if token and (
                here[token] > 1 or self.seen.n_sessions(token) > 1 or len(different[session.id]) == 1
            ):
                own[session.id].add(token)
                with_own.add(session.device)
                n_own += 1
        devices = filled.devices
        if self.comparison is not ComparisonKind.ALONE and len(devices) < 2:
            return {}  # nobody to compare with: what one device sends may be the same everywhere
        if len(with_own) < SHARE_OF_DEVICES * len(devices) or n_own < SHARE_OF_VALUES * len(filled.values):
            return {}
        return own

    def by_document(self, place: FieldPlace, filled: Filled) -> list[Found]:
        """What a document calls its sender's, though it was sent once, or by one of the devices only."""
        sent: _Sent = defaultdict(set)
        for session, text, _ in filled.values:
            meaning = self.seen.documented(place, text)
            is_sender = meaning is not None and meaning.names.is_sender
            token = (self.seen.minted(text) or whole_code(text)) if is_sender else None
            if token and len(self.seen.owners(token)) == 1:
                sent[session.id].add(token)
        item = self._found(place, filled, sent, {}, is_certain=False)
        return [item] if item else []

    def _recognised(self, place: FieldPlace, filled: Filled) -> dict[KnownValue, _Sent]:
        """The tester's own values at this place."""
        found: dict[KnownValue, _Sent] = {}
        if self.known:
            for session, text, exchange in filled.values:
                if value := self.known.get((exchange, place.path, text)):
                    found.setdefault(value, defaultdict(set))[session.id].add(bare(text))
        return found

    def _account(self, sent: Mapping[str, Set[str]]) -> _Sent:
        """Those of the tokens at a place that an account brought: sent nowhere before signing in."""
        brought = first_sent_after_sign_in(sent, self._sessions())
        first: dict[str, Session] = {}
        for session in sorted((self.seen.sessions[name] for name in brought), key=lambda item: item.order):
            for token in brought[session.id]:
                first.setdefault(token, session)
        old = {token for token, session in first.items() if self.seen.was_sent_before(token, session)}
        return {session: tokens - old for session, tokens in brought.items() if tokens - old}

    def _lifetime(self, sent: Mapping[str, Set[str]], *, is_own: bool) -> Lifetime:
        """How long it lives; what each fresh installation has of its own ends with the app's data."""
        lives = lifetime(sent, self._sessions())
        n_sent = Counter(token for tokens in sent.values() for token in tokens)
        outlasts = max(n_sent.values()) > 1 and lives.ends_with in {FOREVER, UNKNOWN}
        if is_own and self.comparison is ComparisonKind.INSTALLATIONS and outlasts:
            return replace(lives, ends_with=Phase.CLEAR_DATA.value)
        return lives

    def _sessions(self) -> list[Sequence[Session]]:
        return [self.seen.of_device(device) for device in sorted(self.seen.devices)]

    def _found(
        self,
        place: FieldPlace,
        filled: Filled,
        sent: Mapping[str, Set[str]],
        known: Mapping[KnownValue, _Sent],
        *,
        is_certain: bool,
    ) -> Found | None:
        if not any(sent.values()):
            return None
        lives = self._lifetime(sent, is_own=is_certain and not known)
        everything = frozenset().union(*sent.values())
        recognised = tuple(
            value
            for value, where in sorted(known.items(), key=lambda item: item[0].name)
            if everything & _all_tokens(where)
        )
        is_account = self._account(sent).keys() == sent.keys()
        meaning, evidence = carrying(self.seen, place, filled, everything)
        kind, basis = kind_of(lives, recognised, meaning, is_account=is_account)
        return Found(
            place=place,
            receiver=filled.receiver,
            kind=kind,
            basis=basis,
            meaning=meaning,
            lifetime=lives,
            sent={session: frozenset(values) for session, values in sent.items() if values},
            sessions=tuple(self.seen.sessions[session] for session in sent if sent[session]),
            comparison=self.comparison,
            is_certain=is_certain or bool(recognised),
            is_sent_once=all(self.seen.n_records(token) == 1 for token in everything),
            known=recognised,
            n_values=len(everything),
            evidence=evidence,
        )


_COMPARED = frozenset({ComparisonKind.TWINS, ComparisonKind.INSTALLATIONS})


def _all_tokens(sent: Mapping[str, Set[str]]) -> set[str]:
    return {piece for values in sent.values() for value in values for piece in tokens(value)}


def _less(sent: _Sent, apart: Mapping[KnownValue, _Sent]) -> _Sent:
    """*sent* without values that are told apart; empty if nothing is left."""
    taken = {token for where in apart.values() for token in _all_tokens(where)}
    left = {session: values - taken for session, values in sent.items()}
    return left if any(left.values()) else {}


def _without(sent: Mapping[str, Set[str]], others: Mapping[str, Set[str]]) -> _Sent:
    return {session: set(values - others.get(session, frozenset())) for session, values in sent.items()}


def _is_a_measurement(found: Found) -> bool:
    """True for what is new each session and does not look random: free memory, a level, a counter."""
    return found.lifetime.ends_with == SESSION and not any(looks_random(token) for token in found.tokens)


def carrying(
    seen: Occurrences, place: FieldPlace, filled: Filled, everything: Set[str]
) -> tuple[Documented | None, tuple[str, ...]]:
    """What a document says of the values that hold these tokens, and some exchanges that carried them."""
    texts = [
        (text, exchange) for _, text, exchange in filled.values if not everything.isdisjoint(tokens(text))
    ]
    meanings = (seen.documented(place, text) for text, _ in texts)
    return (
        next((meaning for meaning in meanings if meaning), None),
        tuple(dict.fromkeys(exchange for _, exchange in texts))[:EVIDENCE],
    )


def first_sent_after_sign_in(
    sent: Mapping[str, Set[str]], devices: Sequence[Sequence[Session]]
) -> dict[str, set[str]]:
    """Of the tokens at a place, those that an account brought, by session; empty if signing in brought none.

    They are first sent in a session that began with signing in, last longer than one session if there was
    a later one to last into, and stand where nothing stood before, or something that outlived a session.
    """
    brought: dict[str, set[str]] = defaultdict(set)
    for sessions in devices:
        n_sent = Counter(token for session in sessions for token in sent.get(session.id, ()))
        earlier: set[str] = set()
        for number, session in enumerate(sessions):
            new = sent.get(session.id, frozenset()) - earlier
            is_stable = not earlier or any(n_sent[token] > 1 for token in earlier)
            if session.phase is Phase.SIGN_IN and is_stable:
                later = [item for item in sessions[number + 1 :] if sent.get(item.id)]
                lasting = {token for token in new if n_sent[token] > 1 or not _goes_on(later)}
                for item in (session, *later):
                    if stays := lasting & sent.get(item.id, frozenset()):
                        brought[item.id] |= stays
            earlier |= sent.get(session.id, frozenset())
    return brought


def _goes_on(later: Sequence[Session]) -> bool:
    """True if the device was still signed in, and nothing reset, when the place was next filled in."""
    return bool(later) and later[0].phase in {Phase.BASE, Phase.IDLE, Phase.RESTART, Phase.INCOGNITO}
