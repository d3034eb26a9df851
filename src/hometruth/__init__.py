"""Finds out what a phone, an app or a browser says when it phones home, and proves it.

The names below are the whole public surface. They are imported when first used: a simulated phone, which also
lives in this package, must start in a tenth of a second.
"""

from typing import TYPE_CHECKING

from hometruth.late import late_names

if TYPE_CHECKING:
    from hometruth.audit.case_audit import rejudge
    from hometruth.audit.gate import gate
    from hometruth.audit.identify_recordings import identifiers as identify
    from hometruth.audit.judging import audit as audit_recording
    from hometruth.audit.question import Question
    from hometruth.audit.scan import scan
    from hometruth.audit.scanner import Scanner
    from hometruth.canaries import load_canaries
    from hometruth.canaries import mint as plant
    from hometruth.capture import read_capture
    from hometruth.claims import load_claims
    from hometruth.errors import HometruthError
    from hometruth.experiment import load_plan
    from hometruth.model import (
        Audit,
        Canary,
        Claim,
        Exchange,
        Finding,
        Gap,
        Gated,
        Scanned,
        ScanRow,
        Subject,
        Totals,
        Transfer,
        Verdict,
    )
    from hometruth.model.identified import Identified
    from hometruth.peel import peel_value
    from hometruth.report.arrow import to_arrow, to_pandas, to_polars
    from hometruth.run import run as run_plan

__all__ = [
    "Audit",
    "Canary",
    "Claim",
    "Exchange",
    "Finding",
    "Gap",
    "Gated",
    "HometruthError",
    "Identified",
    "Question",
    "ScanRow",
    "Scanned",
    "Scanner",
    "Subject",
    "Totals",
    "Transfer",
    "Verdict",
    "audit_recording",
    "gate",
    "identify",
    "load_canaries",
    "load_claims",
    "load_plan",
    "peel_value",
    "plant",
    "read_capture",
    "rejudge",
    "run_plan",
    "scan",
    "to_arrow",
    "to_pandas",
    "to_polars",
]

_HOMES = {
    **dict.fromkeys(("Audit", "Canary", "Claim", "Exchange", "Finding", "Gap", "Verdict"), "model"),
    **dict.fromkeys(("Gated", "ScanRow", "Scanned", "Totals", "Transfer"), "model"),
    "HometruthError": "errors",
    "Question": "audit.question",
    "audit_recording": "audit.judging:audit",
    "gate": "audit.gate:gate",
    "identify": "audit.identify_recordings:identifiers",
    "load_canaries": "canaries",
    "load_claims": "claims",
    "load_plan": "experiment",
    "peel_value": "peel",
    "plant": "canaries:mint",
    "read_capture": "capture",
    "rejudge": "audit.case_audit",
    "run_plan": "run:run",
    "Scanner": "audit.scanner",
    "scan": "audit.scan",
    "Identified": "model.identified",
    "Subject": "model",
    **dict.fromkeys(("to_arrow", "to_pandas", "to_polars"), "report.arrow"),
}
"""Name to the module it comes from, and its name there if that differs (a module has it already)."""


__getattr__ = late_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
