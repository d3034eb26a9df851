"""Propositions about records as a whole: are they what was declared, do they come as was declared?"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import log2

from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.base import OBSERVED, Kind, Violation
from hometruth.claims.kinds.contact import sessions_that_sent, silence_doubts
from hometruth.claims.kinds.controls import option_texts, telemetry_controls
from hometruth.claims.kinds.needed_pairs import different_use, two_sessions
from hometruth.model import Contact, Proposition, Reason, ReasonKind, Said, Trial

MOST_LOST = 0.05
"""Share of sessions that may be without any telemetry before that is no loss any more: as in paired tests."""
FEWEST_REPORTS = 2
"""Of one installation, before anything can repeat."""


def _sends(_proposition: Proposition, cell: Cell, evidence: Evidence) -> bool:
    return any(trial.id in evidence.telemetry for trial in cell.attested)


def _undeclared(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    """Every record of another event, with another field, or another value than declared."""
    return [
        Violation(trial.id, OBSERVED, strange.plus(endpoint=contact.endpoint), contact.exchange)
        for trial in cell.attested
        for contact in evidence.telemetry.get(trial.id, ())
        for said in contact.said
        for strange in _strange(proposition, said)
    ]


def _strange(proposition: Proposition, said: Said) -> list[Reason]:
    events, fields, values = (option_texts(proposition, name) for name in ("events", "fields", "values"))
    if "events" in proposition.options and said.event not in events:
        return [Reason.of(ReasonKind.EVENT_UNDECLARED, event=said.event)]
    names = [name for name, _ in said.fields]
    strange = dict.fromkeys(_head(name) for name in names if _head(name) not in fields)
    return [Reason.of(ReasonKind.FIELD_UNDECLARED, field=name) for name in strange] or [
        Reason.of(ReasonKind.VALUE_UNDECLARED, field=_head(name))
        for name, value in said.fields
        if value not in values
    ]


def _head(name: str) -> str:
    """The property itself: of ``domains[0]`` or ``a.b``, what stands in front."""
    return name.partition(".")[0].partition("[")[0]


def content_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt unless every record of the cell was read and has room for declared values only."""
    strange = _undeclared(proposition, cell, evidence)
    told = [strange[0].reason, Reason.of(ReasonKind.MAY_SAY_ANYTHING)] if strange else []
    return [*told, *_encrypted_doubts(proposition, cell, evidence)]


def amount_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt unless as much was sent in every session, though not as much was done."""
    irregular = _irregular(proposition, cell, evidence)
    told = [irregular[0].reason.plus(example=irregular[0].example)] if irregular else []
    return [*told, *_use_doubts(proposition, cell, evidence)]


def _encrypted_doubts(_proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    closed = [
        contact
        for trial in cell.attested
        for contact in evidence.telemetry.get(trial.id, ())
        if not contact.said
    ]
    if not closed:
        return []
    return [Reason.of(ReasonKind.RECORDS_UNREAD, n=len(closed))]


def _doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    return [
        *_encrypted_doubts(proposition, cell, evidence),
        *silence_doubts(proposition, cell, evidence),
    ]


def _irregular(_proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    """Sessions whose telemetry has another number of records, or of bytes, than most of the cell's have."""
    recorded = _recorded(evidence)
    sent = {trial.id: _amount(recorded[trial.id]) for trial in cell.valid}
    if not sent:
        return []
    ((usual, _),) = Counter(sent.values()).most_common(1)
    return [
        Violation(
            trial.id,
            OBSERVED,
            Reason.of(ReasonKind.AMOUNT_VARIES),
            example=Reason.of(
                ReasonKind.AMOUNTS, session=trial.id, records_and_bytes=sent[trial.id], others=usual
            ),
        )
        for trial in cell.valid
        if sent[trial.id] != usual
    ]


def _irregular_not_lost(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    """The same without a few sessions of which nothing came: a report that got lost accuses nobody."""
    irregular, recorded = _irregular(proposition, cell, evidence), _recorded(evidence)
    sent = [item for item in irregular if item.trial in recorded]
    return sent if len(irregular) - len(sent) <= MOST_LOST * len(cell.valid) else irregular


def _recorded(evidence: Evidence) -> dict[str, list[Contact]]:
    """Telemetry by the session during which it was recorded, each request once, whatever it speaks of."""
    found: dict[str, dict[str, Contact]] = defaultdict(dict)
    for contact in evidence.contacts:
        if contact.recorded_in is not None and evidence.tells_vendor(contact):
            found[contact.recorded_in].setdefault(contact.exchange, contact)
    return defaultdict(list, {trial: list(contacts.values()) for trial, contacts in found.items()})


def _amount(contacts: Sequence[Contact]) -> tuple[int, int]:
    return (
        sum(contact.records for contact in contacts),
        sum(contact.read_bytes + contact.opaque_bytes for contact in contacts),
    )


def _use_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt unless sessions differed in what was done: amounts that never vary then show independence."""
    doubts = silence_doubts(proposition, cell, evidence)
    if len({len(trial.actions) for trial in cell.valid}) < 2:
        doubts.append(Reason.of(ReasonKind.ALIKE_USE))
    return doubts


def _repeated(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    """Sessions whose report says, in the fields with noise, what an earlier one of the installation said.

    Under fresh noise each of them is a coincidence of its own. What one is worth is read off the reports of
    different installations, of which none knows the other's noise: how often do two of them agree?
    """
    reports = _reports(proposition, evidence)
    bits = _bits_of_agreement(reports)
    seen: dict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
    here = {trial.id for trial in cell.attested}
    violations = []
    for trial, answers in reports:
        first = seen[trial.installation].setdefault(answers, trial.id)
        if first != trial.id and trial.id in here:
            example = Reason.of(ReasonKind.SESSIONS, sessions=(first, trial.id))
            reason = Reason.of(ReasonKind.ANSWERS_REPEATED)
            violations.append(Violation(trial.id, bits, reason, example=example))
    return violations


def _reports(proposition: Proposition, evidence: Evidence) -> list[tuple[Trial, tuple[str, ...]]]:
    """The answers of every report in attested sessions of the cell's series, in the order of sessions."""
    fields = sorted(option_texts(proposition, "fields"))
    recorded = _recorded(evidence)
    found = []
    for trial in evidence.trials:
        if not trial.is_attested():
            continue
        for contact in recorded[trial.id]:
            for said in contact.said:
                answers = dict(said.fields)
                if fields and all(name in answers for name in fields):
                    found.append((trial, tuple(answers[name] for name in fields)))
    return found


def _bits_of_agreement(reports: Sequence[tuple[Trial, tuple[str, ...]]]) -> float:
    """What it is worth that two reports agree: minus log2 of how often those of two installations do.

    One agreement more than was seen is counted, so that few installations give few bits.
    """
    first = {trial.installation: answers for trial, answers in reversed(reports)}
    n = len(first)
    pairs = n * (n - 1) // 2
    agreeing = sum(times * (times - 1) // 2 for times in Counter(first.values()).values())
    return max(0.0, -log2((agreeing + 1) / (pairs + 1)))


def _varies(proposition: Proposition, cell: Cell, evidence: Evidence) -> bool:
    here = {trial.id for trial in cell.attested}
    return any(trial.id in here for trial, _ in _reports(proposition, evidence))


def _few_reports(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt unless installations reported more than once: one report repeats nothing."""
    n = Counter(trial.installation for trial, _ in _reports(proposition, evidence))
    short = {trial.installation for trial in cell.valid if n[trial.installation] < FEWEST_REPORTS}
    if not short:
        return []
    return [Reason.of(ReasonKind.FEW_REPORTS, n=len(short), needed=FEWEST_REPORTS)]


DECLARED = Kind(
    violations=_undeclared,
    silence=ReasonKind.ONLY_DECLARED,
    speaks_to=_sends,
    narrow=sessions_that_sent,
    controls=telemetry_controls,
    doubts=_doubts,
    needs=frozenset({"events", "fields", "values", "control"}),
)
"""Every record is one of the declared events, with properties in ``fields`` that have one of ``values``."""

STEADY = Kind(
    violations=_irregular_not_lost,
    silence=ReasonKind.STEADY,
    speaks_to=_sends,
    pairs=different_use,
    controls=telemetry_controls,
    doubts=amount_doubts,
    needs=frozenset({"control"}),
)
"""As many records in as many bytes in every session of equal length, whatever is done in it."""

FRESH_NOISE = Kind(
    violations=_repeated,
    silence=ReasonKind.NO_REPEATED_ANSWERS,
    speaks_to=_varies,
    pairs=two_sessions,
    narrow=sessions_that_sent,
    controls=telemetry_controls,
    doubts=_few_reports,
    needs=frozenset({"fields", "control"}),
)
"""The noise on the properties in ``fields`` is drawn anew for each report."""
