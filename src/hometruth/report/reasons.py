"""The one catalogue of what reasons and doubts say, and how they are joined into a sentence.

A sentence that begins with a blank or a comma goes on with the one before it; others follow a semicolon.
"""

from collections.abc import Iterable, Mapping

from hometruth.model import Fact, Reason
from hometruth.model import ReasonKind as Kind
from hometruth.report import reason_words as words

OTHER_VERSION = "other version, and no verdict on the speaker"
"""What is said outside the scope, everywhere."""
CONSENT_HELD = "in {n} {unit} no telemetry was sent to the vendor"

_TEMPLATES: Mapping[Kind, str] = {
    Kind.UNFINISHED: (
        "the case has no MANIFEST.json (its run did not end, or the file was removed), so whether its "
        "recording is whole cannot be told"
    ),
    Kind.LABELLED: (
        "the recordings were there first and were labelled afterwards by {by}: nothing was sealed before, "
        "and no order was random"
    ),
    Kind.OTHER_HOSTS: "other hosts: not looked into ({n}, whose bytes were counted)",
    Kind.ALTERED: "the case is not as its run left it: {how}",
    Kind.PHANTOMS_SIGHTED: "{n} canaries that were never planted were sighted",
    Kind.SEARCH_INVENTS: (
        "{n} canaries that were never planted were sighted: the search invents, and until that is explained "
        "nothing in this run decides"
    ),
    Kind.SINKHOLED: (
        "the vendor's servers were answered by the recorder, so a real one might have been sent more"
    ),
    Kind.DAMAGED_ENTRIES: "the recording has {n} damaged entries, which may belong to any session",
    Kind.UNREAD_OUTSIDE: (
        "{n} requests to the vendor outside every session could not be read, for example to {endpoint}"
    ),
    Kind.BODIES_NOT_RECORDED: "{n} request bodies to the vendor were not recorded",
    Kind.HALF_READ: "{n} values could not be read to the end, for example at {host}: {detail}",
    Kind.OPAQUE_BYTES: "{percent:.1f} % of the bytes sent to the vendor could not be read",
    Kind.RECEIVER_KNOWS: (
        "the receiver knows it: answers of {host} hold what was planted in {n} sessions, although no request "
        "that was read had carried it there before"
    ),
    Kind.OPAQUE_ROOM: (
        "{bytes} bytes that were sent to {host} in session {session} could not be read, and what was planted "
        "would fit in"
    ),
    Kind.SESSION_NOT_AS_PLANNED: ("{session}: the condition it really ran under was not attested as planned"),
    Kind.WEAK: (
        ", but the evidence is {bits:.0f} bits and {needed:.0f} are needed; more independent sessions would "
        "settle it"
    ),
    Kind.NO_SESSION: "no session of this run speaks to it",
    Kind.NOT_TESTABLE: "{stated}",
    Kind.ONE_INSTALLATION: "there was one installation, and it takes two to tell like from unlike",
    Kind.NOT_DAYS_APART: "no installation has two sessions more than {days:g} days apart",
    Kind.NEVER_TWICE: "no installation has two sessions, so that nothing could repeat",
    Kind.ONE_POSITION: "only one position of the switch was run, and it takes two to compare",
    Kind.NO_OTHER_PRODUCT: "none of the products compared with was run",
    Kind.SEEN_ELSEWHERE: "seen in {n} of {of} conditions here",
    Kind.CONTRARY_ELSEWHERE: "the contrary was seen in {n} of {of} conditions here",
    Kind.LATER: "version {version} of {released}, and the statement is of {until}",
    Kind.EARLIER: "version {version} of {released}, and the statement is about those from {since}",
    Kind.WORST_OF: " (worst of {conditions} conditions: {condition})",
    Kind.TOGETHER: (
        "for {conditions} conditions at once, so that each has a wider margin, at most {percent:.1f} % of "
        "{unit}"
    ),
    Kind.SENT_BY_APP: "sent by {app} ({known_by})",
    Kind.SENT_BY: "sent by {app}",
    Kind.SENT_BY_PHONE: "sent by the phone; by which app is not known",
    Kind.WATCHED: "watched {window}; later uploads not tested",
    Kind.CONTROL_SENT_NOTHING: (
        "what was planted was sent in no session at all, so that it would have arrived within that time is "
        "shown only by the other telemetry that did"
    ),
    Kind.UNTRIED_ENDPOINT: (
        "telemetry went to {endpoint}, where no control session shows that planted values would be seen"
    ),
    Kind.TELEMETRY_SENT: "telemetry was sent to {endpoint}",
    Kind.DOMAIN_SENT: (
        "in {n} of {of} sessions {domain}, below which all pages visited lie, was sent to {host}: that "
        "something was visited there, and not what"
    ),
    Kind.TELEMETRY_TRIED: "it was tried to send telemetry to {endpoint}, and nothing answered",
    Kind.MORE_SENT_TO: " (and so on to {recipients} more, {times} times in all)",
    Kind.UNKNOWN_INITIATOR: (
        ", but {evidence}: whose doing it is cannot be told, so nothing is said of the app"
    ),
    Kind.EXTENSIONS_UNKNOWN: (
        ", but the plan does not state that no extension was installed, which would send under the app's "
        "name, so nothing is said of the app"
    ),
    Kind.SENT_IN_THE_CLEAR: "telemetry went to {endpoint} without TLS",
    Kind.SENT_READABLE: "what was sent to {endpoint} could be read without any key",
    Kind.OFFER_UNKNOWN: (
        "of {n} telemetry requests it is not known that the client itself offered TLS 1.2 or newer (the "
        "version agreed with the recorder says nothing of it); record the ClientHello"
    ),
    Kind.LATE_UPLOADS: (
        "{n} uploads during these sessions held what was done in others, for example to {endpoint}"
    ),
    Kind.TELEMETRY_OUTSIDE: (
        "{n} telemetry requests were recorded outside every session, for example to {endpoint}"
    ),
    Kind.UNKNOWN_PROTOCOL: (
        "{n} requests to the vendor speak no protocol that is known for telemetry, for example to {endpoint}"
    ),
    Kind.UNKNOWN_OWNER: (
        "{n} telemetry requests went to a host that is not known to be the vendor's, for example to "
        "{endpoint}"
    ),
    Kind.REQUEST_WENT: "a request went to {endpoint}",
    Kind.SENDING_SHOWN: "telemetry was sent in {n} of {of} sessions, for example to {endpoint}",
    Kind.SWITCH_NOT_SEEN: (
        "no position of the switch was seen to send, so nothing shows that the switch stops anything"
    ),
    Kind.DEPENDENCE_NOT_TESTED: (
        "telemetry was sent whose dependence on browsing only a randomised comparison with sessions without "
        "browsing can show"
    ),
    Kind.CATEGORIES_NOT_READ: (
        "telemetry was sent, and only what was planted was looked for in it; which category each of its "
        "other fields falls into must be read in it"
    ),
    Kind.RECORDS_MAY_COUNT: (
        "no planted value was found in the records, but a record that names no page and no search can still "
        "stand for a single action; sessions with different numbers of actions would settle it"
    ),
    Kind.READABLE_TELEMETRY: "telemetry that can be read without any key was sent to {endpoint}",
    Kind.SHOWN_IN_SOME: (
        "SHOWN in {n} of {of} sessions; that it is every one takes a lower bound of {target_percent:.0f} %, "
        "which {needed} sessions give if all show it"
    ),
    Kind.OTHERS_TOO_SHORT: (
        "the products compared with were watched in {n} sessions only; {needed} would do"
    ),
    Kind.TELEMETRY_ELSEWHERE: "telemetry went to {organisation} ({host})",
    Kind.CANARY_ELSEWHERE: "the {data} canary went to {organisation} ({host})",
    Kind.UNKNOWN_OWNERS: "telemetry went to {n} hosts of unknown owner, for example {host}",
    Kind.EVENT_UNDECLARED: "a record of the event {event!r}, which is not declared, was sent to {endpoint}",
    Kind.FIELD_UNDECLARED: "the field {field}, which is not declared, was sent to {endpoint}",
    Kind.VALUE_UNDECLARED: "a value of {field} that is not declared was sent to {endpoint}",
    Kind.MAY_SAY_ANYTHING: " and may say anything",
    Kind.RECORDS_UNREAD: "{n} telemetry requests hold no record that could be read",
    Kind.AMOUNT_VARIES: "the telemetry of one session was not as much as that of another",
    Kind.ALIKE_USE: (
        "every session did as much as every other, so that nothing could show in the amount; sessions with "
        "different numbers of actions would settle it"
    ),
    Kind.ANSWERS_REPEATED: "a report gave the same answers as another one of the same installation",
    Kind.FEW_REPORTS: "{n} installations reported less than {needed} times, so nothing could repeat",
    Kind.CODE_KEPT: "a code that the installation keeps was sent to {host} ({field})",
    Kind.CODES_NOT_COMPARABLE: (
        "on {device} fewer than two installations had two sessions each, so that a code that an installation "
        "keeps would not have been noticed"
    ),
    Kind.CODE_OF_ACCOUNT: (
        "{field}, sent to {host}, was the same in several installations: it may be the account in a form "
        "that is not known; a session with a second account would tell"
    ),
    Kind.CODE_LOOKALIKE: (
        "{field}, sent to {host}, was the same in all installations on the only device and looks random: it "
        "names the device, or is the same everywhere; a second device of that model would tell"
    ),
    Kind.TOKEN_SHARED: "the {identifier} identifier {field} was the same as in another session",
    Kind.TOKEN_COMMON: (
        "{field}, sent to {host}, was the same in another session, and no installation of the same app and "
        "version on the same device sent another there: it may be the device's, the model's or the "
        "software's; a second installation would tell"
    ),
    Kind.TOKEN_NOT_OWN: "{field} was the same in {installations} installations",
    Kind.TOKEN_DERIVED: "{field} holds the {data} ({form})",
    Kind.TOKEN_NOT_SEEN: "no token was seen in {n} of {of} sessions, for example {session}",
    Kind.TOKEN_CHANGED: "{field} did not stay the same from day {first_day:g} to day {last_day:g}",
    Kind.TOKEN_KEPT: (
        "{field} was the same from day {first_day:g} to day {last_day:g} (at 95 % confidence, in more than "
        "{more_than_percent:.1f} % of installations)"
    ),
    Kind.TOKEN_WATCH_SHORT: "no installation was seen to send a token over more than {days:g} days",
    Kind.INSTALLATIONS_WATCH_SHORT: "{n} of {of} installations were not watched for more than {days:g} days",
    Kind.DOSE: (
        "each random byte that we planted made {bytes_out:.2f} (95 %: {low:.2f} to {high:.2f}) more bytes "
        "leave"
    ),
    Kind.NO_VENDOR_ENDPOINT: "none of the plan's endpoints is the vendor's; name one",
    Kind.OTHERS_IN_GROUP: (
        "what {endpoint} depends on may be the traffic of others, whose hosts are in the same group; name "
        "the vendor's host in the plan's endpoints"
    ),
    Kind.TRIALS_LOST: "{n} of {of} trials were lost, more than 5 %; run it again",
    Kind.TRIALS_LOST_UNEVENLY: (
        "{treated} trials were lost with canaries, {control} without: the visits may be the cause"
    ),
    Kind.PAIRS_NOT_RUN: "{n} of {of} planned pairs were run; run the rest",
    Kind.PAIRS_SUSPICIOUS: (
        "the evidence is suspicious (E = {e_value:.0f} of the {needed:,.0f} needed): extend"
    ),
    Kind.SPIKE_MISSED: (
        "the check of our own pipeline failed: what was planted, added to the recorded control halves, is "
        "not found in this many pairs; run more, or plant more"
    ),
    Kind.NONE_SENT: "in {n} {unit} none of it was sent to the vendor",
    Kind.NONE_AT_ALL: "in {n} {unit} nothing at all was sent to the vendor's telemetry",
    Kind.NO_IDENTIFIER: "in {n} {unit} no identifier known to the tester was sent to the vendor",
    Kind.ONLY_DECLARED_VALUES: (
        "in {n} {unit} nothing was sent but, if anything, declared values under the categories' names"
    ),
    Kind.ONLY_DECLARED: (
        "in {n} {unit} every record was of a declared event, with declared fields and values only"
    ),
    Kind.STEADY: "in {n} {unit} as many records in as many bytes were sent, whatever was done",
    Kind.STEADY_AND_DECLARED: (
        "in {n} {unit} as many records in as many bytes were sent, whatever was done, and all their "
        "properties had declared values"
    ),
    Kind.NOTHING_BEFORE_CONSENT: f"{CONSENT_HELD} before consent was given",
    Kind.NOTHING_AFTER_WITHDRAWAL: f"{CONSENT_HELD} after consent was withdrawn",
    Kind.NO_TELEMETRY: CONSENT_HELD,
    Kind.ALL_PROTECTED: (
        "in {n} {unit} all telemetry used TLS, and the client itself offered TLS 1.2 or newer"
    ),
    Kind.NONE_READABLE: "in {n} {unit} no telemetry record could be read",
    Kind.NONE_WENT: "in {n} {unit} no request went there",
    Kind.ALL_TO_NAMED: "in {n} {unit} all telemetry went to hosts of these organisations",
    Kind.NO_REPEATED_ANSWERS: (
        "in {n} {unit} no report repeated the answers of another one of its installation"
    ),
    Kind.ALL_KEPT: "in {n} {unit} the token was kept",
    Kind.NOT_SEEN: "in {n} {unit} it was not seen",
    Kind.NONE_UNLIKE_OTHERS: (
        "in {n} {unit} none of it was sent to the vendor, so nothing that others do not send"
    ),
    Kind.ONE_POSITION_SILENT: "one position of the switch was silent in {n} {unit}, the other sent",
    Kind.NONE_SHARED: "in {n} {unit} no identifier that we found was shared with those other sessions",
    Kind.ALL_DIFFERENT: (
        "in {n} {unit} every token was different from all others and from what is known of the device"
    ),
    Kind.NONE_TOO_OLD: "in {n} {unit} no token outlived the promised time",
}
_MISSING = " in any of {n} {unit}; at most {at_most_percent:.1f} % of them do (95 % confidence)"

_SENTENCES: Mapping[Kind, words.Sentence] = {
    Kind.ALTERED_CASE: lambda facts: (
        f"the case is not as its run left it ({'; '.join(words.texts(facts['how']))}): whoever changed it "
        "could have made it say anything, so nothing in it decides"
    ),
    Kind.NEVER_RECORDED: lambda facts: (
        f"recordings lack what their recorder always leaves out ({facts['n']} things): {facts['detail']}"
    ),
    Kind.CONNECTIONS_UNOPENED: lambda facts: (
        f"{facts['n']} connections could not be opened, for example to "
        f"{facts['host'] or 'a host that is not known'}"
    ),
    Kind.NOT_ATTESTED: lambda facts: (
        f"no session ran under an attested condition ({_nested(facts['example']) or 'none planned'})"
    ),
    Kind.SESSION_LOST: lambda facts: f"{facts['session']}: lost ({facts['note'] or 'not run'})",
    Kind.ACTIONS_NOT_SEEN: lambda facts: (
        f"{facts['session']}: not observed to happen: {', '.join(words.texts(facts['actions']))}"
    ),
    Kind.TOO_FEW: lambda facts: words.too_few(facts, sentence_of),
    Kind.OUT_OF_SCOPE: lambda facts: f" ({OTHER_VERSION}: {_nested(facts['outside'])})",
    Kind.OTHER_LEVEL: lambda facts: (
        f"{facts['factor']} {facts['level'] or 'not known'}, and the statement is about "
        f"{', '.join(words.texts(facts['spoken_of']))}"
    ),
    Kind.UNDATED: lambda facts: f"version {facts['version'] or 'not known'}, whose date is not known",
    Kind.NO_PARTNER: lambda facts: (
        "no installation has a session here and another of the same version "
        f"{words.where(facts['there'])}, so that nothing could be compared"
    ),
    Kind.ONLY_WITH_APP: words.only_with_app,
    Kind.OTHER_SENDER: lambda facts: (
        f", but what sent it is {', '.join(words.texts(facts['apps']))}, of which the statement does not "
        "speak"
    ),
    Kind.UNKNOWN_SENDER: words.unknown_sender,
    Kind.BOUND: words.bound,
    Kind.STAYED_OPAQUE: lambda facts: (
        "nothing at all was sent to the vendor"
        if facts["percent"] is None
        else f"{facts['percent']:.1f} % of the bytes sent to the vendor stayed opaque"
    ),
    Kind.UNEXPLAINED: words.unexplained,
    Kind.CONTROL_MISSING: lambda facts: (
        "no positive control: no valid session where sending is admitted shows "
        f"{words.shown_by_control(facts)}; run some"
    ),
    Kind.CONTROL_FAILED: lambda facts: (
        f"the positive control failed: {words.shown_by_control(facts)} reached the vendor in {facts['n']} of "
        f"the {facts['of']} sessions where sending is admitted, so silence proves nothing; let sessions "
        "settle longer"
    ),
    Kind.CONTROL_SHORT: lambda facts: (
        f"the positive control is too short: {facts['n']} sessions where sending is admitted show "
        f"{words.shown_by_control(facts)}, {facts['needed']} would do"
    ),
    Kind.REQUESTS_WENT: words.requests_went,
    Kind.NO_REQUEST_WENT: words.no_request_went,
    Kind.NOTHING_SENT: lambda facts: (
        "sending was said to go on here, but nothing was sent"
        if words.was_said(facts)
        else "nothing was sent"
    ),
    Kind.CONTENT_SENT: words.content_sent,
    Kind.CONTENT_TRIED: words.content_tried,
    Kind.ALSO_SENT: words.also_sent,
    Kind.CONTENT_STRAYED: lambda facts: (
        f"{words.data_named(facts)} was sent to {facts['host']}, and whether the vendor is behind it is not "
        "known"
    ),
    Kind.PRESENCE_SHOWN: lambda facts: words.presence_shown(facts, sentence_of),
    Kind.PRESENCE_MISSING: words.presence_missing,
    Kind.SENT_BY_OTHERS: words.sent_by_others,
    Kind.AMOUNTS: words.amounts,
    Kind.SESSIONS: words.sessions,
    Kind.TOKEN_OLD: words.token_old,
    Kind.DEPENDS: lambda facts: (
        f"{words.lean(facts)}; an app that sends nothing about browsing does this well, at any endpoint and "
        f"in any condition tested, at most once in {facts['once_in_audits']:,.0f} audits"
    ),
    Kind.LENGTHS_REPEATED: lambda facts: (
        f"what was sent to {facts['endpoint']} repeats the random lengths of the addresses visited, in their "
        f"order (session {facts['session']}; by chance in at most one of {words.odds(facts['p'])}, and one "
        f"of {words.odds(facts['level'])} was needed): it carries how long they are, though it cannot be "
        "read"
    ),
    Kind.LARGER_IF_RANDOM: lambda facts: (
        f"what was sent to {facts['endpoint']} was larger where addresses of equal length were random (E = "
        f"{words.e_value(facts['e_value'])} in {facts['pairs']} pairs, {words.e_value(facts['needed'])} were "
        f"needed), and the larger, the longer they were (p = {facts['p']:.1g}): it carries what makes them "
        "different"
    ),
    Kind.NO_ROOM: words.no_room,
    Kind.TOO_MUCH_ROOM: lambda facts: (
        f"in {facts['n']} of {facts['of']} sessions {facts['endpoint']} had room for {words.leak(facts)}, or "
        f"was not seen, so up to {facts['percent']:.1f} % of sessions can have sent that, and "
        f"{facts['target_percent']:g} % is the most for an all-clear; more pairs, more visits in each, or a "
        "key would settle it"
    ),
    Kind.ROOM_FOR: words.leak,
    Kind.DEPENDS_ONLY: lambda facts: (
        f"{words.lean(facts)}, so it depends on whether something is visited; that it holds what was visited "
        "was not shown, and occurrence alone contradicts no statement about content"
    ),
    Kind.LARGER_WITHOUT_DOSE: lambda facts: (
        f"{words.lean(facts)}, and larger where addresses of equal length were random, but not the larger, "
        f"the longer they were (p = {facts['p']:.1g}): an app that learned in another way which half it was "
        "in would do the same, so that it holds what was visited was not shown"
    ),
    Kind.PAIRED_CONTROL_MISSING: lambda facts: (
        "no positive control: where sending is admitted, the same test does not show "
        f"{facts['rung']} at {facts['endpoint'] or 'any endpoint of the vendor'}, so silence proves nothing; "
        "run the pairs there to their end"
    ),
    Kind.AT_ENDPOINT: lambda facts: (
        f"{facts['endpoint']}: {_nested(facts['what'])}"
        if facts.get("objection")
        else f"at {facts['endpoint']} {_nested(facts['what'])}"
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
        return _said(reason.kind, facts) + _MISSING.format_map(facts)
    if not facts.keys() >= {"n", "of", "unit"}:
        example = f" ({_nested(facts['example'])})" if reason.kind is Kind.AMOUNT_VARIES and facts else ""
        return _said(reason.kind, facts) + example
    example = f" (for example {_nested(facts['example'])})" if "example" in facts else ""
    return f"in {facts['n']} of {facts['of']} {facts['unit']} {_said(reason.kind, facts)}{example}"


def _said(kind: Kind, facts: Mapping[str, Fact]) -> str:
    if template := _TEMPLATES.get(kind):
        return template.format_map(facts)
    return _SENTENCES[kind](facts)


def _nested(fact: Fact) -> str:
    """Reasons within a reason."""
    if isinstance(fact, tuple):
        return "; ".join(map(_nested, fact))
    return sentence_of(fact) if isinstance(fact, Reason) else str(fact or "")
