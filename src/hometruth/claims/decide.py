"""One proposition, one cell, one verdict: the rules that are the same for every kind."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hometruth.claims.bounds import TARGET_PERCENT, sessions_needed, upper_bound_percent
from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds import KINDS, Kind, Violation
from hometruth.model import (
    DECIDING_BITS,
    Claim,
    Finding,
    Proposition,
    Reading,
    Sighting,
    Trial,
    Verdict,
    VerdictKind,
)

OPAQUE_SHARE = 0.01
"""Largest share of bytes to the vendor that may stay opaque in a cell called consistent."""


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

    def verdict(self, kind: VerdictKind, why: str, *, bound: float | None = None, found: int = 0) -> Verdict:
        return Verdict(
            claim=self.claim.id,
            proposition=self.proposition.id,
            reading=self.reading.kind,
            condition=self.cell.condition,
            verdict=kind,
            why=f"{self.evidence.subject.phrase}: {why}",
            subject_kind=self.evidence.subject.kind,
            in_scope=in_scope(self.claim, self.cell, self.evidence),
            bound_percent=None if bound is None else round(bound, 2),
            unit=self.kind.unit,
            findings=found,
            trials=len(self.cell.attested),
        )


def decide(
    claim: Claim, reading: Reading, proposition: Proposition, cell: Cell, evidence: Evidence
) -> Judged | None:
    """Judge *proposition* in *cell*; None if it does not speak of what happened there."""
    bench = _Bench(claim, reading, proposition, cell, evidence)
    if not cell.attested:
        example = cell.missing[0] if cell.missing else "none planned"
        why = f"no session ran under an attested condition ({example})"
        return Judged(bench.verdict(VerdictKind.UNTESTED, why))
    if not bench.kind.speaks_to(proposition, cell, evidence):
        return None
    if violations := bench.kind.violations(proposition, cell, evidence):
        return _violated(bench, violations)
    asked = bench.kind.presence(proposition, cell, evidence) if bench.kind.presence else None
    if asked and asked.shown:
        return Judged(_unless_phantoms(bench, bench.verdict(VerdictKind.CONSISTENT, asked.shown)))
    return Judged(_unviolated(bench, absent=asked.absent if asked else None))


def in_scope(claim: Claim, cell: Cell, evidence: Evidence) -> bool:
    """True if the claim speaks of the audited product and of this cell's version."""
    version = cell.condition.get("version")
    products, versions = claim.scope.products, claim.scope.versions
    return (not products or evidence.subject.product in products) and (
        not versions or version is None or version in versions
    )


def _violated(bench: _Bench, violations: list[Violation]) -> Judged:
    violating = {item.trial for item in violations}
    bits = _combined_bits(violations)
    best = min(violations, key=_shortness)
    n = bench.kind.count([trial for trial in bench.cell.attested if trial.id in violating])
    seen = f"in {n} of {bench.kind.count(bench.cell.attested)} {bench.kind.unit} {best.text}"
    if bits < DECIDING_BITS:
        why = (
            f"{seen}, but the evidence is {max(bits, 0):.0f} bits and {DECIDING_BITS:.0f} are needed; "
            "more independent sessions would settle it"
        )
        return Judged(bench.verdict(VerdictKind.INCONCLUSIVE, why, found=len(violations)))
    verdict = bench.verdict(VerdictKind.CONTRADICTED, seen, found=len(violations))
    verdict = _unless_phantoms(bench, verdict)
    if best.exchange:
        verdict = _with_proof(verdict, best.exchange)
    return Judged(verdict, best.finding, best.sighting)


def _combined_bits(violations: Iterable[Violation]) -> float:
    """Independent sessions add up; within one session only the strongest observation counts."""
    best: dict[str, float] = defaultdict(float)
    for item in violations:
        best[item.trial] = max(best[item.trial], item.bits)
    return sum(best.values())


def _shortness(item: Violation) -> tuple[int, int, float, str]:
    if item.sighting is None:
        return (10_000, 0, -item.bits, item.exchange or "")
    value = item.sighting.value
    return (len(value.steps), len(value.path), -item.bits, item.exchange or "")


def _with_proof(verdict: Verdict, exchange: str) -> Verdict:
    return replace(verdict, proof=exchange)


def _unless_phantoms(bench: _Bench, verdict: Verdict) -> Verdict:
    if not bench.evidence.phantoms_sighted:
        return verdict
    why = (
        f"{bench.evidence.phantoms_sighted} canaries that were never planted were sighted: "
        "the search invents, and until that is explained nothing in this run decides"
    )
    return bench.verdict(VerdictKind.INCONCLUSIVE, why, found=verdict.findings)


def _unviolated(bench: _Bench, *, absent: str | None) -> Verdict:
    """No violation: it decides only if everything that could have hidden one was seen to work.

    Args:
        absent: Set if the proposition asks for something to be present which was not seen: silence then
            contradicts, under the same conditions as it is otherwise consistent.
    """
    counted = bench.cell
    if bench.kind.narrow:
        counted = bench.kind.narrow(bench.proposition, bench.cell, bench.evidence)
    n, missing = _units(bench.kind, counted)
    doubts = [
        *_general_doubts(bench, counted),
        *bench.kind.doubts(bench.proposition, bench.cell, bench.evidence),
    ]
    bound = upper_bound_percent(missing, n) if n else 100.0
    if bound > TARGET_PERCENT:
        doubts.append(_too_few(bench.kind, n, missing, counted))
    if doubts:
        return bench.verdict(VerdictKind.INCONCLUSIVE, "; ".join(doubts))
    if absent:
        why = f"{absent} in any of {n} {bench.kind.unit}; at most {bound:.1f} % of them do (95 % confidence)"
        return bench.verdict(VerdictKind.CONTRADICTED, why, found=n)
    says = bench.kind.silence.format(n=n, unit=bench.kind.unit)
    why = (
        f"{says}; at 95 % confidence at most {bound:.1f} % of {bench.kind.unit} violate it "
        f"readably; watched {bench.evidence.window}; "
        f"later uploads not tested; {_opaque_words(bench, counted)}"
    )
    return bench.verdict(VerdictKind.CONSISTENT, why, bound=bound)


def _units(kind: Kind, cell: Cell) -> tuple[int, int]:
    """Independent units planned, and how many are missing: each of those counts as a possible hit."""
    valid = {trial.id for trial in cell.valid}
    if kind.unit == "sessions":
        return len(cell.planned), len(cell.planned) - len(valid)
    broken = [trial for trial in cell.planned if trial.id not in valid]
    return kind.count(cell.planned), kind.count(broken)


def _too_few(kind: Kind, n: int, missing: int, cell: Cell) -> str:
    lost = (
        f", {missing} of them without a valid result ({cell.missing[0]})" if missing and cell.missing else ""
    )
    return (
        f"nothing violates it in {n} {kind.unit}{lost}, which is too few for a bound of "
        f"{TARGET_PERCENT:.0f} %: {sessions_needed()} complete {kind.unit} would settle it"
    )


def _general_doubts(bench: _Bench, cell: Cell) -> list[str]:
    evidence, doubts = bench.evidence, []
    if evidence.phantoms_sighted:
        doubts.append(f"{evidence.phantoms_sighted} canaries that were never planted were sighted")
    if evidence.sinkholed and evidence.subject.kind == "real":
        doubts.append(
            "the vendor's servers were answered by the recorder, so a real one might have been sent more"
        )
    read, opaque, dropped = _vendor_bytes(evidence, cell.planned)
    if opaque > OPAQUE_SHARE * (read + opaque):
        share = 100 * opaque / (read + opaque)
        doubts.append(f"{share:.1f} % of the bytes sent to the vendor could not be read")
    if dropped:
        doubts.append(f"{dropped} request bodies to the vendor were not recorded")
    ids = {trial.id for trial in cell.planned}
    if unseen := [gap for gap in evidence.gaps if gap.trial in ids and gap.host and gap.size_bytes is None]:
        doubts.append(f"{len(unseen)} connections could not be opened, for example to {unseen[0].host}")
    return doubts


def _vendor_bytes(evidence: Evidence, trials: tuple[Trial, ...]) -> tuple[int, int, int]:
    """Bytes read, bytes opaque and bodies dropped, to the vendor, in the conditions of *trials*."""
    conditions = {trial.condition for trial in trials}
    hosts = {contact.recipient.host for contact in evidence.contacts if contact.recipient.vendor_controlled}
    rows = [row for row in evidence.coverage if row.host in hosts and row.condition in conditions]
    return (
        sum(row.read_bytes for row in rows),
        sum(row.opaque_bytes for row in rows),
        sum(row.dropped for row in rows),
    )


def _opaque_words(bench: _Bench, cell: Cell) -> str:
    read, opaque, _ = _vendor_bytes(bench.evidence, cell.planned)
    if not read + opaque:
        return "nothing at all was sent to the vendor"
    return f"{100 * opaque / (read + opaque):.1f} % of the bytes sent to the vendor stayed opaque"
