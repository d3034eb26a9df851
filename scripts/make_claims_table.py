"""Write docs/reference/claims-table.md: every bundled claim, judged on the lab as found, updated and honest.

    python -m scripts.make_claims_table --cases FOLDER

runs the three plans into FOLDER (minutes each) or, where a case is there already, judges it again. The page
is written only if no verdict disagrees with what the phones' ledgers say they sent.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.claims_truth import World, disagreements, is_held_back

from hometruth.audit.case_audit import rejudge
from hometruth.canaries import load_canaries
from hometruth.experiment import bundled_plan
from hometruth.lab.ledger import read_ledger
from hometruth.model import Audit, Claim, ReadingKind, ReasonKind, Verdict, VerdictKind
from hometruth.report.summary import ReadingSummary, summaries
from hometruth.report.words import at_most
from hometruth.run import run

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "claims-table.md"
PLANS = ("as-found-2020", "updated-2020", "honest-2020")
COLUMNS = ("as found", "updated", "honest")
HEAD = """# Every claim on the lab

All {n} bundled statements, judged on three simulated phones. *As found*: Mint Browser 3.4.0 and Mi Browser
12.1.3, music player and launcher, as published analyses describe them. *Updated*: 3.4.3 and 12.1.4, of 4 May
2020. *Honest*: the apps as found, with the aggregated telemetry that the vendor said it had
([invented](../explanation/lab.md)). Every verdict says what **this simulated phone** does; none is about a
real one, or about anyone's honesty.

Each entry is the ordinary reading and, where there is one, the strict reading. A percentage is the bound for
all conditions together. *Other version*: what was looked at is a version, product or device that the
statement does not speak of, and so there is no verdict. Where one part of a reading is UNTESTED, the
parts that were tested stand beside it. What the verdicts mean: [verdicts](../explanation/verdicts.md).

r07, r18 and r22 to r24 speak of [other channels](../explanation/lab.md#the-other-channels) than Sensors
Analytics, and are tested in sessions of their own with these on: on the honest phone, too, the system's
analytics then do as found, while its apps send aggregated telemetry. All else is tested without them.

This page is made by `python -m scripts.make_claims_table --cases FOLDER`, which runs the bundled plans
`as-found-2020`, `updated-2020` and `honest-2020` ({sessions} sessions) and holds every verdict in every
condition against the ledgers of the phones. {compared:,} were compared. {contradicted:,} were contradicted,
all of them broken by the ledgers; {held:,} more, broken as well, were left INCONCLUSIVE, since nothing tells
which app sent what was seen. Where a verdict disagrees with a ledger, this page is not written.
"""


@dataclass(frozen=True)
class Column:
    """One phone's verdicts, and how they compare with its ledger."""

    audit: Audit
    compared: int
    contradicted: int
    held: int
    disagree: tuple[str, ...]


def column(audit: Audit, folder: Path) -> Column:
    """Hold the verdicts of the case in *folder* against its phone's ledger."""
    world = World(
        audit.trials,
        load_canaries(folder / "canaries.jsonl").canaries,
        read_ledger(folder / "lab" / "ledger.jsonl"),
    )
    rows = [row for row in audit.verdicts if row.condition.levels]
    told: list[str] = []
    for claim in audit.claims:
        for proposition in (item for reading in claim.readings for item in reading.propositions):
            mine = [row for row in rows if row.proposition == proposition.id]
            told += disagreements(world, proposition, mine)
    contradicted = sum(row.observed is VerdictKind.CONTRADICTED for row in rows)
    return Column(audit, len(rows), contradicted, sum(map(is_held_back, rows)), tuple(told))


def page(columns: Sequence[Column]) -> str:
    """The page, as Markdown."""
    claims = columns[0].audit.claims
    head = HEAD.format(
        n=len(claims),
        sessions=" + ".join(str(len(item.audit.trials)) for item in columns),
        compared=sum(item.compared for item in columns),
        contradicted=sum(item.contradicted for item in columns),
        held=sum(item.held for item in columns),
    )
    lines = [head]
    for side, title in (("vendor", "What the vendor said"), ("researcher", "What researchers said")):
        lines += [
            f"## {title}",
            "",
            f"| | statement | {' | '.join(COLUMNS)} |",
            "| --- | --- | --- | --- | --- |",
        ]
        for claim in (claim for claim in claims if claim.side == side):
            entries = " | ".join(_entry(item.audit, claim) for item in columns)
            lines.append(f"| **{claim.id}** | {_statement(claim)} | {entries} |")
        lines.append("")
    lines += [
        "## Why untested",
        "",
        "| proposition | says | why nothing here tests it |",
        "| --- | --- | --- |",
    ]
    lines += [
        f"| `{proposition.id}` | {proposition.says} | {proposition.options['reason']} |"
        for claim in claims
        for reading in claim.readings
        for proposition in reading.propositions
        if proposition.kind == "untested"
    ]
    return "\n".join(lines) + "\n"


def _statement(claim: Claim) -> str:
    return f"{claim.statement} ({claim.who}, {claim.date})".replace("|", "/")


def _entry(audit: Audit, claim: Claim) -> str:
    told = [
        ("" if summary.reading.kind is ReadingKind.ORDINARY else "strict: ") + _with_parts(summary)
        for summary in summaries(audit)
        if summary.claim.id == claim.id
    ]
    return "<br>".join(told)


def _with_parts(summary: ReadingSummary) -> str:
    """The verdict; where it is UNTESTED for one part, also those of the parts that were tested."""
    told = [_verdict(summary.verdict)]
    if summary.verdict.verdict is VerdictKind.UNTESTED:
        tested = (part for part in summary.parts if part.verdict is not VerdictKind.UNTESTED)
        told += [f"`{part.proposition}` {_verdict(part)}" for part in tested]
    return "; ".join(told)


def _verdict(verdict: Verdict) -> str:
    told = verdict.verdict.value
    if verdict.bound_percent is not None:
        told += f" {at_most(verdict.bound_percent)} of {verdict.unit}"
    if verdict.verdict is VerdictKind.OTHER_VERSION:
        return f"*{told}*: {_counted(verdict)}"
    return told


def _counted(verdict: Verdict) -> str:
    """``seen in 5 of 6 conditions``; where nothing can test it, that."""
    for reason in verdict.reasons:
        facts = reason.as_dict()
        if reason.kind in (ReasonKind.SEEN_ELSEWHERE, ReasonKind.CONTRARY_ELSEWHERE):
            what = "seen" if reason.kind is ReasonKind.SEEN_ELSEWHERE else "the contrary seen"
            return f"{what} in {facts['n']} of {facts['of']} conditions"
    return "not tested"


def main() -> int:
    """Run or judge the three cases and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True, help="folder for the cases")
    parser.add_argument("--blocks", type=int, default=1000, help="at most so many repetitions")
    parser.add_argument("--out", type=Path, default=PAGE)
    options = parser.parse_args()
    columns = []
    for name in PLANS:
        folder = options.cases / name
        fresh = not (folder / "MANIFEST.json").exists()
        audit = run(bundled_plan(name).scaled(options.blocks), folder) if fresh else rejudge(folder)
        columns.append(column(audit, folder))
    disagree = [line for item in columns for line in item.disagree]
    if disagree:
        sys.stderr.write("\n".join(disagree) + "\nverdicts and ledgers disagree; nothing was written\n")
        return 1
    options.out.write_text(page(columns), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
