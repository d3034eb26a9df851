"""Propositions about content: canaries found, or not found, at the vendor."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.base import Kind, Violation
from hometruth.claims.kinds.contact import sessions_that_sent, silence_doubts
from hometruth.claims.kinds.controls import (
    content_controls,
    option_kinds,
    telemetry_controls,
    untried_endpoints,
)
from hometruth.claims.kinds.declared import amount_doubts, content_doubts
from hometruth.claims.kinds.needed_pairs import different_use
from hometruth.claims.kinds.own_codes import (
    asks_for_others,
    comparison_doubts,
    kept_codes,
    lookalike_doubts,
)
from hometruth.model import (
    DECIDING_BITS,
    Canary,
    CanaryKind,
    Finding,
    Proposition,
    Reason,
    ReasonKind,
    Rung,
    Sighting,
    Tells,
)

SHORT_FORM_BITS = 32.0
"""A known value spelt in no more than this (a CRC, a short name) is one coincidence however often it is seen:
an IMEI seen in ten sessions is evidence, one 32-bit digest is not."""
WHOEVER = "whoever"
"""Option by which a proposition for sessions in pairs speaks of what is sent to anybody."""
DECLARATION = frozenset({"events", "fields", "values"})
"""Options by which records can be cleared: each is of one of these events, and all its properties are among
these fields, with one of these values each."""


def what_is(canary: Canary) -> str:
    """Its kind, or the id of a known value: what a reason calls it."""
    return canary.id if canary.personal else str(canary.kind)


def most_told(finding: Finding) -> str:
    """The most that any sighting tells of the value: all of it, a part, a digest."""
    told = {sighting.form.tells for sighting in finding.sightings}
    return next(each for each in Tells if each in told).value


def shortest(finding: Finding, trial: str, fields: Sequence[str] = ()) -> Sighting:
    """Of the sightings in one session, the one with the shortest way from the request to the readable value.

    One that decides alone goes before any that does not.

    A known value's finding spans sessions, and one of those may not have been attested: it proves nothing.
    """
    return min(
        sightings_in(finding, trial, fields),
        key=lambda item: (
            item.evidence_bits < DECIDING_BITS,
            len(item.value.steps),
            len(item.value.path),
            item.exchange.id,
        ),
    )


def sightings_in(finding: Finding, trial: str, fields: Sequence[str] = ()) -> list[Sighting]:
    """The sightings that speak of one session.

    Args:
        fields: Of an event, in one of which they stand; none: wherever they stand.
    """
    ends = tuple(f".{field}" for field in fields)
    return [
        item
        for item in finding.sightings
        if trial in (item.canary.cell, item.exchange.trial)
        and (not ends or f".{item.value.path}".endswith(ends))
    ]


def found_kinds(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    """Every finding of the kinds asked for, at the vendor, in the attested sessions of the cell."""
    kinds = option_kinds(proposition)
    return [
        violation_of(finding, trial.id)
        for trial in cell.attested
        for finding in evidence.vendor_findings.get(trial.id, ())
        if finding.canary.kind in kinds
    ]


def violation_of(finding: Finding, trial: str, fields: Sequence[str] = ()) -> Violation:
    """That it was found, as it was seen in one session, in one of *fields* if any are named."""
    sighting = shortest(finding, trial, fields)
    to = finding.recipient
    return Violation(
        trial=trial,
        bits=max(item.evidence_bits for item in sightings_in(finding, trial, fields)),
        reason=Reason.of(
            ReasonKind.CONTENT_SENT,
            what=what_is(finding.canary),
            data=str(finding.canary.kind),
            tells=sighting.form.tells.value,
            organisation=to.organisation,
            host=to.host,
            sdk=to.sdk,
        ),
        exchange=sighting.exchange.id,
        finding=finding,
        sighting=sighting,
        lasts=finding.canary.cell is None and sighting.form.bits <= SHORT_FORM_BITS,
    )


def _sends_telemetry(_proposition: Proposition, cell: Cell, evidence: Evidence) -> bool:
    return any(trial.id in evidence.telemetry for trial in cell.attested)


def _content_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt about endpoints without a control, and where what was planted reached somebody unknown."""
    untried = untried_endpoints(proposition, cell, evidence)
    strays = stray_doubts(proposition, cell, evidence)
    return [*untried, *strays, *domain_doubts(proposition, cell, evidence)]


def domain_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt where the domain that all pages have in common was sent: of which page, it does not say."""
    if CanaryKind.PAGE not in option_kinds(proposition):
        return []
    ids = {trial.id for trial in cell.attested}
    told = [item for item in evidence.contacts if item.domain and item.recorded_in in ids]
    if not told:
        return []
    n, first = len({item.recorded_in for item in told}), told[0]
    return [
        Reason.of(ReasonKind.DOMAIN_SENT, domain=first.domain, host=first.recipient.host, n=n, of=len(ids))
    ]


def unexpected(trials: Collection[str], evidence: Evidence) -> list[Finding]:
    """Findings in these sessions that arrived, that the plan does not expect, and that decide: alone, or
    together with those of the other sessions at the same host, as at the vendor."""
    ids = frozenset(trials)
    found = [
        finding
        for finding in evidence.findings
        if not (finding.expected or finding.is_visit or finding.delivered.is_attempt)
        and ids.intersection(finding.trials)
    ]
    best: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for finding in found:
        if finding.canary.cell in ids:
            sessions = best[finding.canary.kind, finding.recipient.host]
            sessions[finding.canary.cell] = max(sessions[finding.canary.cell], finding.evidence_bits)
    together = {place: sum(sessions.values()) for place, sessions in best.items()}
    return [
        finding
        for finding in found
        if finding.evidence_bits >= DECIDING_BITS
        or (
            finding.canary.cell in ids
            and finding.evidence_bits > 0
            and together[finding.canary.kind, finding.recipient.host] >= DECIDING_BITS
        )
    ]


def stray_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt where what was planted reached somebody unknown."""
    ids, kinds = {trial.id for trial in cell.planned}, option_kinds(proposition)
    strays = [
        finding
        for finding in unexpected(ids, evidence)
        if finding.canary.kind in kinds
        and not finding.recipient.vendor_controlled
        and _may_be_the_vendors(finding, evidence)
    ]
    if not strays:
        return []
    first = strays[0]
    told = Reason.of(
        ReasonKind.CONTENT_STRAYED,
        what=what_is(first.canary),
        data=str(first.canary.kind),
        tells=most_told(first),
        host=first.recipient.host,
        more_hosts=len({finding.recipient.host for finding in strays}) - 1,
    )
    alike = [finding for finding in strays if finding.canary.kind is first.canary.kind]
    there = {
        trial
        for finding in alike
        if finding.recipient.host == first.recipient.host
        for trial in ids.intersection(finding.trials)
    }
    return [told.plus(n=len(there), of=len(ids), unit="sessions")]


def _may_be_the_vendors(finding: Finding, evidence: Evidence) -> bool:
    """True for a host of unknown owner, for telemetry by a known SDK, and for who makes such an SDK."""
    to = finding.recipient
    return to.organisation is None or to.sdk is not None or to.organisation in evidence.sdk_makers


def attempts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt where it was tried to send what was planted: nobody saw it arrive, and nobody that it did not."""
    ids, kinds = {trial.id for trial in cell.attested}, option_kinds(proposition)
    tried = [
        finding
        for finding in evidence.findings
        if finding.delivered.is_attempt
        and finding.canary.kind in kinds
        and not finding.expected
        and finding.evidence_bits >= DECIDING_BITS
        and ids.intersection(finding.trials)
    ]
    if not tried:
        return []
    first = tried[0]
    told = Reason.of(
        ReasonKind.CONTENT_TRIED,
        what=what_is(first.canary),
        data=str(first.canary.kind),
        tells=most_told(first),
        organisation=first.recipient.organisation,
        host=first.recipient.host,
        delivered=first.delivered.value,
    )
    n = len(ids.intersection(trial for finding in tried for trial in finding.trials))
    return [told.plus(n=n, of=len(ids), unit="sessions")]


def _browsing_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    doubts = [
        *_content_doubts(proposition, cell, evidence),
        *silence_doubts(proposition, cell, evidence),
    ]
    if _sends_telemetry(proposition, cell, evidence):
        doubts.append(Reason.of(ReasonKind.DEPENDENCE_NOT_TESTED))
    return doubts


def _category_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    if not _sends_telemetry(proposition, cell, evidence):
        return silence_doubts(proposition, cell, evidence)
    if proposition.options.keys() >= DECLARATION:
        return [
            *content_doubts(proposition, cell, evidence),
            *silence_doubts(proposition, cell, evidence),
        ]
    return [Reason.of(ReasonKind.CATEGORIES_NOT_READ)]


def _record_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    if proposition.options.keys() >= DECLARATION:
        return [*content_doubts(proposition, cell, evidence), *amount_doubts(proposition, cell, evidence)]
    return [Reason.of(ReasonKind.RECORDS_MAY_COUNT)]


def _identifying(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    """Known values; and, where the proposition asks for others, any code that the installation keeps."""
    found = found_kinds(proposition, cell, evidence)
    return [*found, *kept_codes(cell, evidence)] if asks_for_others(proposition) else found


def _codes_comparable(proposition: Proposition, cell: Cell, evidence: Evidence) -> Reason | None:
    """Needs, for codes of any kind, two installations with two sessions each; a known value needs none."""
    if not asks_for_others(proposition) or found_kinds(proposition, cell, evidence):
        return None
    return next(iter(comparison_doubts(cell, evidence)), None)


def _different_use(proposition: Proposition, cell: Cell, evidence: Evidence) -> Reason | None:
    """Needs sessions with different numbers of actions; a planted value in a record needs none."""
    return None if found_kinds(proposition, cell, evidence) else different_use(proposition, cell, evidence)


def _unnamed_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt where a code may be an identifier that the tester does not know."""
    asks_for_device = CanaryKind.DEVICE_ID in option_kinds(proposition)
    return lookalike_doubts(cell, evidence) if asks_for_device else []


ABSENT = Kind(
    violations=found_kinds,
    content=True,
    silence=ReasonKind.NONE_SENT,
    controls=content_controls,
    doubts=_content_doubts,
    needs=frozenset({"kinds", "control"}),
    rungs=(Rung.CONTENT,),
    leak="address",
)
"""None of these kinds of canary reaches a vendor-controlled recipient."""

NO_BROWSING_DEPENDENCE = Kind(
    violations=found_kinds,
    content=True,
    silence=ReasonKind.NONE_AT_ALL,
    controls=content_controls,
    doubts=_browsing_doubts,
    needs=frozenset({"kinds", "control"}),
    rungs=(Rung.CONTENT, Rung.OCCURRENCE),
    leak="32 bytes",
    own_options={WHOEVER: bool},
)
"""No telemetry that depends on browsing: content shows dependence, total silence shows independence.

That opaque traffic differs between the halves of a pair shows dependence on whatever differs between them:
the visits, if the coin stayed secret. A proposition has to ask for that (`rung`). One that speaks of what is
sent to anybody (`whoever`) is held against every group of endpoints that the plan names; or against all that
is sent, if it names none.
"""

NO_IDENTIFIER = Kind(
    violations=_identifying,
    silence=ReasonKind.NO_IDENTIFIER,
    pairs=_codes_comparable,
    controls=telemetry_controls,
    doubts=_unnamed_doubts,
    needs=frozenset({"kinds", "control"}),
    takes=frozenset({"others"}),
)
"""No identifier of the person or the device, known beforehand to the tester, reaches the vendor.

With option ``others`` no code, either, that an installation keeps. Whether such a code is an account or a
hardware number cannot be told from one device and one account: without the option it contradicts nothing.
"""

ONLY_CATEGORIES = Kind(
    violations=found_kinds,
    content=True,
    silence=ReasonKind.ONLY_DECLARED_VALUES,
    controls=telemetry_controls,
    doubts=_category_doubts,
    needs=frozenset({"kinds", "control"}),
    takes=DECLARATION,
)
"""Nothing but the declared categories; ``kinds`` are canaries that fall outside all of them.

Where telemetry is sent, it is cleared only by ``events``, ``fields`` and ``values`` that fall in them.
"""

AGGREGATED = Kind(
    violations=found_kinds,
    silence=ReasonKind.STEADY_AND_DECLARED,
    pairs=_different_use,
    speaks_to=_sends_telemetry,
    narrow=sessions_that_sent,
    controls=telemetry_controls,
    doubts=_record_doubts,
    needs=frozenset({"kinds", "control"}),
    takes=DECLARATION,
)
"""No record per action on the wire: a canary names one action, so a record that holds it is one.

Never CONSISTENT by planted values alone: a record may stand for an action that it does not name. It cannot
where as much is sent whatever is done (a record more would show), and where the properties have room for
nothing but ``values`` under the names in ``fields`` (one record of constant size could name the last page).
"""
