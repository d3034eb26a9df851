"""The verdicts as JSON: the machine-readable result that `judge` must reproduce byte for byte."""

import json
from pathlib import Path

from hometruth.model import Audit, Explanation
from hometruth.report.effects import effect_row


def verdict_rows(audit: Audit) -> list[dict[str, object]]:
    """One mapping per verdict, in the order judged; an empty condition is the whole proposition."""
    return [
        {
            "claim": verdict.claim,
            "proposition": verdict.proposition,
            "reading": verdict.reading.value,
            "condition": verdict.condition.as_dict(),
            "verdict": verdict.verdict.value,
            "bound_percent": verdict.bound_percent,
            "findings": verdict.findings,
            "trials": verdict.trials,
            "subject_kind": verdict.subject_kind,
            "in_scope": verdict.in_scope,
            "why": verdict.why,
            "effects": [effect_row(effect) for effect in verdict.effects],
            "bounds": [
                {
                    "unit": bound.unit,
                    "n": bound.n,
                    "missing": bound.missing,
                    "percent": round(bound.percent, 2),
                }
                for bound in verdict.bounds
            ],
            "explanation": _explanation(verdict.explanation),
        }
        for verdict in audit.verdicts
    ]


def _explanation(told: Explanation | None) -> dict[str, object] | None:
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
