"""One proposition, one cell, one verdict: the rules that are the same for every kind."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import log2

from hometruth.bounds import TARGET_PERCENT, rounded_up, sessions_needed
from hometruth.claims.doubts import general_doubts, vendor_bytes
from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds import KINDS, Kind, Violation
from hometruth.claims.kinds.content import attempts
from hometruth.claims.others import contrary_to_strict, sent_beside
from hometruth.claims.pairs import judge_pairs, without_sham
from hometruth.claims.scope import outside_scope
from hometruth.claims.senders import account_for
from hometruth.claims.unexplained import may_hold_an_address, unexplained
from hometruth.claims.units import bound_reason, bounds_of, of_unit
from hometruth.model import (
    DECIDING_BITS,
    Bound,
    Claim,
    Proposition,
    Reading,
    ReadingKind,
    Reason,
    ReasonKind,
    Verdict,
    VerdictKind,
)


@dataclass(frozen=True, slots=True)
class _Bench:
    """What one decision is about."""

    claim: Claim
    reading: Reading
    proposition: Proposition
    cell: Cell
    evidence: Evidence

    @property
    def kind(self) -> Kind:
        return KINDS[self.proposition.kind]

    def verdict(
        self, kind: VerdictKind, *reasons: Reason, bounds: tuple[Bound, ...] = (), found: int = 0
    ) -> Verdict:
        outside = outside_scope(self.claim, self.cell, self.evidence)
        if outside:
            bounds = ()
            reasons = (*map(_not_said, reasons), Reason.of(ReasonKind.OUT_OF_SCOPE, outside=outside))
        return Verdict(
            claim=self.claim.id,
            proposition=self.proposition.id,
            reading=self.reading.kind,
            condition=self.cell.condition,
            verdict=VerdictKind.OTHER_VERSION if outside else kind,
            observed=kind,
            subject_kind=self.evidence.subject.kind,
            in_scope=not outside,
            reasons=reasons,
            bound_percent=rounded_up(of_unit(bounds, self.kind.unit).percent) if bounds else None,
            bounds=bounds,
            unit=self.kind.unit,
            findings=found,
            trials=len(self.cell.attested),
        )


_SAID = frozenset({ReasonKind.PRESENCE_MISSING, ReasonKind.NO_REQUEST_WENT, ReasonKind.NOTHING_SENT})
"""Reasons that hold an absence against somebody who said that it would be there."""


def _not_said(reason: Reason) -> Reason:
    """The same where nobody said so."""
    return reason.plus(said=False) if reason.kind in _SAID else reason


def decide(
    claim: Claim, reading: Reading, proposition: Proposition, cell: Cell, evidence: Evidence
) -> Verdict | None:
    """Judge *proposition* in *cell*; None if it does not speak of what happened there."""
    if KINDS[proposition.kind].rungs:
        cell = without_sham(cell)
    bench = _Bench(claim, reading, proposition, cell, evidence)
    if not cell.attested:
        example = cell.missing[0] if cell.missing else None
        return bench.verdict(VerdictKind.UNTESTED, Reason.of(ReasonKind.NOT_ATTESTED, example=example))
    if not bench.kind.speaks_to(proposition, cell, evidence):
        return None
    if bench.kind.pairs and (missing := bench.kind.pairs(proposition, cell, evidence)):
        return bench.verdict(VerdictKind.UNTESTED, missing)
    violations = bench.kind.violations(proposition, cell, evidence)
    if not violations and bench.kind.content and reading.kind is ReadingKind.STRICT:
        violations = contrary_to_strict(claim, proposition, cell, evidence)
    if violations:
        return _violated(bench, violations)
    if paired := judge_pairs(claim, proposition, cell, evidence):
        verdict = bench.verdict(paired.verdict, *paired.reasons, bounds=paired.bounds, found=paired.found)
        return _unless_phantoms(bench, _with_others(bench, replace(verdict, effects=paired.effects)))
    asked = bench.kind.presence(proposition, cell, evidence) if bench.kind.presence else None
    if asked and asked.shown:
        verdict = bench.verdict(VerdictKind.CONSISTENT, asked.shown)
        verdict = _unless_phantoms(bench, _with_others(bench, verdict))
        return _proved_by(asked.exhibit, verdict) if asked.exhibit else verdict
    return _with_others(bench, _unviolated(bench, absent=asked.absent if asked else None))


def _with_others(bench: _Bench, verdict: Verdict) -> Verdict:
    """An all-clear with what reached somebody else told right behind what did not reach the vendor."""
    if VerdictKind.CONSISTENT not in (verdict.verdict, verdict.observed):
        return verdict
    beside = sent_beside(bench.claim, bench.proposition, bench.cell, bench.evidence)
    first, *rest = verdict.reasons
    return replace(verdict, reasons=(first, *beside, *rest))


def _proved_by(item: Violation, verdict: Verdict) -> Verdict:
    return replace(verdict, proof=item.exchange, finding=item.finding, sighting=item.sighting)


def _violated(bench: _Bench, violations: list[Violation]) -> Verdict:
    accounts = {id(item): account_for(bench.claim, item, bench.cell, bench.evidence) for item in violations}
    own = [item for item in violations if accounts[id(item)].to_app]
    violations = own or violations
    bits = _combined_bits(violations)
    best = min(violations, key=_shortness)
    # Only what the sentence says is counted: another violation elsewhere is not "the words searched".
    like_it = [item for item in violations if _to_anyone_there(item.reason) == _to_anyone_there(best.reason)]
    trials = {item.trial for item in like_it}
    n = bench.kind.count([trial for trial in bench.cell.attested if trial.id in trials])
    seen = best.reason.plus(n=n, of=bench.kind.count(bench.cell.attested), unit=bench.kind.unit)
    if others := len({item.reason for item in like_it}) - 1:
        seen = seen.plus(more_hosts=others)
    if best.example:
        seen = seen.plus(example=best.example)
    if bits < DECIDING_BITS:
        weak = Reason.of(ReasonKind.WEAK, bits=max(bits, 0.0), needed=DECIDING_BITS)
        return bench.verdict(VerdictKind.INCONCLUSIVE, seen, weak, found=len(violations))
    account = accounts[id(best)]
    if not account.to_app:
        verdict = bench.verdict(VerdictKind.INCONCLUSIVE, seen, account.reason, found=len(violations))
        return _proved_by(best, verdict)
    verdict = bench.verdict(VerdictKind.CONTRADICTED, seen, account.reason, found=len(violations))
    return _proved_by(best, _unless_phantoms(bench, verdict))


def _to_anyone_there(reason: Reason) -> Reason:
    """The same without the host, where it is said whose that is: a host a session is one recipient still."""
    if reason.kind is not ReasonKind.CONTENT_SENT or not reason.as_dict()["organisation"]:
        return reason
    return replace(reason, facts=tuple(fact for fact in reason.facts if fact[0] != "host"))


def _combined_bits(violations: Iterable[Violation]) -> float:
    """Independent sessions add up; within one session, or of values that last, only the strongest counts."""
    by_session: dict[str, float] = defaultdict(float)
    lasting: dict[str, list[Violation]] = defaultdict(list)
    for item in violations:
        if item.lasts:
            lasting[item.finding.canary.id if item.finding else ""].append(item)
        else:
            by_session[item.trial] = max(by_session[item.trial], item.bits)
    return max([sum(by_session.values()), *map(_lasting_bits, lasting.values())])


def _lasting_bits(violations: Sequence[Violation]) -> float:
    """Bits of one lasting value.

    Seen in k sessions it is still one coincidence, but the price paid for searching all sessions falls by k:
    by Markov's inequality, chance shows it in k of them at most 1/k times as often as in any.
    """
    strongest = max(item.bits for item in violations)
    if violations[0].finding is None:  # a token: no search was paid for
        return strongest
    return strongest + log2(len({item.trial for item in violations}))


def _shortness(item: Violation) -> tuple[int, int, float, str]:
    if item.sighting is None:
        return (10_000, 0, -item.bits, item.exchange or "")
    value = item.sighting.value
    return (len(value.steps), len(value.path), -item.bits, item.exchange or "")


def _unless_phantoms(bench: _Bench, verdict: Verdict) -> Verdict:
    if bench.evidence.altered:
        altered = Reason.of(ReasonKind.ALTERED_CASE, how=bench.evidence.altered)
        return bench.verdict(VerdictKind.INCONCLUSIVE, altered, found=verdict.findings)
    if not bench.evidence.phantoms_sighted:
        return verdict
    invents = Reason.of(ReasonKind.SEARCH_INVENTS, n=bench.evidence.phantoms_sighted)
    return bench.verdict(VerdictKind.INCONCLUSIVE, invents, found=verdict.findings)


def _unviolated(bench: _Bench, *, absent: Reason | None) -> Verdict:
    """No violation: it decides only if everything that could have hidden one was seen to work.

    Args:
        absent: Set if the proposition asks for something to be present which was not seen: silence then
            contradicts, under the same conditions as it is otherwise consistent.
    """
    counted = bench.cell
    if bench.kind.narrow:
        counted = bench.kind.narrow(bench.proposition, bench.cell, bench.evidence)
    controls = bench.kind.controls(bench.proposition, bench.cell, bench.evidence)
    doubts = [
        *general_doubts(counted, bench.evidence),
        *(control.doubt for control in controls if control.doubt),
        *bench.kind.doubts(bench.proposition, bench.cell, bench.evidence),
        *attempts(bench.proposition, bench.cell, bench.evidence),
    ]
    random = unexplained(counted, bench.evidence) if bench.kind.content else None
    if random and (bench.reading.kind is ReadingKind.STRICT or may_hold_an_address(random)):
        doubts.append(random)
    bounds = bounds_of(counted, controls)
    decides = of_unit(bounds, bench.kind.unit)
    n = bench.kind.count(counted.planned)
    if decides.percent > TARGET_PERCENT:
        doubts.append(_too_few(bench.kind, n, decides, counted))
    if doubts:
        return bench.verdict(VerdictKind.INCONCLUSIVE, *doubts)
    if absent:
        missing = absent.plus(n=n, unit=bench.kind.unit, at_most_percent=decides.percent)
        return bench.verdict(VerdictKind.CONTRADICTED, missing, found=n)
    return bench.verdict(
        VerdictKind.CONSISTENT,
        Reason.of(bench.kind.silence, n=n, unit=bench.kind.unit),
        bound_reason(bounds, bench.kind.unit),
        Reason.of(ReasonKind.WATCHED, window=bench.evidence.window),
        _stayed_opaque(bench),
        *(control.caution for control in controls if control.caution),
        *((random,) if random else ()),
        bounds=bounds,
    )


def _too_few(kind: Kind, n: int, bound: Bound, cell: Cell) -> Reason:
    return Reason.of(
        ReasonKind.TOO_FEW,
        n=n,
        unit=kind.unit,
        missing=bound.missing,
        example=cell.missing[0] if cell.missing else None,
        worth=bound.n,
        target_percent=TARGET_PERCENT,
        needed=sessions_needed(),
    )


def _stayed_opaque(bench: _Bench) -> Reason:
    read, opaque, _ = vendor_bytes(bench.cell.planned, bench.evidence)
    if read + opaque:
        return Reason.of(ReasonKind.STAYED_OPAQUE, percent=100 * opaque / (read + opaque))
    ids = {trial.id for trial in bench.cell.planned}
    late = {
        contact.exchange
        for contact in bench.evidence.contacts
        if contact.recipient.vendor_controlled and contact.recorded_in in ids
    }
    return Reason.of(ReasonKind.STAYED_OPAQUE, percent=None, late=len(late))
