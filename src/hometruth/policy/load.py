"""Reads a policy: TOML, checked against these types, and against the canaries that it speaks of."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from ipaddress import ip_address
from pathlib import Path, PurePath
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hometruth.errors import PolicyError
from hometruth.handed_in import Count, Place, Table, Text, Texts, checked_toml, read_text, suggestion
from hometruth.model import (
    LET_THROUGH,
    CanaryKind,
    Condition,
    GapKind,
    HostPattern,
    Part,
    PersonalCategory,
    PersonalKind,
    Ruling,
    Tells,
    Transfer,
    Unnamed,
)

ANYBODY = "*"
_HOST = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*")
OPAQUE_SHARE = 0.25
"""Share of sent bytes, media apart, that may be unreadable where a policy does not say."""
NO_LIMIT = LET_THROUGH | {GapKind.OPAQUE, GapKind.MEDIA, GapKind.UNUSED, GapKind.NEVER_RECORDED}
"""Gaps that may be any number where a policy does not say: the bytes of what is opaque or was let through are
in the share, and those of media are told beside it. What a recorder never writes down is the same on every
run, so that a person decides about it once."""
Hosts = Annotated[Texts, Meta(min_length=1)]
Handling = Literal["leak", "refuse", "note"]
HANDLINGS: tuple[Handling, ...] = ("leak", "refuse", "note")
UnnamedHandling = Literal["leak", "refuse", "note", "off"]
Share = Annotated[float, Meta(ge=0, le=1)]
NotNegative = Annotated[int, Meta(ge=0)]


class Permission(Table, frozen=True, kw_only=True):
    """Who may get what under which condition, and why."""

    canary: Text | None = None
    """Its name; ``*`` and ``?`` stand for what they do in a shell."""
    unnamed: Text | None = None
    """In place of a canary, what looks personal and nobody named: a kind or category; patterns likewise."""
    to: Hosts
    """Hosts; ``*.host`` for those below, ``*`` for anybody."""
    reason: Text
    kind: CanaryKind | None = None
    part: Part | None = None
    """Only there: ``query``, ``body`` …"""
    field: Text | None = None
    """Only in the field of this path, as the gate prints it; patterns as of names."""
    tells: Tells = Tells.WHOLE
    """No more of the value than this."""
    under: dict[str, Text | Texts] = msgspec.field(default_factory=dict)
    """Only under this condition: factor and level, or levels."""


class Waiver(Permission, frozen=True, kw_only=True):
    """A leak that somebody answers for until a day."""

    owner: Text
    until: date
    """The last day on which it holds, in UTC."""


class MustBeSeen(Table, frozen=True):
    """A positive control: a canary that must be seen to arrive, or nothing shows that a leak would be."""

    canary: Text
    to: Hosts = (ANYBODY,)
    under: dict[str, Text | Texts] = msgspec.field(default_factory=dict)
    """Only under this condition; under each by default, since silence under one says nothing of another."""


SOMETHING = MustBeSeen(ANYBODY)


class SightLimits(Table, frozen=True):
    """How much a gate that passes may have missed."""

    opaque_share: Share = OPAQUE_SHARE
    exchanges: Count = 1
    """Fewest requests."""
    gaps: dict[GapKind, NotNegative] = msgspec.field(default_factory=dict)
    """Most gaps of a kind; 0 of those that no limit is set for, any number of those in `NO_LIMIT`."""


class RecordedUnder(Table, frozen=True):
    """Under which condition recordings were made."""

    files: Annotated[Texts, Meta(min_length=1)]
    """Names, or ends of paths; patterns as of names of canaries."""
    under: Annotated[dict[str, Text], Meta(min_length=1)]


class Policy(Table, frozen=True):
    """Everything that a policy file may say."""

    baseline: Text | None = None
    """File of leaks known before, beside the policy."""
    on_attempt: Handling = "refuse"
    """What an attempt that nothing allows is: a leak, a reason not to pass, or a note. Where no tracker can
    be reached, as in many test environments, every leak is an attempt."""
    on_weak: Handling = "refuse"
    """Likewise evidence of less than 40 bits, as of a plain e-mail address."""
    on_unnamed: UnnamedHandling = "note"
    """Likewise what looks personal to a third party, and nobody named; ``off``: it is not looked for."""
    unnamed: dict[Text, UnnamedHandling] = msgspec.field(default_factory=dict)
    """The same for one kind, or one category of them."""
    first_party: tuple[Text, ...] = ()
    """Hosts of one's own, which may get what nobody named; without any, those of the first page opened."""
    organisations: dict[Text, Text] = msgspec.field(default_factory=dict)
    """Who is behind a host, or behind all of a registrable domain, where nobody else says it."""
    limits: SightLimits = SightLimits()
    allow: tuple[Permission, ...] = ()
    waiver: tuple[Waiver, ...] = ()
    control: tuple[MustBeSeen, ...] = ()
    captures: tuple[RecordedUnder, ...] = ()

    def handling_of(self, transfer: Transfer) -> str:
        """What becomes of a transfer that nothing allows: leak, refuse or note.

        A weak attempt is no more than the lesser of the two.
        """
        told = []
        if transfer.ruling is Ruling.WEAK:
            told.append(self.on_weak)
        if transfer.ruling is Ruling.ATTEMPT or transfer.delivered.is_attempt:
            told.append(self.on_attempt)
        return max(told, key=HANDLINGS.index, default="leak")

    def handling_of_unnamed(self, kind: PersonalKind) -> str:
        """What becomes of what looks like this: leak, refuse, note or off.

        That somebody was contacted at all counts only where the policy says so of it by name.
        """
        if kind is PersonalKind.CONNECTION:
            return self.unnamed.get(kind, "off")
        return self.unnamed.get(kind, self.unnamed.get(kind.category, self.on_unnamed))

    def handling_of_sent(self, sent: Unnamed) -> str:
        """The same for one that was seen: if it was only tried, no more than an attempt is."""
        told = [self.handling_of_unnamed(sent.kind)]
        if sent.delivered.is_attempt:
            told.append(self.on_attempt)
        return max(told, key=(*HANDLINGS, "off").index)

    @property
    def may_fail_unnamed(self) -> bool:
        """True if something that nobody named is a leak, or a reason not to pass."""
        return any(self.handling_of_unnamed(kind) in ("leak", "refuse") for kind in PersonalKind)

    def sought(self) -> frozenset[PersonalKind]:
        """Kinds of personal data that are looked for although nobody named them."""
        return frozenset(kind for kind in PersonalKind if self.handling_of_unnamed(kind) != "off")

    def controls_under(self, condition: Condition) -> tuple[MustBeSeen, ...]:
        """What must be seen to arrive under it: some canary somewhere, where the policy says nothing."""
        return tuple(each for each in self.control if holds_under(each.under, condition)) or (SOMETHING,)

    def said_conditions(self) -> Iterator[Mapping[str, tuple[str, ...]]]:
        """Levels by factor under which the policy says that something is recorded, or must be seen."""
        yield from (levels_of(each.under) for each in self.captures)
        yield from (levels_of(each.under) for each in self.control if each.under)

    def condition_of(
        self, capture: str, *, within: str = "", under: Mapping[str, str] | None = None
    ) -> Condition:
        """Under which condition a recording was made; everything that fits is said of it.

        Args:
            within: The archive that it lies in: what is said of that is said of it.
            under: Levels that are given for all recordings.

        Raises:
            PolicyError: Two levels of one factor are said of it.
        """
        levels = dict(under or {})
        paths = [PurePath(each) for each in (capture, within) if each]
        for each in self.captures:
            patterns = [pattern.replace("[", "[[]") for pattern in each.files]
            if not any(path.match(pattern) for path in paths for pattern in patterns):
                continue
            for factor, level in each.under.items():
                if levels.setdefault(factor, level) != level:
                    raise PolicyError(
                        f"{capture}: {factor} is {levels[factor]!r} and {level!r}, by [[captures]] or "
                        "--under: a recording is made under one condition"
                    )
        return Condition(tuple(sorted(levels.items())))


NO_POLICY = Policy()
"""Nothing is allowed, and some canary must have arrived somewhere."""
NOBODY_NAMED = Policy(on_unnamed="refuse")
"""The same where there are no canaries: what looks personal has to be looked at by somebody."""


def load_policy(path: Path, names: Collection[str] | None) -> Policy:
    """The policy in a file.

    Args:
        path: TOML.
        names: Names of the canaries that are looked for; None if they are not known yet.

    Raises:
        PolicyError: It cannot be read, is none, or speaks of a canary that has none of these names.
    """
    return parse_policy(read_text(path, PolicyError), str(path), names)


def parse_policy(text: str, where: str, names: Collection[str] | None) -> Policy:
    """The policy that *text* is; *where* names it in errors. As `load_policy`."""
    policy, place = checked_toml(text, where, Policy, PolicyError)
    for table in ("allow", "waiver", "control"):
        for number, each in enumerate(getattr(policy, table)):
            if isinstance(each, Permission):
                _check_what(each, place.at(table, number))
            if names is not None and each.canary is not None:
                _check_names(each.canary, place.at(table, number), names)
            _check_hosts(each.to, place.at(table, number))
    for name in policy.unnamed:
        _check_unnamed(name, place.at("unnamed"), name)
    for name, hosts in (("first_party", policy.first_party), ("organisations", policy.organisations)):
        if fault := host_fault(hosts):
            place.fail(f"{name} holds {fault}", name)
    return policy


PERSONAL_NAMES = (*map(str, PersonalKind), *map(str, PersonalCategory))
"""What one may call personal data that nobody named."""


def _check_what(permission: Permission, place: Place) -> None:
    """A canary, or what nobody named; not both, and not a field that only the other has."""
    if (permission.canary is None) == (permission.unnamed is None):
        place.fail("needs canary, or unnamed in its place, and not both")
    if permission.unnamed is None:
        return
    _check_unnamed(permission.unnamed, place, "unnamed")
    for name, given in (
        ("kind", permission.kind is not None),
        ("tells", permission.tells is not Tells.WHOLE),
    ):
        if given:
            place.fail(f"{name} is said of canaries, not of what nobody named", name)


def _check_unnamed(pattern: str, place: Place, key: str) -> None:
    if not any(fits_name(name, pattern) for name in PERSONAL_NAMES):
        have = ", ".join(PERSONAL_NAMES)
        place.fail(
            f"nothing personal is called {pattern!r:.80}{suggestion(pattern, PERSONAL_NAMES)} (have: {have})",
            key,
        )


def _check_names(pattern: str, place: Place, names: Collection[str]) -> None:
    if not any(fits_name(name, pattern) for name in names):
        have = ", ".join(sorted(names)[:20])
        close = suggestion(pattern, names)
        place.fail(f"canary is {pattern!r:.80}, and no canary is called so{close} (have: {have})", "canary")


def _check_hosts(hosts: Iterable[str], place: Place) -> None:
    if fault := host_fault(hosts):
        place.fail(f"to holds {fault}", "to")


def host_fault(hosts: Iterable[str]) -> str:
    """What is wrong with the first of these that no host can ever fit; empty if nothing is."""
    for host in hosts:
        if host != ANYBODY and not _HOST.fullmatch(host) and not _is_address(host):
            return (
                f"{host!r:.80}; give host names in lower case and ASCII, without scheme, port or path, or "
                "*.host for those below it"
            )
    return ""


def _is_address(text: str) -> bool:
    try:
        return str(ip_address(text)) == text
    except ValueError:
        return False


def fits_name(name: str, pattern: str) -> bool:
    """True if it is this name, or one that the pattern is for."""
    return _named(pattern).fullmatch(name) is not None


@cache
def _named(pattern: str) -> re.Pattern[str]:
    """``*`` is any text and ``?`` any character; ``[*]`` is itself, as in the name of a field."""
    pieces = re.split(r"(\[\*\]|\*|\?)", pattern)
    return re.compile("".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pieces), re.DOTALL)


def goes_to(patterns: Iterable[str], host: str) -> bool:
    """True if one of these patterns is for this host, with or without the dot that ends a whole name."""
    host = host.removesuffix(".")
    return any(each == ANYBODY or HostPattern(each).fits(host) for each in patterns)


def holds_under(under: Mapping[str, str | Texts], condition: Condition) -> bool:
    """True if a permission that names *under* holds where this is the condition."""
    return condition.matches(levels_of(under))


def levels_of(under: Mapping[str, str | Texts]) -> dict[str, tuple[str, ...]]:
    """Levels by factor, where a policy may write one alone."""
    return {factor: (level,) if isinstance(level, str) else level for factor, level in under.items()}
