"""The catalogue of what the first screen, the pictures and the letters say: a translation is this file anew.

Reasons and doubts have theirs in `reasons`, verdicts, gaps and kinds of data in `words`.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from hometruth.model import ReasonKind, Subject
from hometruth.report.catalogue import _

SAY: Final[Mapping[str, str]] = {
    "title": _("What {phrase} sends home"),
    "head": _("{phrase}, {sessions}. {about}."),
    "about-simulation": _("It says nothing about a real phone"),
    "about-real": _("It is about these sessions only"),
    "simulation-stamp": _("{subject}, {when}; simulation: says nothing about a real phone"),
    "real-stamp": _("{subject}, {when}: about these sessions only"),
    "when-unknown": _("date not recorded"),
    "alarm": _(
        "Do not rely on this: of {of} values that were never planted, {n} were found, so the search finds "
        "what is not there."
    ),
    "altered": _("This case is not as its run left it, so nothing in it decides."),
    "unfinished": _("The run did not end, or its manifest is missing: only what was seen counts."),
    "nothing-run": _("Nothing was tested: no session was run to its end."),
    "nothing-attested": _("Nothing can be said: in none of {sessions} were the settings confirmed."),
    "nothing-planted": _(
        "Nothing was planted in these sessions, so nothing that was done could be recognised."
    ),
    "nothing-done": _(
        "Nothing can be said: in no session that ran to its end, with its settings confirmed, was anything "
        "seen to be done that was planted."
    ),
    "sent-all": _(
        "In all {n} {private}sessions{counting}{of}{around}, {phrase} sent {data} to {whom}{beyond}."
    ),
    "sent-one": _(
        "In the only {private}session{counting}{of}{around}, {phrase} sent {data} to {whom}{beyond}."
    ),
    "sent-some": _(
        "In {n} of {run} {private}sessions{counting}{of}{around}, {phrase} sent {data} to {whom}{beyond}."
    ),
    "tried": _(
        "In {n} of {run} {private}sessions{counting}{of}{around}, {phrase} tried to send {data} to "
        "{whom}{beyond}."
    ),
    "sent-none": _(
        "In none of {n} {private}sessions{counting}{of}{around} was {phrase} seen to send {data} to "
        "{whom}{beyond}."
    ),
    "beyond": _(", beyond the action itself"),
    "beyond-short": _("beyond the action: "),
    "counting": _(" that count"),
    "counting-one": _(" that counts"),
    "half-read": _("Of the bytes recorded, only {percent} could be read."),
    "follows": _(
        "In {n} of {run} pairs of {private}sessions{of}{around}, {phrase} sent {more} to {whom} when "
        "{done}; what it sent cannot be read."
    ),
    "follows-somebody": _(
        "In {n} of {run} pairs of {private}sessions{of}{around}, {more} was sent to {whom} when {done}; what "
        "was sent cannot be read."
    ),
    "repeats": _(
        "What {phrase} sent to {whom} cannot be read, yet repeats the lengths of the addresses visited, in "
        "one of {run} {private}sessions{of}{around}."
    ),
    "random": _(
        "What {phrase} sent to {whom} cannot be read, yet was the larger, the longer the random addresses "
        "visited were, in {run} pairs of {private}sessions{of}{around}."
    ),
    "follows-none": _(
        "What was sent and cannot be read was not seen to depend on what was done, in {run} pairs of "
        "{private}sessions{of}{around}."
    ),
    "done-visits": _("addresses were visited than when none were"),
    "done-something": _("something was done than when nothing was"),
    "sent-more": _("more"),
    "sent-less": _("less"),
    "servers-simulated": _("the simulated servers of {vendor}"),
    "servers": _("servers of {vendor}"),
    "anybody": _("anybody"),
    "others": _("Others got some of it: {names}."),
    "matrix": _("Sent to {vendor} by {product}"),
    "matrix-of-several": _("Sent to {vendor}"),
    "matrix-title": _("What was done, under which settings, and what of it was sent to {vendor}{beyond}"),
    "matrix-whole-title": _("What was done, and what of it was sent to {vendor}{beyond}: all settings"),
    "matrix-numbers": _("Sessions that count; {marks}."),
    "cell-sent": _("sent, {sent} of {run}"),
    "cell-some": _("sent in some, {sent} of {run}"),
    "cell-tried": _("tried only, {sent} of {run}"),
    "cell-follows": _("cannot be read, but follows what was done, in {sent} of {run} pairs"),
    "cell-repeats": _("cannot be read, but repeats what was done, in one session"),
    "box-pairs": _("{sent} of {run} pairs"),
    "box-one": _("one session"),
    "cell-silent": _("not seen in {run} ({bound})"),
    "cell-silent-short": _("not seen in {run}"),
    "cell-untested": _("not tested"),
    "more": _("Not shown here: {told}."),
    "more-statements": _("of the statements {told}"),
    "bound": _("if it happened in more than {share} {unit}, the chance that we missed it is below 5 %"),
    "bound-too-wide": _("so few {unit} that it may happen in most of them without our having seen it"),
    "bound-number": _("at most {percent} of {unit}"),
    "no-bound": _("silence proves nothing yet: {doubt}"),
    "no-bound-here": _("no bound: sessions were lost, or nothing shows that it would have been noticed"),
    "more-data": _("{n} of data"),
    "more-lines": _("… {n} are left out here; the report has them."),
    "said": _("What was said"),
    "asked": _("Asked, not said: {statement}"),
    "seen": _("What was seen, and how often"),
    "not-said": _("No statement was judged."),
    "consistent": _("nothing against it in {n} of {n}*"),
    "shown": _("seen to be so"),
    "shown-in": _("seen to be so: {n} of {of}"),
    "inconclusive": _("too little was seen to say"),
    "otherwise": _("it did otherwise"),
    "otherwise-in": _("otherwise in {n} of {of} {unit}"),
    "proof": _("Proof: entry {number} (from 0), to {host}, holds {data}"),
    "no-proof": _("No verdict rests on a single request."),
    "by-set-up": _("Never seen by such a run: {told}."),
    "not-seen": _("Not seen: what came later or past the recorder. The rest: {read}, {gaps}{missing}."),
    "not-counted": _("; {n} not counted"),
    "read": _("{percent} read"),
    "read-nothing": _("nothing recorded"),
    "never-seen": _("Looked for and never seen sent: {data}."),
    "phantoms": _("Search checked: {n} of {of} values that were never planted found."),
    "setting": _("Setting"),
    "timeline-title": _("One session in time ({session}): what was done, and the requests that told of it"),
    "timeline-legend": _(
        "Dots: actions, each with the letter of what it planted. Squares: requests that carried it; red: "
        "beyond the action itself; brown: only tried, or not counted."
    ),
    "when": _("When"),
    "what": _("What"),
    "name": _("Name"),
    "value-letter": _("Planted value"),
    "note": _("Note"),
    "action": _("action"),
    "request": _("request"),
    "happened": _("seen to happen"),
    "not-happened": _("not seen to happen"),
    "request-expected": _("the action itself"),
    "request-sent": _("beyond the action itself"),
    "request-tried": _("only tried"),
    "request-uncounted": _("not counted: by a page, too little evidence, or settings not confirmed"),
    "not-drawn": _("… {told} more in the table"),
    "recipients-title": _("Who got what: bytes sent, and what was found beyond the action itself"),
    "recipient": _("Recipient"),
    "organisation": _("Organisation"),
    "requests": _("Requests"),
    "bytes": _("Bytes"),
    "found": _("Found there"),
    "other-hosts": _("{hosts}, each in coverage.parquet of the case"),
    "nothing-found": _("nothing beyond the action itself was found"),
    "identifiers-title": _("What an identifier joins: the settings in which the same one was sent"),
    "value": _("Value"),
    "kind-and-field": _("Kind, and field in which it was read"),
    "settings-joined": _("Sent under"),
    "nowhere": _("none of the settings above"),
    "where-report": _("Report: {path}"),
    "where-all": _("All:    hometruth judge {case} --all"),
    "where-explain": _("   (one proof: --explain {claim})"),
    "missing": _("{n} do not count: lost, or settings not confirmed."),
}
"""Sentences by what they are for; names in braces are filled in."""

SEEN_OTHERWISE: Final[Mapping[ReasonKind, str]] = {
    ReasonKind.CONTENT_SENT: _("{data} sent, {n} of {of}"),
    ReasonKind.CONTENT_TRIED: _("tried to send {data}, {n} of {of}"),
    ReasonKind.TOKEN_SHARED: _("a code linking sessions, {n} of {of}"),
    ReasonKind.TOKEN_OLD: _("a code kept too long, {n} of {of}"),
    ReasonKind.TELEMETRY_SENT: _("telemetry sent, {n} of {of}"),
    ReasonKind.SENT_IN_THE_CLEAR: _("sent without TLS, {n} of {of}"),
    ReasonKind.SENT_READABLE: _("readable without a key, {n} of {of}"),
    ReasonKind.PRESENCE_MISSING: _("not seen to be sent"),
    ReasonKind.AT_ENDPOINT: _("unread, but follows the coin"),
    ReasonKind.DEPENDS: _("unread, but follows the coin"),
    ReasonKind.LENGTHS_REPEATED: _("unread, but repeats the lengths"),
    ReasonKind.LARGER_IF_RANDOM: _("unread, but depends on visits"),
}
"""What contradicts a statement, in a few words; of other reasons only how often is said."""

STATEMENTS: Final[Mapping[str, str]] = {
    "CONTRADICTED": _("{n} contradicted"),
    "CONSISTENT": _("{n} consistent"),
    "INCONCLUSIVE": _("{n} inconclusive"),
    "UNTESTED": _("{n} not tested"),
    "other version": _("{n} on other products or versions"),
}
"""How many statements have a verdict."""


def say(what: str, /, **facts: object) -> str:
    """A sentence of the catalogue with *facts* filled in."""
    return SAY[what].format_map(facts)


def listed(names: Sequence[str], last: str = "and") -> str:
    """``a, b and c``."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def servers(subject: Subject, names: str) -> str:
    """Whose servers, as a phrase; nobody's in particular without *names*."""
    if not names:
        return say("anybody")
    return say("servers-simulated" if subject.kind == "simulated" else "servers", vendor=names)


def plain_bound(bound_percent: float, unit: str) -> str:
    """A bound for people who know no statistics: ``if it happened in more than 1 of 8 sessions, …``.

    The share is the next larger of the kind 1 of k, so that what is said is true a fortiori.
    """
    whole = int(100 // bound_percent)
    return (
        say("bound", share=_("1 of {n}", n=whole), unit=unit)
        if whole > 1
        else say("bound-too-wide", unit=unit)
    )
