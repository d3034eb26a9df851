"""Propositions that no wire can settle, or that this subject cannot show."""

from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.base import Kind, Violation
from hometruth.model import Proposition, ReasonKind


def _nothing(_proposition: Proposition, _cell: Cell, _evidence: Evidence) -> list[Violation]:
    return []


UNTESTED = Kind(
    violations=_nothing, silence=ReasonKind.NO_SESSION, needs=frozenset({"reason"}), untestable=True
)
"""Listed so that nobody takes its absence for a verdict; option ``reason`` says why."""
