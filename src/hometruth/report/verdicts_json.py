"""The verdicts as JSON: the machine-readable result that `judge` must reproduce byte for byte."""

import json
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hometruth.bounds import rounded_up
from hometruth.model import Audit, Explanation, Fact, Reason, Verdict
from hometruth.report.effects import effect_row

if TYPE_CHECKING:
    from hometruth.model.outputs import ExplanationJson, ReasonJson, VerdictJson

FORMAT: Final = 2
"""Of a row: 1 had no reasons but as a sentence."""


def verdict_rows(audit: Audit) -> "list[VerdictJson]":
    """One mapping per verdict, in the order judged; an empty condition is the whole proposition."""
    return [verdict_row(verdict) for verdict in audit.verdicts]


def verdict_row(verdict: Verdict) -> "VerdictJson":
    """One verdict as other programs read it."""
    return {
        "format": FORMAT,
        "claim": verdict.claim,
        "proposition": verdict.proposition,
        "reading": verdict.reading,
        "condition": verdict.condition.as_dict(),
        "verdict": verdict.verdict,
        "bound_percent": verdict.bound_percent,
        "findings": verdict.findings,
        "trials": verdict.trials,
        "subject_kind": verdict.subject_kind,
        "in_scope": verdict.in_scope,
        "why": verdict.why,
        "reasons": [_reason(reason) for reason in verdict.reasons],
        "effects": [effect_row(effect) for effect in verdict.effects],
        "bounds": [
            {
                "unit": bound.unit,
                "n": bound.n,
                "missing": bound.missing,
                "percent": rounded_up(bound.percent),
            }
            for bound in verdict.bounds
        ],
        "explanation": _explanation(verdict.explanation),
    }


def _reason(reason: Reason) -> "ReasonJson":
    return {"kind": reason.kind.value} | {name: _plain(fact) for name, fact in reason.facts}


def _plain(fact: Fact) -> object:
    """A fact as JSON has it: numbers in six digits, so that every machine writes the same ones."""
    if isinstance(fact, Reason):
        return _reason(fact)
    if isinstance(fact, tuple):
        return [_plain(item) for item in fact]
    if isinstance(fact, float):
        return None if not isfinite(fact) else float(f"{fact:.6g}")
    return fact


def _explanation(told: Explanation | None) -> "ExplanationJson | None":
    if told is None:
        return None
    return {
        "plain": told.plain,
        "proof": told.proof,
        "objection": told.objection,
        "answer": told.answer,
        "check": list(told.check),
    }


def verdicts_text(audit: Audit) -> str:
    """The rows as a JSON list: keys in fixed order, one space of indent, a final line feed."""
    text = json.dumps(verdict_rows(audit), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    # Quoted traffic may hold lone surrogates, which UTF-8 cannot; JSON can still spell them.
    return text.encode("utf-8", "backslashreplace").decode()


def write_verdicts(audit: Audit, path: Path) -> None:
    """Write `verdicts_text` as UTF-8."""
    path.write_text(verdicts_text(audit), "utf-8")
