"""Propositions about content: canaries found, or not found, at the vendor."""

from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.base import Kind, Violation
from hometruth.claims.kinds.controls import content_doubts, option_kinds, telemetry_doubts
from hometruth.model import CanaryKind, Finding, Proposition, Sighting

WORDS = {
    CanaryKind.PAGE: "the page visited",
    CanaryKind.SEARCH: "the search typed",
    CanaryKind.ACCOUNT: "the account name",
    CanaryKind.DEVICE_ID: "the Android ID",
}


def shortest(finding: Finding) -> Sighting:
    """The sighting with the shortest way from the raw request to the readable value."""
    return min(
        finding.sightings, key=lambda item: (len(item.value.steps), len(item.value.path), item.exchange.id)
    )


def found_kinds(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    """Every finding of the kinds asked for, at the vendor, in the attested sessions of the cell."""
    kinds = option_kinds(proposition)
    return [
        _violation(finding, trial.id)
        for trial in cell.attested
        for finding in evidence.vendor_findings.get(trial.id, ())
        if finding.canary.kind in kinds
    ]


def _violation(finding: Finding, trial: str) -> Violation:
    sighting = shortest(finding)
    to = finding.recipient
    sdk = f" through {to.sdk}" if to.sdk else ""
    what = WORDS.get(finding.canary.kind, f"the {finding.canary.kind} canary")
    return Violation(
        trial=trial,
        bits=finding.evidence_bits / len(finding.trials),
        text=f"{what} reached {to.organisation or to.host} ({to.host}){sdk}",
        exchange=sighting.exchange.id,
        finding=finding,
        sighting=sighting,
    )


def _sends_telemetry(_proposition: Proposition, cell: Cell, evidence: Evidence) -> bool:
    return any(trial.id in evidence.telemetry for trial in cell.attested)


def _browsing_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[str]:
    doubts = content_doubts(proposition, cell, evidence)
    if _sends_telemetry(proposition, cell, evidence):
        doubts.append(
            "telemetry was sent whose dependence on browsing only a randomised comparison with sessions "
            "without browsing can show"
        )
    return doubts


ABSENT = Kind(
    violations=found_kinds,
    silence="in {n} {unit} none of it reached the vendor",
    doubts=content_doubts,
    needs=frozenset({"kinds", "control"}),
)
"""None of these kinds of canary reaches a vendor-controlled recipient."""

NO_BROWSING_DEPENDENCE = Kind(
    violations=found_kinds,
    silence="in {n} {unit} nothing at all was sent to the vendor's telemetry",
    doubts=_browsing_doubts,
    needs=frozenset({"kinds", "control"}),
)
"""No telemetry that depends on browsing: content shows dependence, total silence shows independence."""

NO_IDENTIFIER = Kind(
    violations=found_kinds,
    silence="in {n} {unit} no such identifier reached the vendor",
    doubts=telemetry_doubts,
    needs=frozenset({"kinds", "control"}),
)
"""No identifier of the person or the device, known beforehand to the tester, reaches the vendor."""

ONLY_CATEGORIES = Kind(
    violations=found_kinds,
    silence="in {n} {unit} nothing outside the declared categories was found",
    doubts=telemetry_doubts,
    needs=frozenset({"kinds", "control"}),
)
"""Nothing but the declared categories; ``kinds`` are canaries that fall outside all of them."""

AGGREGATED = Kind(
    violations=found_kinds,
    silence="in {n} {unit} no record that names a single action was sent",
    speaks_to=_sends_telemetry,
    doubts=telemetry_doubts,
    needs=frozenset({"kinds", "control"}),
)
"""No record per action on the wire: a canary names one action, so a record that holds it is one."""
