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
from hometruth.report.catalogue import _
from hometruth.report.identifier_words import ACTIONS, SHOWN, describe, tell, tell_open_tie
from hometruth.report.sentences import listed
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
        _(
            "{n_records:,} records, {len} sessions, {n} {noun}{part}. {judged_by}",
            n_records=found.n_records,
            len=len(found.sessions),
            n=n,
            noun=noun,
            part="s" * (n != 1),
            judged_by=judged_by(found.comparison),
        ),
        "",
        *(f"  {tell_open_tie(tie, show)}" for tie in ties[:SHOWN]),
        *(f"  {line}" for line in summary(found, len(still_open))),
    ]
    lines += _section("IDENTIFIERS", [describe(code, show) for code in found.codes])
    lines += _section("UNDECIDED", [tell(group, show) for group in still_open])
    lines += _section(_("NO IDENTIFIERS, BY PUBLIC DOCUMENTS"), [tell(group, show) for group in explained])
    lines += _section("RESETS", tell_resets(found.codes))
    lines += _section("ROTATION", list(dict.fromkeys(_rotations(found))))
    lines += _section("LINKS", tell_links(found.links))
    lines += _section(_("WHAT THIS DOES NOT SHOW"), limits(found))
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
    told = [
        _("Every receiver also sees the IP address, and may recognise a TLS session ticket: not looked at.")
    ]
    if unread.opaque_bytes:
        total = sum(unread.opaque_bytes.values())
        told.append(
            _(
                "{total:,} bytes could not be read; they may hold identifiers: {hosts}.",
                total=total,
                hosts=_hosts(unread.opaque_bytes),
            )
        )
    if unread.dropped_bodies:
        told.append(
            _(
                "{total:,} bodies were not recorded: {hosts}.",
                total=unread.dropped_bodies.total(),
                hosts=_hosts(unread.dropped_bodies),
            )
        )
    if unread.never_seen:
        told.append(
            _(
                "{total:,} connections could not be opened: {hosts}.",
                total=unread.never_seen.total(),
                hosts=_hosts(unread.never_seen),
            )
        )
    if unread.long_values:
        told.append(
            _(
                "{long_values:,} texts of more than {LONGEST_VALUE:,} characters were not looked into.",
                long_values=unread.long_values,
                LONGEST_VALUE=LONGEST_VALUE,
            )
        )
    if unread.other_gaps:
        told.append(
            _(
                "{other_gaps:,} entries were damaged, or reached a limit of the peeling.",
                other_gaps=unread.other_gaps,
            )
        )
    if found.comparison is ComparisonKind.TWINS:
        told.append(
            _("What both devices share is taken for nobody's: a number that two in millions share is missed.")
        )
    if found.sent_once:
        told.append(
            _(
                "Sent only once, and not shown: {sent_once:,} values that look random. They are numbers of "
                "records, or identifiers that were not sent again.",
                sent_once=found.sent_once,
            )
        )
    if not found.declares_inputs and found.comparison is not ComparisonKind.ALONE:
        told.append(
            _("Nothing was declared with --planted: what you typed or visited may be among the codes.")
        )
    if any(code.basis is Basis.DOCUMENTED for code in found.codes):
        told.append(_("What is documented is what the vendor, or others, wrote: it was not seen here."))
    return told


def _hosts(counts: Counter[str]) -> str:
    named = ", ".join(host for host, _ in counts.most_common(HOSTS_SHOWN))
    more = len(counts) - HOSTS_SHOWN
    return _("{named} and {more} more hosts", named=named, more=more) if more > 0 else named


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
            _(
                "{capitalize} changed {part} of {codes}.",
                capitalize=action.capitalize(),
                part=len(asked) - len(kept),
                codes=_codes(len(asked)),
            )
            + (
                _(
                    " {others} what was sent before with what was sent after ({listed}).",
                    others=_others(len(kept), len(asked)),
                    listed=", ".join(sorted({receiver for code in kept for receiver in code.receivers})),
                )
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
    can = (
        _("{who} can join", who=who[0])
        if len(who) == 1
        else _("{listed} could join, if they compared,", listed=listed(who))
    )
    likely = "" if link.is_certain else _("If what looks like an identifier is one: ")
    same = listed(list(dict.fromkeys(item.place.path for item in link.via))[:SHOWN])
    n_devices = max(item.n_devices for item in group)
    on = _("on {n_devices} device{part}", n_devices=n_devices, part="s" * (n_devices != 1))
    things = listed(sorted({end for item in group for end in item.between}))
    match link.kind:
        case LinkKind.ACCOUNT:
            beside = listed(list(dict.fromkeys(item.between[1] for item in group))[:SHOWN])
            text = _(
                "{can} the account with what was sent without it: one record holds {between} beside "
                "{beside} (exchange {exchange}; {on}).",
                can=can,
                between=link.between[0],
                beside=beside,
                exchange=link.exchange,
                on=on,
            )
        case LinkKind.DEVICES:
            text = _(
                "{can} {between} with {between2}: both sent the same ({same}).",
                can=can,
                between=link.between[0],
                between2=link.between[1],
                same=same,
            )
        case LinkKind.APPS:
            text = _(
                "{can} what {things} send: the same code is in all ({same}; {on}).",
                can=can,
                things=things,
                same=same,
                on=on,
            )
        case LinkKind.HOSTS:
            text = _(
                "{can} what {things} received: the same code is in all ({same}; {on}).",
                can=can,
                things=things,
                same=same,
                on=on,
            )
        case _:
            text = _(
                "{can} {between} with {between2}: the same code is in both ({same}; {on}).",
                can=can,
                between=link.between[0],
                between2=link.between[1],
                same=same,
                on=on,
            )
    return likely + text


def tell_rotation(found: Found, seen: Rotation) -> str:
    """What the schedule of days showed."""
    days = ", ".join(f"{day:g}" for day in seen.days)
    if seen.outlives:
        text = _(
            "{path} was the same for {oldest_days:g} days (starts on days {days}): longer than the promised "
            "{promised_days:g}.",
            path=found.place.path,
            oldest_days=seen.oldest_days,
            days=days,
            promised_days=seen.promised_days,
        )
        if seen.renewed_after_gap:
            text += _(" After a pause longer than that it was new: it is renewed only where nobody uses it.")
        return text
    if not seen.is_asked:
        return _(
            "{path} was not watched for more than {promised_days:g} days with shorter gaps (starts on days "
            "{days}): whether it is renewed in time is open.",
            path=found.place.path,
            promised_days=seen.promised_days,
            days=days,
        )
    limit = f"{seen.promised_days:g} days"
    return _(
        "{path} was not seen for longer than {limit} (starts on days {days}).",
        path=found.place.path,
        limit=limit,
        days=days,
    )


def judged_by(comparison: ComparisonKind) -> str:
    """How sure the answers are, and why."""
    match comparison:
        case ComparisonKind.TWINS:
            return _("Twins were compared: a code stays within one device and differs from the other's.")
        case ComparisonKind.INSTALLATIONS:
            return _(
                "Installations on one device were compared: a code stays within one and differs between "
                "them. What they share may be the device's, or the same everywhere: that is left open."
            )
        case ComparisonKind.MIXED:
            return _(
                "Different devices were compared, so what differs may be the model's or the version's: only "
                "the shape of a value tells, and it looks like a code."
            )
    return _(
        "One device was recorded. What never changes on it may be built into the software, the same for "
        "everybody: that is left open, unless a document tells. Record a twin, another installation, or the "
        "same device after a factory reset, to know."
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
        told.append(
            _(
                "yes: {codes}, {len} of which were seen to outlast a session",
                codes=_codes(len(certain)),
                len=len(lasting),
            )
        )
    if by_document:
        told.append(_("by public documents: {codes}", codes=_codes(len(by_document))))
    if n_looks:
        told.append(_("perhaps: {codes} by their looks", codes=_codes(n_looks)))
    if not told:
        told.append(_("no identifier was found in {n_records:,} records", n_records=found.n_records))
    if n_open:
        told.append(f"{_codes(n_open)} undecided")
    singled = "; ".join(told)
    joins = _joins(found)
    return [
        _("singled out: {singled}", singled=singled),
        _("linkable: {joins}", joins=joins),
        _("inference: not tested"),
    ]


def _joins(found: Identified) -> str:
    proven = [link for link in found.links if link.is_certain]
    n_likely, n_ties = len(found.links) - len(proven), len(found.open_ties)
    told = [_("yes: {len} kinds of records can be joined", len=len(proven))] if proven else []
    if n_likely:
        told.append(_("perhaps: {n_likely} by codes that look like identifiers", n_likely=n_likely))
    if n_ties:
        told.append(_("perhaps: by {codes} undecided", codes=_codes(n_ties)))
    return "; ".join(told) or _("nothing was seen to be joined")


def _codes(number: int) -> str:
    return f"{number} code{'s' * (number != 1)}"


def _others(kept: int, asked: int) -> str:
    if kept == asked:
        return _("It still joins") if kept == 1 else _("All {kept} still join", kept=kept)
    return _("The other still joins") if kept == 1 else _("The other {kept} still join", kept=kept)
