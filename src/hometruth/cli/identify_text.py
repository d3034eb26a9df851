"""What `hometruth identify` prints for people."""

from collections import Counter
from collections.abc import Callable, Iterator

from hometruth.audit.identify import Identified, Unread
from hometruth.identity.identifiers import Basis, Comparison, grouped, rotation
from hometruth.identity.identifiers.tokens import LONGEST_VALUE
from hometruth.identity.identifiers.undecided_words import tell
from hometruth.identity.identifiers.words import (
    describe,
    judged_by,
    summary,
    tell_links,
    tell_resets,
    tell_rotation,
)
from hometruth.report.text import escape_terminal, mask

SHOWN = 5
"""Hosts that a limit names."""


def shown(*, reveal: bool) -> Callable[[str], str]:
    """How a value is shown."""
    return escape_terminal if reveal else lambda value: escape_terminal(mask(value))


def identify_text(found: Identified, promised_days: float, show: Callable[[str], str]) -> str:
    """The answer as text."""
    n = len({session.device for session in found.sessions})
    groups = grouped(found.undecided)
    still_open = [group for group in groups if group[0].is_open]
    explained = [group for group in groups if not group[0].is_open]
    noun = "installation" if found.comparison is Comparison.INSTALLATIONS else "device"
    lines = [
        f"{found.n_records:,} records, {len(found.sessions)} sessions, {n} {noun}{'s' * (n != 1)}. "
        f"{judged_by(found.comparison)}",
        "",
        *(f"  {line}" for line in summary(found.codes, len(still_open), found.links, found.n_records)),
    ]
    lines += _section("IDENTIFIERS", [describe(code, show) for code in found.codes])
    lines += _section("UNDECIDED", [tell(group, show) for group in still_open])
    lines += _section("NO IDENTIFIERS, BY PUBLIC DOCUMENTS", [tell(group, show) for group in explained])
    lines += _section("RESETS", tell_resets(found.codes))
    lines += _section("ROTATION", list(dict.fromkeys(_rotations(found, promised_days))))
    lines += _section("LINKS", tell_links(found.links))
    lines += _section("WHAT THIS DOES NOT SHOW", limits(found))
    return escape_lines(lines)


def escape_lines(lines: list[str]) -> str:
    """Lines that came from the network in part, made harmless."""
    return "\n".join(escape_terminal(line) for line in lines)


def _section(title: str, sentences: list[str]) -> list[str]:
    return ["", title, *(f"  {sentence}" for sentence in sentences)] if sentences else []


def _rotations(found: Identified, promised_days: float) -> Iterator[str]:
    for code in found.codes:
        seen = rotation(code.found[0], promised_days)
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
    if found.comparison is Comparison.TWINS:
        told.append(
            "What both devices share is taken for nobody's: a number that two in millions share is missed."
        )
    if found.sent_once:
        told.append(
            f"Sent only once, and not shown: {found.sent_once:,} values that look random. They are numbers of"
            " records, or identifiers that were not sent again."
        )
    if not found.declares_inputs and found.comparison is not Comparison.ALONE:
        told.append("Nothing was declared with --planted: what you typed or visited may be among the codes.")
    if any(code.basis is Basis.DOCUMENTED for code in found.codes):
        told.append("What is documented is what the vendor, or others, wrote: it was not seen here.")
    return told


def _hosts(counts: Counter[str]) -> str:
    named = ", ".join(host for host, _ in counts.most_common(SHOWN))
    more = len(counts) - SHOWN
    return f"{named} and {more} more hosts" if more > 0 else named
