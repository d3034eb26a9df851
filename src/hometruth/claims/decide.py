"""One proposition, one cell, one verdict: the rules that are the same for every kind."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import log2

from hometruth.claims.bounds import TARGET_PERCENT, sessions_needed
from hometruth.claims.doubts import general_doubts, vendor_bytes
from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds import KINDS, Kind, Presence, Violation
from hometruth.claims.pairs import judge_pairs, without_sham
from hometruth.claims.scope import OUTSIDE, outside_scope
from hometruth.claims.senders import account_for
from hometruth.claims.units import bounds_of, in_words, of_unit
from hometruth.model import (
    DECIDING_BITS,
    Bound,
    Claim,
    Finding,
    Proposition,
    Reading,
    Sighting,
    Verdict,
    VerdictKind,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with what proves it most shortly, if a sighting does."""

    verdict: Verdict
    finding: Finding | None = None
    sighting: Sighting | None = None


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
        self, kind: VerdictKind, why: str, *, bounds: tuple[Bound, ...] = (), found: int = 0
    ) -> Verdict:
        if self.evidence.unfinished not in why:
            why += f"; {self.evidence.unfinished}"
        outside = outside_scope(self.claim, self.cell, self.evidence)
        if outside:
            why += f" ({OUTSIDE}: {'; '.join(outside)})"
        return Verdict(
            claim=self.claim.id,
            proposition=self.proposition.id,
            reading=self.reading.kind,
            condition=self.cell.condition,
            verdict=kind,
            why=f"{self.evidence.subject.phrase}: {why}",
            subject_kind=self.evidence.subject.kind,
            in_scope=not outside,
            bound_percent=round(of_unit(bounds, self.kind.unit).percent, 2) if bounds else None,
            bounds=bounds,
            unit=self.kind.unit,
            findings=found,
            trials=len(self.cell.attested),
        )


def decide(
    claim: Claim, reading: Reading, proposition: Proposition, cell: Cell, evidence: Evidence
) -> Judged | None:
    """Judge *proposition* in *cell*; None if it does not speak of what happened there."""
    if KINDS[proposition.kind].rungs:
        cell = without_sham(cell)
    bench = _Bench(claim, reading, proposition, cell, evidence)
    if not cell.attested:
        example = cell.missing[0] if cell.missing else "none planned"
        why = f"no session ran under an attested condition ({example})"
        return Judged(bench.verdict(VerdictKind.UNTESTED, why))
    if not bench.kind.speaks_to(proposition, cell, evidence):
        return None
    if violations := bench.kind.violations(proposition, cell, evidence):
        return _violated(bench, violations)
    if paired := judge_pairs(claim, proposition, cell, evidence):
        verdict = bench.verdict(paired.verdict, paired.why, bounds=paired.bounds, found=paired.found)
        return Judged(_unless_phantoms(bench, replace(verdict, effects=paired.effects)))
    asked = bench.kind.presence(proposition, cell, evidence) if bench.kind.presence else None
    if asked and asked.shown:
        return _was_shown(bench, asked)
    return Judged(_unviolated(bench, absent=asked.absent if asked else None))


def _was_shown(bench: _Bench, asked: Presence) -> Judged:
    verdict = _unless_phantoms(bench, bench.verdict(VerdictKind.CONSISTENT, asked.shown or ""))
    if asked.exhibit is None:
        return Judged(verdict)
    proof = asked.exhibit
    return Judged(replace(verdict, proof=proof.exchange), proof.finding, proof.sighting)


def _violated(bench: _Bench, violations: list[Violation]) -> Judged:
    accounts = {id(item): account_for(bench.claim, item, bench.cell, bench.evidence) for item in violations}
    own = [item for item in violations if accounts[id(item)].to_app]
    violations = own or violations
    bits = _combined_bits(violations)
    best = min(violations, key=_shortness)
    # Only what the sentence says is counted: another violation in another session is not "the search typed".
    like_it = {item.trial for item in violations if item.text == best.text}
    n = bench.kind.count([trial for trial in bench.cell.attested if trial.id in like_it])
    seen = f"in {n} of {bench.kind.count(bench.cell.attested)} {bench.kind.unit} {best.text}"
    if best.example:
        seen += f" (for example {best.example})"
    if bits < DECIDING_BITS:
        why = (
            f"{seen}, but the evidence is {max(bits, 0):.0f} bits and {DECIDING_BITS:.0f} are needed; "
            "more independent sessions would settle it"
        )
        return Judged(bench.verdict(VerdictKind.INCONCLUSIVE, why, found=len(violations)))
    account = accounts[id(best)]
    if not account.to_app:
        why = f"{seen}, {account.told}"
        verdict = bench.verdict(VerdictKind.INCONCLUSIVE, why, found=len(violations))
        return Judged(replace(verdict, proof=best.exchange), best.finding, best.sighting)
    seen += f"; {account.told}"
    verdict = bench.verdict(VerdictKind.CONTRADICTED, seen, found=len(violations))
    verdict = replace(_unless_phantoms(bench, verdict), proof=best.exchange)
    return Judged(verdict, best.finding, best.sighting)


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
        return bench.verdict(VerdictKind.INCONCLUSIVE, _altered(bench.evidence), found=verdict.findings)
    if not bench.evidence.phantoms_sighted:
        return verdict
    why = (
        f"{bench.evidence.phantoms_sighted} canaries that were never planted were sighted: "
        "the search invents, and until that is explained nothing in this run decides"
    )
    return bench.verdict(VerdictKind.INCONCLUSIVE, why, found=verdict.findings)


def _altered(evidence: Evidence) -> str:
    return (
        f"the case is not as its run left it ({'; '.join(evidence.altered)}): whoever changed it could have "
        "made it say anything, so nothing in it decides"
    )


def _unviolated(bench: _Bench, *, absent: str | None) -> Verdict:
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
    ]
    bounds = bounds_of(counted, controls)
    decides = of_unit(bounds, bench.kind.unit)
    n = bench.kind.count(counted.planned)
    if decides.percent > TARGET_PERCENT:
        doubts.append(_too_few(bench.kind, n, decides, counted))
    if doubts:
        return bench.verdict(VerdictKind.INCONCLUSIVE, "; ".join(doubts))
    if absent:
        why = (
            f"{absent} in any of {n} {bench.kind.unit}; at most {decides.percent:.1f} % of them do (95 % "
            "confidence)"
        )
        return bench.verdict(VerdictKind.CONTRADICTED, why, found=n)
    says = bench.kind.silence.format(n=n, unit=bench.kind.unit)
    why = (
        f"{says}; at 95 % confidence {in_words(bounds, bench.kind.unit)} do otherwise in a way that "
        f"can be read; watched {bench.evidence.window}; later uploads not tested; {_opaque_words(bench)}"
        + "".join(f"; {control.caution}" for control in controls if control.caution)
    )
    return bench.verdict(VerdictKind.CONSISTENT, why, bounds=bounds)


def _too_few(kind: Kind, n: int, bound: Bound, cell: Cell) -> str:
    missing, worth = bound.missing, bound.n
    lost = (
        f", {missing} of them without a valid result ({cell.missing[0]})" if missing and cell.missing else ""
    )
    if 0 < worth < n:
        lost += f", worth {worth} since the control missed some"
    return (
        f"nothing violates it in {n} {kind.unit}{lost}, which is too few for a bound of "
        f"{TARGET_PERCENT:.0f} %: {sessions_needed()} complete {kind.unit} would settle it"
    )


def _opaque_words(bench: _Bench) -> str:
    read, opaque, _ = vendor_bytes(bench.cell.planned, bench.evidence)
    if not read + opaque:
        return "nothing at all was sent to the vendor"
    return f"{100 * opaque / (read + opaque):.1f} % of the bytes sent to the vendor stayed opaque"
