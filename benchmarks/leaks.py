"""`python -m benchmarks.leaks FOLDER [NAME…]`: each way of telling that the lab knows, and its verdict.

Each runs the silent cell of 3.4.3 beside the one in normal mode, through the real recorder, and judges x03 as
if it spoke of 3.4.3, too.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hometruth.audit.case_audit import question_of, recording_of
from hometruth.audit.judging import audit
from hometruth.case import open_case
from hometruth.experiment import Plan, bundled_plan
from hometruth.experiment.drivers.lab import LabDriver
from hometruth.lab.apps.leaks import Leak, known_leaks
from hometruth.model import Audit, Condition, Verdict
from hometruth.model.claim import Scope
from hometruth.run import run

SILENT = {"version": "3.4.3", "mode": "incognito", "switch": "off", "consent": "given"}
NORMAL = {**SILENT, "mode": "normal"}
BLOCKS = 29
PROPOSITIONS = ("x03.content", "x03.no-dependence")
"""The ordinary reading and the strict one."""


def two_cells(blocks: int) -> Plan:
    """The silent cell, and the one in which sending is admitted."""
    plan = bundled_plan("mint-browser-2020").scaled(blocks)
    matrix = next(series for series in plan.series if series.id == "matrix")
    wanted = {Condition.of(SILENT), Condition.of(NORMAL)}
    cells = [
        replace(cell, conditions=tuple(item for item in cell.conditions if item in wanted))
        for cell in matrix.cells
    ]
    return replace(plan, series=(replace(matrix, cells=tuple(cell for cell in cells if cell.conditions)),))


def judged(folder: Path, plan: Plan, driver: LabDriver) -> Audit:
    """Run it, and judge x03 as if it spoke of this version, too."""
    run(plan, folder, driver=driver)
    case = open_case(folder)
    question = question_of(case)
    claims = tuple(replace(claim, scope=Scope()) for claim in question.claims if claim.id == "x03")
    return audit(recording_of(case), replace(question, claims=claims))


def leaking(folder: Path, names: Sequence[str], blocks: int) -> Audit:
    """A phone that tells in these ways in the silent cell."""
    plan = two_cells(blocks)
    leaks = [Leak(name, SILENT) for name in names]
    return judged(folder / "case", plan, LabDriver(plan.subject, folder / "lab", mutations=leaks))


def verdict_on(result: Audit, proposition: str) -> Verdict:
    """Of the silent cell."""
    return next(
        row
        for row in result.verdicts
        if row.proposition == proposition and row.condition == Condition.of(SILENT)
    )


def main() -> int:
    """Run those named, all by default, and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a new folder for the cases")
    parser.add_argument("names", nargs="*", help="leaks; all, and none at all, by default")
    parser.add_argument("--blocks", type=int, default=BLOCKS)
    options = parser.parse_args()
    for name in options.names or ("", *known_leaks()):
        began = time.monotonic()
        result = leaking(options.folder / (name or "none"), [name] if name else [], options.blocks)
        rows = [verdict_on(result, proposition) for proposition in PROPOSITIONS]
        told = " | ".join(row.verdict.value for row in rows)
        sys.stdout.write(f"| `{name or 'none'}` | {told} | {rows[0].why} |\n")
        sys.stdout.flush()
        sys.stderr.write(f"{name or 'none'}: {time.monotonic() - began:.0f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
