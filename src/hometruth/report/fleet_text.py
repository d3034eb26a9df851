"""What `hometruth fleet` says at its end: what was read, what was found, and what failed."""

from pathlib import Path

from rich.text import Text

from hometruth.model import FleetTotals, Standing
from hometruth.report.catalogue import _
from hometruth.report.text import escape_terminal
from hometruth.report.width import console_of

DONE = "done"


def print_fleet(totals: FleetTotals, folder: Path) -> None:
    """A few lines: inputs, bytes, findings, and where the rows are."""
    console = console_of()
    n_inputs, n_done = totals.inputs.total(), totals.inputs[DONE]
    before = _(" ({skipped:,} of them before this run)", skipped=totals.skipped) if totals.skipped else ""
    lines = [
        _("{n_inputs:,} inputs{before}: {n_done:,} read", n_inputs=n_inputs, before=before, n_done=n_done)
    ]
    lines += [f"  {n:,} {status}" for status, n in sorted(totals.inputs.items()) if status != DONE]
    lines.append(
        _(
            "{exchanges:,} requests, {searched_bytes:,} bytes searched, {unread_bytes:,} sent bytes that "
            "could not be read",
            exchanges=totals.exchanges,
            searched_bytes=totals.searched_bytes,
            unread_bytes=totals.unread_bytes,
        )
    )
    told = {
        Standing.FOUND: _("delivered where they were not expected"),
        Standing.ATTEMPT: _("only tried to be sent"),
        Standing.WEAK: _("too weak to prove anything"),
        Standing.EXPECTED: _("sent where they were expected"),
    }
    found = [
        f"  {totals.standings[each]:,} {words}" for each, words in told.items() if totals.standings[each]
    ]
    lines += ["findings:", *found] if found else [_("Nothing was found in what could be read.")]
    lines.append(
        _("why an input was not read, and every finding: {folder}/inputs, {folder}/findings", folder=folder)
    )
    for line in lines:
        console.print(Text(escape_terminal(line)), soft_wrap=True)
