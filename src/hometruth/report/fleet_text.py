"""What `hometruth fleet` says at its end: what was read, what was found, and what failed."""

from pathlib import Path

from rich.text import Text

from hometruth.model import FleetTotals, Standing
from hometruth.report.text import escape_terminal
from hometruth.report.width import console_of

DONE = "done"


def print_fleet(totals: FleetTotals, folder: Path) -> None:
    """A few lines: inputs, bytes, findings, and where the rows are."""
    console = console_of()
    n_inputs, n_done = totals.inputs.total(), totals.inputs[DONE]
    before = f" ({totals.skipped:,} of them before this run)" if totals.skipped else ""
    lines = [f"{n_inputs:,} inputs{before}: {n_done:,} read"]
    lines += [f"  {n:,} {status}" for status, n in sorted(totals.inputs.items()) if status != DONE]
    lines.append(
        f"{totals.exchanges:,} requests, {totals.searched_bytes:,} bytes searched, "
        f"{totals.unread_bytes:,} sent bytes that could not be read"
    )
    told = {
        Standing.FOUND: "delivered where they were not expected",
        Standing.ATTEMPT: "only tried to be sent",
        Standing.WEAK: "too weak to prove anything",
        Standing.EXPECTED: "sent where they were expected",
    }
    found = [
        f"  {totals.standings[each]:,} {words}" for each, words in told.items() if totals.standings[each]
    ]
    lines += ["findings:", *found] if found else ["Nothing was found in what could be read."]
    lines.append(f"why an input was not read, and every finding: {folder}/inputs, {folder}/findings")
    for line in lines:
        console.print(Text(escape_terminal(line)), soft_wrap=True)
