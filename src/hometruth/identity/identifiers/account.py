"""Tokens that an account brings: told from what they take the place of."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set

from hometruth.identity.identifiers.event import Phase, Session


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
