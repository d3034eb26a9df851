"""How long a value lives: what it survives, asked device by device, and so what it names."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from itertools import pairwise

from hometruth.model.identifier import (
    FOREVER,
    RESETS,
    SESSION,
    UNKNOWN,
    Basis,
    Documented,
    IdentifierKind,
    Kept,
    KnownValue,
    Lifetime,
    Names,
    Phase,
    Session,
)

BY_ITSELF = (Phase.IDLE, Phase.RESTART)
"""What is gone after these is gone without any reset."""

Sent = Mapping[str, Set[str]]
"""Session id to the tokens that it sent at one place."""


def lifetime(sent: Sent, devices: Sequence[Sequence[Session]]) -> Lifetime:
    """Compare what was *sent* before and after each phase.

    Args:
        devices: For each device its sessions, in order.
    """
    boundaries: dict[Phase, list[bool]] = defaultdict(list)
    into: list[bool] = []
    between: list[bool] = []
    for sessions in devices:
        for phase, kept in _boundaries(sent, sessions):
            boundaries[phase].append(kept)
        from_normal, from_private = _private(sent, sessions)
        into += _once(from_normal)
        between += _once(from_private)
    survived = {phase: _count(answers) for phase, answers in boundaries.items()}
    return Lifetime(
        _ends_with(sent, survived, devices),
        tuple((phase, survived[phase]) for phase in Phase if phase in survived),
        _count(into),
        _count(between),
    )


def _ends_with(sent: Sent, survived: Mapping[Phase, Kept], devices: Sequence[Sequence[Session]]) -> str:
    if any(survived[phase].is_gone for phase in BY_ITSELF if phase in survived) or _is_new_each_time(
        sent, devices
    ):
        return SESSION
    asked = [phase for phase in RESETS if phase in survived and survived[phase].asked]
    gone = next((phase for phase in asked if survived[phase].is_gone), None)
    if gone:
        return gone.value
    return FOREVER if asked else UNKNOWN


def _is_new_each_time(sent: Sent, devices: Sequence[Sequence[Session]]) -> bool:
    """True if no token was sent in two sessions, although a device had two, or each session sent several."""
    filled = [session for session in sent.values() if session]
    tokens = [token for session in filled for token in session]
    had_two = any(sum(bool(sent.get(session.id)) for session in sessions) > 1 for sessions in devices)
    several = bool(filled) and all(len(session) > 1 for session in filled)
    return (had_two or several) and len(set(tokens)) == len(tokens)


def _boundaries(sent: Sent, sessions: Sequence[Session]) -> list[tuple[Phase, bool]]:
    """For each thing done to one device, whether the value outlived it; nothing where the place was empty."""
    normal = [session for session in sessions if not session.is_incognito]
    stretches: list[list[Session]] = []
    for session in normal:
        goes_on = stretches and (
            session.phase is Phase.BASE or session.phase is stretches[-1][0].phase is Phase.CLOCK
        )
        if goes_on:
            stretches[-1].append(session)
        else:
            stretches.append([session])
    answers = []
    for before, after in pairwise(stretches):
        old, new = _tokens(sent, before), _tokens(sent, after)
        if old and new:
            answers.append((after[0].phase, bool(old & new)))
    return answers


def _tokens(sent: Sent, stretch: Sequence[Session]) -> Set[str]:
    """What was sent in a stretch between two actions; of a schedule of days, what was sent on the last."""
    filled = [sent[session.id] for session in stretch if sent.get(session.id)]
    if stretch[0].phase is Phase.CLOCK:
        filled = filled[-1:]
    return frozenset().union(*filled)


def _private(sent: Sent, sessions: Sequence[Session]) -> tuple[list[bool], list[bool]]:
    """For one device, whether private windows sent what the normal, and the private, one before did."""
    from_normal, from_private = [], []
    normal: Set[str] = frozenset()
    private: Set[str] = frozenset()
    for session in sessions:
        if session.phase in RESETS:
            normal = private = frozenset()
        tokens = sent.get(session.id)
        if not tokens:
            continue
        if not session.is_incognito:
            normal = tokens
            continue
        if normal:
            from_normal.append(bool(normal & tokens))
        if private:
            from_private.append(bool(private & tokens))
        private = tokens
    return from_normal, from_private


def _once(answers: Sequence[bool]) -> list[bool]:
    """One answer a device: a single time that it was the same is enough."""
    return [any(answers)] if answers else []


def _count(answers: Sequence[bool]) -> Kept:
    return Kept(sum(answers), len(answers))


def kind_of(
    lives: Lifetime,
    known: Sequence[KnownValue],
    meaning: Documented | None,
    *,
    is_account: bool,
) -> tuple[IdentifierKind, Basis]:
    """What is seen comes before what is documented."""
    if kind := _known(known):
        return kind, Basis.OWN
    if is_account:
        return IdentifierKind.ACCOUNT, Basis.OBSERVED
    if (kind := _observed(lives)) is not IdentifierKind.UNKNOWN:
        return kind, Basis.OBSERVED
    if meaning and meaning.names.is_sender:
        return _DOCUMENTED[meaning.names], Basis.DOCUMENTED
    return IdentifierKind.UNKNOWN, Basis.NONE


_DOCUMENTED = {Names.INSTALLATION: IdentifierKind.INSTALLATION, Names.SESSION: IdentifierKind.SESSION}


def _known(known: Sequence[KnownValue]) -> IdentifierKind | None:
    if not known:
        return None
    value = known[0]
    if value.kind == "account":
        return IdentifierKind.ACCOUNT
    if "adver" in value.name.lower():
        return IdentifierKind.ADVERTISING
    return IdentifierKind.DEVICE if value.kind == "device-id" else None


def _observed(lives: Lifetime) -> IdentifierKind:
    """What a value names, by what ends it."""
    cleared = lives.kept(Phase.CLEAR_DATA)
    reinstalled = lives.kept(Phase.REINSTALL)
    if lives.ends_with == SESSION:
        return IdentifierKind.SESSION
    if lives.kept(Phase.AD_ID_RESET).is_gone and not cleared.is_gone:
        return IdentifierKind.ADVERTISING
    if cleared.is_gone or reinstalled.is_gone or lives.ends_with == Phase.CLEAR_DATA:
        return IdentifierKind.INSTALLATION
    if lives.kept(Phase.REINSTALL_ALL).is_gone:
        return IdentifierKind.VENDOR
    return IdentifierKind.DEVICE if cleared.asked or reinstalled.asked else IdentifierKind.UNKNOWN
