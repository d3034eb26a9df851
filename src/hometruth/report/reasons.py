"""The one catalogue of what reasons and doubts say, and how they are joined into a sentence.

A sentence that begins with a blank or a comma goes on with the one before it; others follow a semicolon.
"""

from collections.abc import Callable, Iterable, Mapping

from hometruth.model import Fact, Reason
from hometruth.model import ReasonKind as Kind
from hometruth.report import reason_words as words
from hometruth.report.catalogue import _
from hometruth.report.words import at_least, at_most, whole_bits

OTHER_VERSION = _("other version, and no verdict on the speaker")
"""What is said outside the scope, everywhere."""
CONSENT_HELD = _("in {n} {unit} no telemetry was sent to the vendor")

_TEMPLATES: Mapping[Kind, str] = {
    Kind.UNFINISHED: _(
        "the case has no MANIFEST.json (its run did not end, or the file was removed), so whether its "
        "recording is whole cannot be told"
    ),
    Kind.LABELLED: _(
        "the recordings were there first and were labelled afterwards by {by}: nothing was sealed before, "
        "and no order was random"
    ),
    Kind.OTHER_HOSTS: _("other hosts: not looked into ({n}, whose bytes were counted)"),
    Kind.UNASKED_HOSTS: _(
        "{n} of these came up in sessions, before anybody was asked whether they are the app's"
    ),
    Kind.ALTERED: _("the case is not as its run left it: {how}"),
    Kind.PHANTOMS_SIGHTED: _("{n} canaries that were never planted were sighted"),
    Kind.SEARCH_INVENTS: _(
        "{n} canaries that were never planted were sighted: the search invents, and until that is explained "
        "nothing in this run decides"
    ),
    Kind.SINKHOLED: _(
        "the vendor's servers were answered by the recorder, so a real one might have been sent more"
    ),
    Kind.DAMAGED_ENTRIES: _("the recording has {n} damaged entries, which may belong to any session"),
    Kind.UNREAD_OUTSIDE: _(
        "{n} requests to the vendor outside every session could not be read, for example to {endpoint}"
    ),
    Kind.BODIES_NOT_RECORDED: _("{n} request bodies to the vendor were not recorded"),
    Kind.HALF_READ: _("{n} values could not be read to the end, for example at {host}: {detail}"),
    Kind.OPAQUE_BYTES: _("{percent} of the bytes sent to the vendor could not be read"),
    Kind.RECEIVER_KNOWS: _(
        "the receiver knows it: answers of {host} hold what was planted in {n} sessions, although no "
        "request that was read had carried it there before"
    ),
    Kind.OPAQUE_ROOM: _(
        "{bytes} bytes that were sent to {host} in session {session} could not be read, and what was "
        "planted would fit in"
    ),
    Kind.SESSION_NOT_AS_PLANNED: _(
        "{session}: the condition it really ran under was not attested as planned"
    ),
    Kind.WEAK: _(
        ", but the evidence is {bits} bits and {needed:.0f} are needed; more independent sessions would "
        "settle it"
    ),
    Kind.NO_SESSION: _("no session of this run speaks to it"),
    Kind.NOT_TESTABLE: "{stated}",
    Kind.ONE_INSTALLATION: _("there was one installation, and it takes two to tell like from unlike"),
    Kind.NOT_DAYS_APART: _("no installation has two sessions more than {days:g} days apart"),
    Kind.NEVER_TWICE: _("no installation has two sessions, so that nothing could repeat"),
    Kind.ONE_POSITION: _("only one position of the switch was run, and it takes two to compare"),
    Kind.NO_OTHER_PRODUCT: _("none of the products compared with was run"),
    Kind.SEEN_ELSEWHERE: _("seen in {n} of {of} conditions here"),
    Kind.CONTRARY_ELSEWHERE: _("the contrary was seen in {n} of {of} conditions here"),
    Kind.LATER: _("version {version} of {released}, and the statement is of {until}"),
    Kind.EARLIER: _("version {version} of {released}, and the statement is about those from {since}"),
    Kind.WORST_OF: _(" (worst of {conditions} conditions: {condition})"),
    Kind.TOGETHER: _(
        "for {conditions} conditions at once, so that each has a wider margin, at most {percent} of {unit}"
    ),
    Kind.SENT_BY_APP: _("sent by {app} (known by: {known_by})"),
    Kind.SENT_BY: _("sent by {app}"),
    Kind.SENT_BY_PHONE: _("sent by the device; by which app is not known"),
    Kind.WATCHED: _("watched {window}; later uploads not tested"),
    Kind.CONTROL_SENT_NOTHING: _(
        "what was planted was sent in no session at all, so that it would have arrived within that time is "
        "shown only by the other telemetry that did"
    ),
    Kind.UNTRIED_ENDPOINT: _(
        "telemetry went to {endpoint}, where no control session shows that planted values would be seen"
    ),
    Kind.TELEMETRY_SENT: _("telemetry was sent to {endpoint}"),
    Kind.DOMAIN_SENT: _(
        "in {n} of {of} sessions {domain}, below which all pages visited lie, was sent to {host}: that "
        "something was visited there, and not what"
    ),
    Kind.TELEMETRY_TRIED: _("it was tried to send telemetry to {endpoint}, and nothing answered"),
    Kind.MORE_SENT_TO: _(" (and so on to {recipients} more, {times} times in all)"),
    Kind.UNKNOWN_INITIATOR: _(
        ", but {evidence}: whose doing it is cannot be told, so nothing is said of the app"
    ),
    Kind.EXTENSIONS_UNKNOWN: _(
        ", but the plan does not state that no extension was installed, which would send under the app's "
        "name, so nothing is said of the app"
    ),
    Kind.SENT_IN_THE_CLEAR: _("telemetry went to {endpoint} without TLS"),
    Kind.SENT_READABLE: _("what was sent to {endpoint} could be read without any key"),
    Kind.OFFER_UNKNOWN: _(
        "of {n} telemetry requests it is not known that the client itself offered TLS 1.2 or newer (the "
        "version agreed with the recorder says nothing of it); record the ClientHello"
    ),
    Kind.LATE_UPLOADS: _(
        "{n} uploads during these sessions held what was done in others, for example to {endpoint}"
    ),
    Kind.TELEMETRY_OUTSIDE: _(
        "{n} telemetry requests were recorded outside every session, for example to {endpoint}"
    ),
    Kind.UNKNOWN_PROTOCOL: _(
        "{n} requests to the vendor speak no protocol that is known for telemetry, for example to {endpoint}"
    ),
    Kind.UNKNOWN_OWNER: _(
        "{n} telemetry requests went to a host that is not known to be the vendor's, for example to "
        "{endpoint}"
    ),
    Kind.REQUEST_WENT: _("a request went to {endpoint}"),
    Kind.SENDING_SHOWN: _("telemetry was sent in {n} of {of} sessions, for example to {endpoint}"),
    Kind.SWITCH_NOT_SEEN: _(
        "no position of the switch was seen to send, so nothing shows that the switch stops anything"
    ),
    Kind.DEPENDENCE_NOT_TESTED: _(
        "telemetry was sent whose dependence on browsing only a randomised comparison with sessions without "
        "browsing can show"
    ),
    Kind.CATEGORIES_NOT_READ: _(
        "telemetry was sent, and only what was planted was looked for in it; which category each of its "
        "other fields falls into must be read in it"
    ),
    Kind.RECORDS_MAY_COUNT: _(
        "no planted value was found in the records, but a record that names no page and no search can still "
        "stand for a single action; sessions with different numbers of actions would settle it"
    ),
    Kind.OTHERS_TOO_SHORT: _(
        "the products compared with were watched in {n} sessions only; {needed} would do"
    ),
    Kind.TELEMETRY_ELSEWHERE: _("telemetry went to {organisation} ({host})"),
    Kind.CANARY_ELSEWHERE: _("the {data} canary went to {organisation} ({host})"),
    Kind.UNKNOWN_OWNERS: _("telemetry went to {n} hosts of unknown owner, for example {host}"),
    Kind.EVENT_UNDECLARED: _(
        "a record of the event {event!r}, which is not declared, was sent to {endpoint}"
    ),
    Kind.FIELD_UNDECLARED: _("the field {field}, which is not declared, was sent to {endpoint}"),
    Kind.VALUE_UNDECLARED: _("a value of {field} that is not declared was sent to {endpoint}"),
    Kind.MAY_SAY_ANYTHING: _(" and may say anything"),
    Kind.RECORDS_UNREAD: _("{n} telemetry requests hold no record that could be read"),
    Kind.AMOUNT_VARIES: _("the telemetry of one session was not as much as that of another"),
    Kind.ALIKE_USE: _(
        "every session did as much as every other, so that nothing could show in the amount; sessions with "
        "different numbers of actions would settle it"
    ),
    Kind.ANSWERS_REPEATED: _("a report gave the same answers as another one of the same installation"),
    Kind.FEW_REPORTS: _("{n} installations reported less than {needed} times, so nothing could repeat"),
    Kind.CODE_KEPT: _("a code that the installation keeps was sent to {host} ({field})"),
    Kind.CODES_NOT_COMPARABLE: _(
        "on {device} fewer than two installations had two sessions each, so that a code that an "
        "installation keeps would not have been noticed"
    ),
    Kind.CODE_OF_ACCOUNT: _(
        "{field}, sent to {host}, was the same in several installations: it may be the account in a form "
        "that is not known; a session with a second account would tell"
    ),
    Kind.CODE_LOOKALIKE: _(
        "{field}, sent to {host}, was the same in all installations on the only device and looks random: it "
        "names the device, or is the same everywhere; a second device of that model would tell"
    ),
    Kind.TOKEN_SHARED: _("the {identifier} identifier {field} was the same as in another session"),
    Kind.TOKEN_COMMON: _(
        "{field}, sent to {host}, was the same in another session, and no installation of the same app and "
        "version on the same device sent another there: it may be the device's, the model's or the "
        "software's; a second installation would tell"
    ),
    Kind.TOKEN_NOT_OWN: _("{field} was the same in {installations} installations"),
    Kind.TOKEN_DERIVED: _("{field} holds the {data} ({form})"),
    Kind.TOKEN_NOT_SEEN: _("no token was seen in {n} of {of} sessions, for example {session}"),
    Kind.TOKEN_CHANGED: _("{field} did not stay the same from day {first_day:g} to day {last_day:g}"),
    Kind.TOKEN_KEPT: _(
        "{field} was the same from day {first_day:g} to day {last_day:g} (at 95 % confidence, in more than "
        "{more_than_percent} of installations)"
    ),
    Kind.TOKEN_WATCH_SHORT: _("no installation was seen to send a token over more than {days:g} days"),
    Kind.INSTALLATIONS_WATCH_SHORT: _(
        "{n} of {of} installations were not watched for more than {days:g} days"
    ),
    Kind.DOSE: _(
        "each random byte that we planted made {bytes_out:.2f} (95 %: {low:.2f} to {high:.2f}) more bytes "
        "leave"
    ),
    Kind.NO_VENDOR_ENDPOINT: _("none of the plan's endpoints is the vendor's; name one"),
    Kind.SPREAD: _(
        "what is sent may be spread over endpoints of several owners, for which there is no bound together; "
        "name one endpoint"
    ),
    Kind.OTHERS_IN_GROUP: _(
        "what {endpoint} depends on may be the traffic of others, whose hosts are in the same group; name "
        "the vendor's host in the plan's endpoints"
    ),
    Kind.TRIALS_LOST: _("{n} of {of} trials were lost, more than 5 %; run it again"),
    Kind.TRIALS_LOST_UNEVENLY: _(
        "{treated} trials were lost with canaries, {control} without: the visits may be the cause"
    ),
    Kind.PAIRS_NOT_RUN: _("{n} of {of} planned pairs were run; run the rest"),
    Kind.PAIRS_SUSPICIOUS: _(
        "the evidence is suspicious (E = {e_value:.0f} of the {needed:,.0f} needed): extend"
    ),
    Kind.SPIKE_MISSED: _(
        "the check of our own pipeline failed: what was planted, added to the recorded control halves, is "
        "not found in this many pairs; run more, or plant more"
    ),
    Kind.NONE_SENT: _("in {n} {unit} none of it was sent to the vendor"),
    Kind.NONE_AT_ALL: _("in {n} {unit} nothing at all was sent to the vendor's telemetry"),
    Kind.NO_IDENTIFIER: _("in {n} {unit} no identifier known to the tester was sent to the vendor"),
    Kind.ONLY_DECLARED_VALUES: _(
        "in {n} {unit} nothing was sent but, if anything, declared values under the categories' names"
    ),
    Kind.ONLY_DECLARED: _(
        "in {n} {unit} every record was of a declared event, with declared fields and values only"
    ),
    Kind.STEADY: _("in {n} {unit} as many records in as many bytes were sent, whatever was done"),
    Kind.STEADY_AND_DECLARED: _(
        "in {n} {unit} as many records in as many bytes were sent, whatever was done, and all their "
        "properties had declared values"
    ),
    Kind.NOTHING_BEFORE_CONSENT: _("{CONSENT_HELD} before consent was given", CONSENT_HELD=CONSENT_HELD),
    Kind.NOTHING_AFTER_WITHDRAWAL: _("{CONSENT_HELD} after consent was withdrawn", CONSENT_HELD=CONSENT_HELD),
    Kind.NO_TELEMETRY: CONSENT_HELD,
    Kind.ALL_PROTECTED: _(
        "in {n} {unit} all telemetry used TLS, and the client itself offered TLS 1.2 or newer"
    ),
    Kind.NONE_READABLE: _("in {n} {unit} no telemetry record could be read"),
    Kind.NONE_WENT: _("in {n} {unit} no request went there"),
    Kind.ALL_TO_NAMED: _("in {n} {unit} all telemetry went to hosts of these organisations"),
    Kind.NO_REPEATED_ANSWERS: _(
        "in {n} {unit} no report repeated the answers of another one of its installation"
    ),
    Kind.ALL_KEPT: _("in {n} {unit} the token was kept"),
    Kind.NOT_SEEN: _("in {n} {unit} it was not seen"),
    Kind.NONE_UNLIKE_OTHERS: _(
        "in {n} {unit} none of it was sent to the vendor, so nothing that others do not send"
    ),
    Kind.ONE_POSITION_SILENT: _("one position of the switch was silent in {n} {unit}, the other sent"),
    Kind.NONE_SHARED: _("in {n} {unit} no identifier that we found was shared with those other sessions"),
    Kind.ALL_DIFFERENT: _(
        "in {n} {unit} every token was different from all others and from what is known of the device"
    ),
    Kind.NONE_TOO_OLD: _("in {n} {unit} no token outlived the promised time"),
}
_MISSING = _(" in any of {n} {unit}; at most {at_most_percent} of them do (95 % confidence)")

_ROUNDED: Mapping[str, Callable[[float], str]] = {
    "percent": at_most,
    "at_most_percent": at_most,
    "more_than_percent": at_least,
    "bits": whole_bits,
}

_SENTENCES: Mapping[Kind, words.Sentence] = {
    Kind.ALTERED_CASE: lambda facts: _(
        "the case is not as its run left it ({listed}): whoever changed it could have made it say anything, "
        "so nothing in it decides",
        listed="; ".join(words.texts(facts["how"])),
    ),
    Kind.NEVER_RECORDED: lambda facts: _(
        "recordings lack what their recorder always leaves out ({n} things): {detail}",
        n=facts["n"],
        detail=facts["detail"],
    ),
    Kind.CONNECTIONS_UNOPENED: lambda facts: _(
        "{n} connections could not be opened, for example to {part}",
        n=facts["n"],
        part=facts["host"] or _("a host that is not known"),
    ),
    Kind.NOT_ATTESTED: lambda facts: _(
        "no session ran under an attested condition ({part})",
        part=_nested(facts["example"]) or _("none planned"),
    ),
    Kind.SESSION_LOST: lambda facts: _(
        "{session}: lost ({part})", session=facts["session"], part=facts["note"] or _("not run")
    ),
    Kind.ACTIONS_NOT_SEEN: lambda facts: _(
        "{session}: not observed to happen: {listed}",
        session=facts["session"],
        listed=", ".join(words.texts(facts["actions"])),
    ),
    Kind.TOO_FEW: lambda facts: words.too_few(facts, sentence_of),
    Kind.OUT_OF_SCOPE: lambda facts: f" ({OTHER_VERSION}: {_nested(facts['outside'])})",
    Kind.OTHER_LEVEL: lambda facts: _(
        "{factor} {part}, and the statement is about {listed}",
        factor=facts["factor"],
        part=facts["level"] or _("not known"),
        listed=", ".join(words.texts(facts["spoken_of"])),
    ),
    Kind.UNDATED: lambda facts: _(
        "version {part}, whose date is not known", part=facts["version"] or _("not known")
    ),
    Kind.NO_PARTNER: lambda facts: _(
        "no installation has a session here and another of the same version {where}, so that nothing could "
        "be compared",
        where=words.where(facts["there"]),
    ),
    Kind.ONLY_WITH_APP: words.only_with_app,
    Kind.OTHER_SENDER: lambda facts: _(
        ", but what sent it is {listed}, of which the statement does not speak",
        listed=", ".join(words.texts(facts["apps"])),
    ),
    Kind.UNKNOWN_SENDER: words.unknown_sender,
    Kind.BOUND: words.bound,
    Kind.STAYED_OPAQUE: words.stayed_opaque,
    Kind.SHOWN_IN_SOME: lambda facts: (
        (
            _("SHOWN for all that was done in {n} of {of} sessions, and for a part of it in others", **facts)
            if "partly" in facts
            else _("SHOWN in {n} of {of} sessions", **facts)
        )
        + _(
            "; that it is every one takes a lower bound of {target_percent:.0f} %, which {needed} sessions "
            "give if all show it",
            **facts,
        )
    ),
    Kind.READABLE_TELEMETRY: lambda facts: (
        _("what parses as the protocol of {sdk} was sent to {endpoint}", **facts)
        if "sdk" in facts
        else _("telemetry that can be read without any key was sent to {endpoint}", **facts)
    ),
    Kind.UNEXPLAINED: words.unexplained,
    Kind.CONTROL_MISSING: lambda facts: _(
        "no positive control: no valid session where sending is admitted shows {shown_by_control}; run some",
        shown_by_control=words.shown_by_control(facts),
    ),
    Kind.CONTROL_FAILED: lambda facts: _(
        "the positive control failed: {shown_by_control} reached the vendor in {n} of the {of} sessions "
        "where sending is admitted, so silence proves nothing; let sessions settle longer",
        shown_by_control=words.shown_by_control(facts),
        n=facts["n"],
        of=facts["of"],
    ),
    Kind.CONTROL_SHORT: lambda facts: _(
        "the positive control is too short: {n} sessions where sending is admitted show {shown_by_control}, "
        "{needed} would do",
        n=facts["n"],
        shown_by_control=words.shown_by_control(facts),
        needed=facts["needed"],
    ),
    Kind.REQUESTS_WENT: words.requests_went,
    Kind.NO_REQUEST_WENT: words.no_request_went,
    Kind.NOTHING_SENT: lambda facts: (
        _("sending was said to go on here, but nothing was sent")
        if words.was_said(facts)
        else _("nothing was sent")
    ),
    Kind.CONTENT_SENT: words.content_sent,
    Kind.CONTENT_TRIED: words.content_tried,
    Kind.ALSO_SENT: words.also_sent,
    Kind.CONTENT_STRAYED: lambda facts: _(
        "{data_was} sent to {host}{others}, and whether the vendor is behind it is not known",
        data_was=words.data_was(facts),
        host=facts["host"],
        others=_(" (and to {n} more)", n=more) if (more := facts.get("more_hosts")) else "",
    ),
    Kind.PRESENCE_SHOWN: lambda facts: words.presence_shown(facts, sentence_of),
    Kind.PRESENCE_MISSING: words.presence_missing,
    Kind.SENT_BY_OTHERS: words.sent_by_others,
    Kind.AMOUNTS: words.amounts,
    Kind.SESSIONS: words.sessions,
    Kind.TOKEN_OLD: words.token_old,
    Kind.DEPENDS: lambda facts: _(
        "{lean}; traffic that does not depend on it does this well, at any endpoint and in any "
        "condition tested, at most once in {once_in_audits:,.0f} audits",
        lean=words.lean(facts),
        once_in_audits=facts["once_in_audits"],
    ),
    Kind.LENGTHS_REPEATED: lambda facts: _(
        "what was sent to {endpoint} repeats the random lengths of the addresses visited, in their order "
        "(session {session}; by chance in at most one of {odds}, and one of {odds2} was needed): it carries "
        "how long they are, though it cannot be read",
        endpoint=facts["endpoint"],
        session=facts["session"],
        odds=words.odds(facts["p"]),
        odds2=words.odds(facts["level"]),
    ),
    Kind.LARGER_IF_RANDOM: lambda facts: _(
        "what was sent to {endpoint} was larger where addresses of equal length were random (E = {e_value} "
        "in {pairs} pairs, {e_value2} were needed), and the larger, the longer they were (p = {p:.1g}): it "
        "carries what makes them different",
        endpoint=facts["endpoint"],
        e_value=words.e_value(facts["e_value"]),
        pairs=facts["pairs"],
        e_value2=words.e_value(facts["needed"]),
        p=facts["p"],
    ),
    Kind.NO_ROOM: words.no_room,
    Kind.TOO_MUCH_ROOM: lambda facts: _(
        "in {n} of {of} sessions {endpoint} had room for {leak}, or was not seen, so up to {percent} of "
        "sessions can have sent that, and {target_percent:g} % is the most for an all-clear; more pairs, "
        "more visits in each, or a key would settle it",
        n=facts["n"],
        of=facts["of"],
        endpoint=facts["endpoint"],
        leak=words.leak(facts),
        percent=facts["percent"],
        target_percent=facts["target_percent"],
    ),
    Kind.ROOM_FOR: words.leak,
    Kind.DEPENDS_ONLY: lambda facts: _(
        "{lean}, so it depends on whether something is done; that it holds what was visited was not "
        "shown, and occurrence alone contradicts no statement about content",
        lean=words.lean(facts),
    ),
    Kind.LARGER_WITHOUT_DOSE: lambda facts: _(
        "{lean}, and larger where addresses of equal length were random, but not the larger, the longer "
        "they were (p = {p:.1g}): an app that learned in another way which half it was in would do the "
        "same, so that it holds what was visited was not shown",
        lean=words.lean(facts),
        p=facts["p"],
    ),
    Kind.PAIRED_CONTROL_MISSING: lambda facts: _(
        "no positive control: where sending is admitted, the same test does not show {rung} at {part}, so "
        "silence proves nothing; run the pairs there to their end",
        rung=facts["rung"],
        part=facts["endpoint"] or _("any endpoint of the vendor"),
    ),
    Kind.AT_ENDPOINT: lambda facts: (
        f"{facts['endpoint']}: {_nested(facts['what'])}"
        if facts.get("objection")
        else _("at {endpoint} {nested}", endpoint=facts["endpoint"], nested=_nested(facts["what"]))
    ),
}


def told(reasons: Iterable[Reason]) -> str:
    """The reasons as one sentence, without a full stop."""
    text = ""
    for reason in reasons:
        sentence = sentence_of(reason)
        text += sentence if sentence[:1] in " ," or not text else f"; {sentence}"
    return text


def sentence_of(reason: Reason) -> str:
    """What one reason says; an observation that was counted, with in how many sessions it was made."""
    facts = reason.as_dict()
    if "at_most_percent" in facts:
        return _said(reason.kind, facts) + _MISSING.format_map(_rounded(facts))
    if not facts.keys() >= {"n", "of", "unit"}:
        example = f" ({_nested(facts['example'])})" if reason.kind is Kind.AMOUNT_VARIES and facts else ""
        return _said(reason.kind, facts) + example
    example = _(" (for example {nested})", nested=_nested(facts["example"])) if "example" in facts else ""
    return _(
        "in {n} of {of} {unit} {said}{example}",
        n=facts["n"],
        of=facts["of"],
        unit=facts["unit"],
        said=_said(reason.kind, facts),
        example=example,
    )


def _said(kind: Kind, facts: Mapping[str, Fact]) -> str:
    if template := _TEMPLATES.get(kind):
        return template.format_map(_rounded(facts))
    return _SENTENCES[kind](_rounded(facts))


def _rounded(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """Facts as they are told: no bound smaller, no lower bound and no evidence larger than it is."""
    return {
        name: _ROUNDED[name](value) if name in _ROUNDED and isinstance(value, int | float) else value
        for name, value in facts.items()
    }


def _nested(fact: Fact) -> str:
    """Reasons within a reason."""
    if isinstance(fact, tuple):
        return "; ".join(map(_nested, fact))
    return sentence_of(fact) if isinstance(fact, Reason) else str(fact or "")
