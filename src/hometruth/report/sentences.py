"""The catalogue of what the first screen, the pictures and the letters say: a translation is this file anew.

Reasons and doubts have theirs in `reasons`, verdicts, gaps and kinds of data in `words`.
"""

from collections.abc import Mapping
from typing import Final

from hometruth.model import ReasonKind
from hometruth.report.words import count

SAY: Final[Mapping[str, str]] = {
    "title": "What {phrase} sends home",
    "head": "{phrase}, {sessions}. {about}.",
    "about-simulation": "It says nothing about a real phone",
    "about-real": "It is about these sessions only",
    "simulation-stamp": "simulation: says nothing about a real phone",
    "real-stamp": "{subject}, {when}: about these sessions only",
    "when-unknown": "date not recorded",
    "alarm": (
        "Do not rely on this: of {of} values that were never planted, {n} were found, so the search finds "
        "what is not there."
    ),
    "altered": "This case is not as its run left it, so nothing in it decides.",
    "unfinished": "The run did not end, or its manifest is missing: only what was seen counts.",
    "nothing-run": "Nothing was tested: no session was run to its end.",
    "nothing-attested": "Nothing can be said: in none of {sessions} were the settings confirmed.",
    "nothing-planted": "Nothing was planted in these sessions, so nothing that was done could be recognised.",
    "sent-all": "In all {n} {private}sessions{of}{around}, {phrase} sent {data} to {whom}.",
    "sent-one": "In the only {private}session{of}{around}, {phrase} sent {data} to {whom}.",
    "sent-some": "In {n} of {run} {private}sessions{of}{around}, {phrase} sent {data} to {whom}.",
    "tried": "In {n} of {run} {private}sessions{of}{around}, {phrase} tried to send {data} to {whom}.",
    "sent-none": "In none of {n} sessions was {phrase} seen to send {data} to {whom}.",
    "half-read": "Of the bytes it sent, only {percent} could be read.",
    "follows": "Part of what it sent cannot be read, yet depends on what was visited: that contradicts {n}.",
    "servers-simulated": "the simulated servers of {vendor}",
    "servers": "servers of {vendor}",
    "others": "Others got some of it: {names}.",
    "matrix": "Sent to {vendor} by {product}",
    "matrix-of-several": "Sent to {vendor}",
    "matrix-title": "What was done, under which settings, and what of it was sent to {vendor}",
    "matrix-whole-title": "What was done, and what of it was sent to {vendor}: all settings",
    "cell-sent": "sent, {sent} of {run}",
    "cell-some": "sent in some, {sent} of {run}",
    "cell-tried": "tried only, {sent} of {run}",
    "cell-silent": "not seen in {run} ({bound})",
    "cell-silent-short": "not seen in {run}",
    "cell-untested": "not tested",
    "more-settings": "{settings} more",
    "more": "More: {told}.",
    "bound": ("if it happened in more than {share} {unit}, the chance that we missed it is below 5 %"),
    "bound-too-wide": "so few {unit} that it may happen in most of them without our having seen it",
    "bound-number": "at most {percent} of {unit}",
    "no-bound": "silence proves nothing yet: {doubt}",
    "no-bound-here": "no bound: too few sessions, or nothing shows that it would have been noticed",
    "said": "What was said",
    "seen": "What was seen",
    "not-said": "No statement was judged.",
    "consistent": "nothing against it in {n} of {n}*",
    "shown": "seen to be so",
    "shown-in": "seen to be so: {n} of {of}",
    "inconclusive": "too little was seen to say",
    "otherwise": "it did otherwise",
    "otherwise-in": "otherwise in {n} of {of} {unit}",
    "proof": "Proof: entry {number} (from 0), to {host}, holds {data}",
    "proof-planted": "The value was made for that session alone and entered nowhere else.",
    "no-proof": "No verdict rests on a single request.",
    "by-set-up": "Never seen by such a run: {told}.",
    "not-seen": "Not seen: {gaps}, {read}; later uploads were not watched for.",
    "read": "{percent} of the bytes read",
    "read-nothing": "nothing was recorded",
    "later": (
        "What is sent later than a session was watched, or on another way than through the recorder, was not "
        "looked at."
    ),
    "never-seen": "Looked for and never seen sent: {data}.",
    "phantoms": "Search checked: {n} of {of} values that were never planted found.",
    "setting": "Setting",
    "timeline-title": "One session in time ({session}): what was done, and the requests that told of it",
    "timeline-legend": (
        "Dots: actions, each with the letter of what it planted. Squares: requests that carried it; red: "
        "beyond the action itself."
    ),
    "when": "When",
    "what": "What",
    "name": "Name",
    "value-letter": "Planted value",
    "note": "Note",
    "action": "action",
    "request": "request",
    "happened": "seen to happen",
    "not-happened": "not seen to happen",
    "request-expected": "the action itself",
    "request-found": "beyond the action itself",
    "recipients-title": "Who got what: bytes sent, and what was found beyond the action itself",
    "recipient": "Recipient",
    "organisation": "Organisation",
    "requests": "Requests",
    "bytes": "Bytes",
    "found": "Found there",
    "nothing-found": "nothing beyond the action itself was found",
    "identifiers-title": "What an identifier joins: the settings in which the same one was sent",
    "value": "Value",
    "kind-and-field": "Kind, and field in which it was read",
    "settings-joined": "Sent under",
    "nowhere": "none of the settings above",
    "where-report": "Report: {path}",
    "where-all": "All:    hometruth judge {case} --all{explain}",
    "where-explain": "   (one proof: --explain {claim})",
    "missing": "{n} do not count: lost, or settings not confirmed.",
}
"""Sentences by what they are for; names in braces are filled in."""

SEEN_OTHERWISE: Final[Mapping[ReasonKind, str]] = {
    ReasonKind.CONTENT_SENT: "{data} sent, {n} of {of}",
    ReasonKind.CONTENT_TRIED: "tried to send {data}, {n} of {of}",
    ReasonKind.TOKEN_SHARED: "a code linking sessions, {n} of {of}",
    ReasonKind.TOKEN_OLD: "a code kept too long, {n} of {of}",
    ReasonKind.TELEMETRY_SENT: "telemetry sent, {n} of {of}",
    ReasonKind.SENT_IN_THE_CLEAR: "sent without TLS, {n} of {of}",
    ReasonKind.SENT_READABLE: "readable without a key, {n} of {of}",
    ReasonKind.PRESENCE_MISSING: "not seen to be sent",
    ReasonKind.AT_ENDPOINT: "unread, but depends on visits",
    ReasonKind.DEPENDS: "unread, but depends on visits",
    ReasonKind.LENGTHS_REPEATED: "unread, but repeats the lengths",
    ReasonKind.LARGER_IF_RANDOM: "unread, but depends on visits",
}
"""What contradicts a statement, in a few words; of other reasons only how often is said."""

STATEMENTS: Final[Mapping[str, str]] = {
    "CONTRADICTED": "{n} ≠",
    "CONSISTENT": "{n} ≈",
    "INCONCLUSIVE": "{n} ?",
    "UNTESTED": "{n} not tested",
    "other version": "{n} on other products or versions",
}


def say(what: str, /, **facts: object) -> str:
    """A sentence of the catalogue with *facts* filled in."""
    return SAY[what].format_map(facts)


def listed(names: list[str], last: str = "and") -> str:
    """``a, b and c``."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def plain_bound(bound_percent: float, unit: str) -> str:
    """A bound for people who know no statistics: ``if it happened in more than 1 of 8 sessions, …``.

    The share is the next larger of the kind 1 of k, so that what is said is true a fortiori.
    """
    whole = int(100 // bound_percent)
    return say("bound", share=f"1 of {whole}", unit=unit) if whole > 1 else say("bound-too-wide", unit=unit)


def sessions_word(n: int) -> str:
    """``1 session``."""
    return count(n, "session")
