"""Q2: what a receiver can join by the identifiers it gets: a graph of sessions and values."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations

from hometruth.identity.identifiers.codes import Union
from hometruth.identity.identifiers.occurrences import Event
from hometruth.identity.identifiers.tokens import bare, tokens
from hometruth.model.identified import Link, LinkKind
from hometruth.model.identifier import RESETS, Found, IdentifierKind, Kept, Phase, Session

BOUNDARIES = (*RESETS, Phase.CLOCK_GAP, Phase.SIGN_IN, Phase.SIGN_OUT)
"""After which a person expects, or was promised, to be somebody new."""


def components(found: Iterable[Found], receiver: str | None = None) -> tuple[frozenset[Session], ...]:
    """Sessions that belong together by the values they share, largest first.

    Args:
        receiver: Whose eyes to look with; None for all receivers together.
    """
    union: Union[Session | str] = Union()
    for item in found:
        if receiver in {None, item.receiver}:
            for session in item.sessions:
                for token in item.sent[session.id]:
                    union.join(session, token)
    groups = [frozenset(node for node in group if isinstance(node, Session)) for group in union.groups()]
    return tuple(sorted(groups, key=lambda group: (-len(group), min(item.id for item in group))))


def links(found: Sequence[Found], events: Iterable[Event]) -> tuple[Link, ...]:
    """Every pair of things that a value ties together, by kind."""
    return (
        *_same_value(found, LinkKind.APPS, lambda item: item.place.app),
        *_same_value(found, LinkKind.HOSTS, lambda item: item.place.host),
        *_kept(found, LinkKind.INCOGNITO, ("normal", "incognito"), lambda item: item.lifetime.incognito),
        *_kept(
            found,
            LinkKind.TWO_INCOGNITO,
            ("incognito", "the next incognito"),
            lambda item: item.lifetime.between_incognito,
        ),
        *_resets(found),
        *_accounts(found, events),
        *_devices(found),
    )


def _same_value(found: Sequence[Found], kind: LinkKind, thing_of: Callable[[Found], str]) -> Iterator[Link]:
    """Pairs of apps, or of hosts, to which one device sent the same value."""
    where: dict[str, list[Found]] = defaultdict(list)
    for item in found:
        if thing_of(item):
            for token in item.tokens:
                where[token].append(item)
    via: dict[tuple[str, str], dict[Found, None]] = defaultdict(dict)
    on: dict[tuple[str, str], set[str]] = defaultdict(set)
    for token, items in where.items():
        for one, other in combinations(sorted({thing_of(item) for item in items}), 2):
            both = [item for item in items if thing_of(item) in {one, other}]
            via[one, other].update(dict.fromkeys(both))
            on[one, other].update(
                session.device for item in both for session in item.sessions if token in item.sent[session.id]
            )
    for pair in sorted(via):
        yield Link(kind, pair, tuple(via[pair]), len(on[pair]))


def _kept(
    found: Sequence[Found], kind: LinkKind, between: tuple[str, str], asked: Callable[[Found], Kept]
) -> Iterator[Link]:
    """For each receiver, identifiers that stay the same from one side to the other."""
    for receiver in sorted({item.receiver for item in found}):
        via = tuple(item for item in found if item.receiver == receiver and asked(item).kept)
        if via:
            yield Link(kind, between, via, max(asked(item).kept for item in via))


def _resets(found: Sequence[Found]) -> Iterator[Link]:
    for phase in BOUNDARIES:
        between = (f"before {phase}", f"after {phase}")
        yield from _kept(found, LinkKind.RESET, between, partial(_kept_over, phase))


def _kept_over(phase: Phase, item: Found) -> Kept:
    return item.lifetime.kept(phase)


def _accounts(found: Sequence[Found], events: Iterable[Event]) -> Iterator[Link]:
    """Accounts named in the same record as an identifier that was also sent without the account."""
    accounts = _by_token(item for item in found if item.kind is IdentifierKind.ACCOUNT)
    others = _by_token(
        item for item in found if item.kind not in {IdentifierKind.ACCOUNT, IdentifierKind.SESSION}
    )
    signed_in = {session for items in accounts.values() for item in items for session in item.sent}
    anonymous = {
        token
        for token, items in others.items()
        if any(
            token in map(bare, sent)
            for item in items
            for name, sent in item.sent.items()
            if name not in signed_in
        )
    }
    via: dict[tuple[str, str], dict[Found, None]] = defaultdict(dict)
    on: dict[tuple[str, str], set[str]] = defaultdict(set)
    example: dict[tuple[str, str], str] = {}
    for event in events if accounts else ():
        here = [(path, token) for path, text in event.fields for token in tokens(text)]
        named = _standing(accounts, accounts.keys(), here, event)
        for account in named:
            for other in _standing(others, anonymous, here, event):
                pair = (account.place.path, other.place.path)
                via[pair].update({account: None, other: None})
                on[pair].add(event.session.device)
                example.setdefault(pair, event.exchange)
    for pair in sorted(via):
        yield Link(LinkKind.ACCOUNT, pair, tuple(via[pair]), len(on[pair]), example[pair])


def _standing(
    found: Mapping[str, Sequence[Found]],
    wanted: Collection[str],
    here: Iterable[tuple[str, str]],
    event: Event,
) -> list[Found]:
    """Identifiers whose value stands at its own place in *event*."""
    return [
        item
        for path, token in here
        if token in wanted
        for item in found[token]
        if (item.place.app, item.place.host, item.place.path) == (event.app, event.host, path)
    ]


def _by_token(found: Iterable[Found]) -> dict[str, list[Found]]:
    where: dict[str, list[Found]] = defaultdict(list)
    for item in found:
        for token in item.tokens:
            where[bare(token)].append(item)
    return where


def _devices(found: Sequence[Found]) -> Iterator[Link]:
    """Devices that sent the same value: only an account, or a value that the tester gave, can be shared."""
    for receiver in sorted({item.receiver for item in found}):
        mine = [item for item in found if item.receiver == receiver]
        for token, items in _by_token(mine).items():
            devices = sorted(
                {
                    session.device
                    for item in items
                    for session in item.sessions
                    if token in map(bare, item.sent[session.id])
                }
            )
            if len(devices) > 1:
                yield Link(LinkKind.DEVICES, (devices[0], devices[1]), tuple(items), len(devices))
