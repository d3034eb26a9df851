"""What `hometruth identify` prints for people."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from hometruth.model.identified import Code, Identified, Link, LinkKind, Rotation, Unread
from hometruth.model.identifier import (
    LONGEST_VALUE,
    RESETS,
    SESSION,
    UNKNOWN,
    Basis,
    ComparisonKind,
    Found,
    IdentifierKind,
    Phase,
)
from hometruth.report.identifier_words import ACTIONS, SHOWN, describe, listed, tell, tell_open_tie
from hometruth.report.text import escape_terminal, mask

HOSTS_SHOWN = 5
"""Hosts that a limit names."""


def shown(*, reveal: bool) -> Callable[[str], str]:
    """How a value is shown."""
    return escape_terminal if reveal else lambda value: escape_terminal(mask(value))


def identified_text(found: Identified, show: Callable[[str], str]) -> str:
    """The answer as text."""
    n = len({session.device for session in found.sessions})
    ties = found.open_ties
    still_open = [group for group in found.undecided if group[0].is_open]
    explained = [group for group in found.undecided if not group[0].is_open]
    noun = "installation" if found.comparison is ComparisonKind.INSTALLATIONS else "device"
    lines = [
        f"{found.n_records:,} records, {len(found.sessions)} sessions, {n} {noun}{'s' * (n != 1)}. "
        f"{judged_by(found.comparison)}",
        "",
        *(f"  {tell_open_tie(tie, show)}" for tie in ties[:SHOWN]),
        *(f"  {line}" for line in summary(found, len(still_open))),
    ]
    lines += _section("IDENTIFIERS", [describe(code, show) for code in found.codes])
    lines += _section("UNDECIDED", [tell(group, show) for group in still_open])
    lines += _section("NO IDENTIFIERS, BY PUBLIC DOCUMENTS", [tell(group, show) for group in explained])
    lines += _section("RESETS", tell_resets(found.codes))
    lines += _section("ROTATION", list(dict.fromkeys(_rotations(found))))
    lines += _section("LINKS", tell_links(found.links))
    lines += _section("WHAT THIS DOES NOT SHOW", limits(found))
    return escape_lines(lines)


def escape_lines(lines: list[str]) -> str:
    """Lines that came from the network in part, made harmless."""
    return "\n".join(escape_terminal(line) for line in lines)


def _section(title: str, sentences: list[str]) -> list[str]:
    return ["", title, *(f"  {sentence}" for sentence in sentences)] if sentences else []


def _rotations(found: Identified) -> Iterator[str]:
    for code in found.codes:
        seen = found.rotations.get(code)
        if seen and (seen.is_asked or seen.outlives or seen.renewed_after_gap is not None):
            yield tell_rotation(code.found[0], seen)


def limits(found: Identified) -> list[str]:
    """What a receiver may have, or may do, that was not looked at."""
    unread: Unread = found.unread
    told = ["Every receiver also sees the IP address, and may recognise a TLS session ticket: not looked at."]
    if unread.opaque_bytes:
        total = sum(unread.opaque_bytes.values())
        told.append(
            f"{total:,} bytes could not be read; they may hold identifiers: {_hosts(unread.opaque_bytes)}."
        )
    if unread.dropped_bodies:
        told.append(
            f"{unread.dropped_bodies.total():,} bodies were not recorded: {_hosts(unread.dropped_bodies)}."
        )
    if unread.never_seen:
        told.append(
            f"{unread.never_seen.total():,} connections could not be opened: {_hosts(unread.never_seen)}."
        )
    if unread.long_values:
        told.append(
            f"{unread.long_values:,} texts of more than {LONGEST_VALUE:,} characters were not looked into."
        )
    if unread.other_gaps:
        told.append(f"{unread.other_gaps:,} entries were damaged, or reached a limit of the peeling.")
    if found.comparison is ComparisonKind.TWINS:
        told.append(
            "What both devices share is taken for nobody's: a number that two in millions share is missed."
        )
    if found.sent_once:
        told.append(
            f"Sent only once, and not shown: {found.sent_once:,} values that look random. They are numbers of"
            " records, or identifiers that were not sent again."
        )
    if not found.declares_inputs and found.comparison is not ComparisonKind.ALONE:
        told.append("Nothing was declared with --planted: what you typed or visited may be among the codes.")
    if any(code.basis is Basis.DOCUMENTED for code in found.codes):
        told.append("What is documented is what the vendor, or others, wrote: it was not seen here.")
    return told


def _hosts(counts: Counter[str]) -> str:
    named = ", ".join(host for host, _ in counts.most_common(HOSTS_SHOWN))
    more = len(counts) - HOSTS_SHOWN
    return f"{named} and {more} more hosts" if more > 0 else named


def tell_resets(codes: Sequence[Code]) -> list[str]:
    """For each reset that was tried, how many codes it changed, and what the others go on joining."""
    told = []
    for phase in (*RESETS, Phase.CLOCK_GAP):
        asked = [
            code
            for code in codes
            if code.lifetime.kept(phase).asked and code.kind is not IdentifierKind.SESSION
        ]
        kept = [code for code in asked if not code.lifetime.kept(phase).is_gone]
        if not asked:
            continue
        action = ACTIONS[phase]
        told.append(
            f"{action.capitalize()} changed {len(asked) - len(kept)} of {_codes(len(asked))}."
            + (
                f" {_others(len(kept), len(asked))} what was sent before with what was sent after"
                f" ({', '.join(sorted({receiver for code in kept for receiver in code.receivers}))})."
                if kept
                else ""
            )
        )
    return told


def tell_links(links: Sequence[Link]) -> list[str]:
    """What can be joined: one sentence for all things that the same places tie together."""
    groups: dict[tuple[object, ...], list[Link]] = {}
    for link in links:
        ends = link.between if link.kind in _PAIRS else link.between[:1]
        paths = tuple(sorted({item.place.path for item in link.via}))
        alone = (ends, paths) if link.kind is not LinkKind.ACCOUNT else ends
        key = (link.kind, link.receivers, link.is_certain, paths if link.kind in _ANY else alone)
        groups.setdefault(key, []).append(link)
    return [_tell(group) for group in groups.values()]


_ANY = frozenset({LinkKind.APPS, LinkKind.HOSTS})
_PAIRS = frozenset({LinkKind.INCOGNITO, LinkKind.TWO_INCOGNITO, LinkKind.RESET, LinkKind.DEVICES})


def _tell(group: Sequence[Link]) -> str:
    link = group[0]
    who = link.receivers
    can = f"{who[0]} can join" if len(who) == 1 else f"{listed(who)} could join, if they compared,"
    likely = "" if link.is_certain else "If what looks like an identifier is one: "
    same = listed(list(dict.fromkeys(item.place.path for item in link.via))[:SHOWN])
    n_devices = max(item.n_devices for item in group)
    on = f"on {n_devices} device{'s' * (n_devices != 1)}"
    things = listed(sorted({end for item in group for end in item.between}))
    match link.kind:
        case LinkKind.ACCOUNT:
            beside = listed(list(dict.fromkeys(item.between[1] for item in group))[:SHOWN])
            text = (
                f"{can} the account with what was sent without it: one record holds {link.between[0]} beside "
                f"{beside} (exchange {link.exchange}; {on})."
            )
        case LinkKind.DEVICES:
            text = f"{can} {link.between[0]} with {link.between[1]}: both sent the same ({same})."
        case LinkKind.APPS:
            text = f"{can} what {things} send: the same code is in all ({same}; {on})."
        case LinkKind.HOSTS:
            text = f"{can} what {things} received: the same code is in all ({same}; {on})."
        case _:
            text = f"{can} {link.between[0]} with {link.between[1]}: the same code is in both ({same}; {on})."
    return likely + text


def tell_rotation(found: Found, seen: Rotation) -> str:
    """What the schedule of days showed."""
    days = ", ".join(f"{day:g}" for day in seen.days)
    if seen.outlives:
        text = (
            f"{found.place.path} was the same for {seen.oldest_days:g} days (starts on days {days}):"
            f" longer than the promised {seen.promised_days:g}."
        )
        if seen.renewed_after_gap:
            text += " After a pause longer than that it was new: it is renewed only where nobody uses it."
        return text
    if not seen.is_asked:
        return (
            f"{found.place.path} was not watched for more than {seen.promised_days:g} days with shorter gaps"
            f" (starts on days {days}): whether it is renewed in time is open."
        )
    limit = f"{seen.promised_days:g} days"
    return f"{found.place.path} was not seen for longer than {limit} (starts on days {days})."


def judged_by(comparison: ComparisonKind) -> str:
    """How sure the answers are, and why."""
    match comparison:
        case ComparisonKind.TWINS:
            return "Twins were compared: a code stays within one device and differs from the other's."
        case ComparisonKind.INSTALLATIONS:
            return (
                "Installations on one device were compared: a code stays within one and differs between them."
                " What they share may be the device's, or the same everywhere: that is left open."
            )
        case ComparisonKind.MIXED:
            return (
                "Different devices were compared, so what differs may be the model's or the version's: only"
                " the shape of a value tells, and it looks like a code."
            )
    return (
        "One device was recorded. What never changes on it may be built into the software, the same for"
        " everybody: that is left open, unless a document tells. Record a twin, another installation, or the"
        " same device after a factory reset, to know."
    )


def summary(found: Identified, n_open: int) -> list[str]:
    """The three questions of WP216.

    Args:
        n_open: Codes of which it cannot be told.
    """
    codes = found.codes
    certain = [code for code in codes if code.is_certain]
    lasting = [code for code in certain if code.lifetime.ends_with not in {SESSION, UNKNOWN}]
    by_document = [code for code in codes if not code.is_certain and code.basis is Basis.DOCUMENTED]
    n_looks = len(codes) - len(certain) - len(by_document)
    told = []
    if certain:
        told.append(f"yes: {_codes(len(certain))}, {len(lasting)} of which were seen to outlast a session")
    if by_document:
        told.append(f"by public documents: {_codes(len(by_document))}")
    if n_looks:
        told.append(f"perhaps: {_codes(n_looks)} by their looks")
    if not told:
        told.append(f"no identifier was found in {found.n_records:,} records")
    if n_open:
        told.append(f"{_codes(n_open)} undecided")
    singled = "; ".join(told)
    joins = _joins(found)
    return [f"singled out: {singled}", f"linkable: {joins}", "inference: not tested"]


def _joins(found: Identified) -> str:
    proven = [link for link in found.links if link.is_certain]
    n_likely, n_ties = len(found.links) - len(proven), len(found.open_ties)
    told = [f"yes: {len(proven)} kinds of records can be joined"] if proven else []
    if n_likely:
        told.append(f"perhaps: {n_likely} by codes that look like identifiers")
    if n_ties:
        told.append(f"perhaps: by {_codes(n_ties)} undecided")
    return "; ".join(told) or "nothing was seen to be joined"


def _codes(number: int) -> str:
    return f"{number} code{'s' * (number != 1)}"


def _others(kept: int, asked: int) -> str:
    if kept == asked:
        return "It still joins" if kept == 1 else f"All {kept} still join"
    return "The other still joins" if kept == 1 else f"The other {kept} still join"
