"""What `demo` and `run` share: carry out a plan with a progress bar, then show the verdicts."""

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hometruth.case import Signer, load_or_make_key
from hometruth.cli import print_error
from hometruth.errors import CaseError, escape_terminal
from hometruth.experiment import Plan
from hometruth.model import Audit
from hometruth.report import print_claims
from hometruth.run import run

key_option = click.option(
    "--key",
    type=click.Path(path_type=Path),
    help="Ed25519 private key (PEM) that signs the case. [default: your own, made on first use]",
)


def default_folder(name: str) -> Path:
    """A new folder beside the user, named after the plan and the time."""
    return Path(f"hometruth-{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}")


def signer_of(key: Path | None) -> Signer | None:
    """Whoever signs the case: the key asked for, else the examiner's own; None, and said, if none."""
    try:
        return load_or_make_key(key)
    except CaseError as err:
        if key:
            raise
        print_error(f"{err}. The case will be sealed, but not signed; --key names another key")
        return None


def carry_out(plan: Plan, folder: Path, *, key: Path | None, quiet: bool) -> Audit:
    """Run *plan* into a bag in *folder*; a progress bar on a terminal, one line otherwise."""
    signer = signer_of(key)
    errors = Console(stderr=True, quiet=quiet)
    told = f"Auditing this {plan.subject.kind} subject: {plan.title}. All traffic is recorded."
    errors.print(escape_terminal(told), highlight=False, markup=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bars:
        task = bars.add_task("sessions", total=None)

        def advance(done: int, planned: int) -> None:
            bars.update(task, completed=done, total=planned)
            if done == planned:
                bars.add_task("reading the traffic and judging", total=None)

        return run(plan, folder, progress=advance, bag=True, signer=signer)


def show(audit: Audit, folder: Path, *, as_json: bool, quiet: bool) -> None:
    """The claims table, and where everything is; or the verdicts as JSON."""
    if as_json:
        print((folder / "data" / "verdicts.json").read_text("utf-8"), end="")  # noqa: T201 - this is the output
        return
    console = Console(quiet=quiet)
    print_claims(audit, console)
    for told in (f"case    {folder}", f"report  {folder / 'data' / 'report.html'}"):
        console.print(escape_terminal(told), soft_wrap=True, highlight=False, markup=False)
