"""Reads a policy: TOML, checked against these types, and against the canaries that it speaks of."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hometruth.errors import PolicyError
from hometruth.handed_in import Count, Place, Table, Text, Texts, checked_toml, read_text
from hometruth.model import CanaryKind, Condition, GapKind, HostPattern, Part, Ruling

ANYBODY = "*"
OPAQUE_SHARE = 0.25
"""Share of sent bytes that may be unreadable where a policy does not say."""
NO_LIMIT = frozenset(
    {
        *(GapKind.OPAQUE, GapKind.MEDIA, GapKind.UNUSED, GapKind.PASSED, GapKind.NOT_LOOKED_INTO),
        GapKind.NEVER_RECORDED,
    }
)
"""Gaps that may be any number where a policy does not say: their bytes, if any, are in the share. What a
recorder never writes down is the same on every run, so that a person decides about it once."""
Hosts = Annotated[Texts, Meta(min_length=1)]
Share = Annotated[float, Meta(ge=0, le=1)]
NotNegative = Annotated[int, Meta(ge=0)]


class Permission(Table, frozen=True):
    """Who may get what under which condition, and why."""

    canary: Text
    """Its name; ``*`` and ``?`` stand for what they do in a shell."""
    to: Hosts
    """Hosts; ``*.host`` for those below, ``*`` for anybody."""
    reason: Text
    kind: CanaryKind | None = None
    part: Part | None = None
    """Only there: ``query``, ``body`` …"""
    field: Text | None = None
    """Only in the field of this path, as the gate prints it; patterns as of names."""
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
    on_attempt: Literal["leak", "refuse", "note"] = "refuse"
    """What an attempt that nothing allows is: a leak, a reason not to pass, or a note. Where no tracker can
    be reached, as in many test environments, every leak is an attempt."""
    on_weak: Literal["leak", "refuse", "note"] = "refuse"
    """Likewise evidence of less than 40 bits, as of a plain e-mail address."""
    limits: SightLimits = SightLimits()
    allow: tuple[Permission, ...] = ()
    waiver: tuple[Waiver, ...] = ()
    control: tuple[MustBeSeen, ...] = ()
    captures: tuple[RecordedUnder, ...] = ()

    def handling_of(self, ruling: Ruling) -> str:
        """What becomes of a transfer that nothing allows: leak, refuse or note."""
        match ruling:
            case Ruling.ATTEMPT:
                return self.on_attempt
            case Ruling.WEAK:
                return self.on_weak
        return "leak"

    def condition_of(self, capture: str) -> Condition:
        """Under which condition a recording was made; everything that fits is said of it."""
        path = PurePath(capture)
        levels: dict[str, str] = {}
        for each in self.captures:
            if any(path.match(pattern) for pattern in each.files):
                levels |= each.under
        return Condition(tuple(sorted(levels.items())))


NO_POLICY = Policy()
"""Nothing is allowed, and some canary must have arrived somewhere."""


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
            if names is not None:
                _check_names(each.canary, place.at(table, number), names)
            _check_hosts(each.to, place.at(table, number))
    return policy


def _check_names(pattern: str, place: Place, names: Collection[str]) -> None:
    if not any(fits_name(name, pattern) for name in names):
        have = ", ".join(sorted(names)[:20])
        place.fail(f"canary is {pattern!r:.80}, and no canary is called so (have: {have})", "canary")


def _check_hosts(hosts: Iterable[str], place: Place) -> None:
    for host in hosts:
        if host != ANYBODY and ("/" in host or ":" in host or host != host.lower() or not host.strip("*.")):
            place.fail(
                f"to holds {host!r:.80}; give host names in lower case, without scheme, port or path", "to"
            )


def fits_name(name: str, pattern: str) -> bool:
    """True if it is this name, or one that the pattern is for; ``d[*].u`` is the name of a field, too."""
    return name == pattern or fnmatchcase(name, pattern)


def goes_to(patterns: Iterable[str], host: str) -> bool:
    """True if one of these patterns is for this host."""
    return any(each == ANYBODY or HostPattern(each).fits(host) for each in patterns)


def holds_under(under: Mapping[str, str | Texts], condition: Condition) -> bool:
    """True if a permission that names *under* holds where this is the condition."""
    return condition.matches(
        {factor: (level,) if isinstance(level, str) else level for factor, level in under.items()}
    )
