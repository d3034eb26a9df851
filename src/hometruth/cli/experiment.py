"""What `demo` and `run` share: carry out a plan with a progress bar, then show the verdicts."""

from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hometruth.errors import escape_terminal
from hometruth.experiment import Plan
from hometruth.model import Audit
from hometruth.report import print_claims
from hometruth.run import run


def default_folder(name: str) -> Path:
    """A new folder beside the user, named after the plan and the time."""
    return Path(f"hometruth-{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}")


def carry_out(plan: Plan, folder: Path, *, quiet: bool) -> Audit:
    """Run *plan* into *folder*; a progress bar on a terminal, one line otherwise."""
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

        return run(plan, folder, progress=advance)


def show(audit: Audit, folder: Path, *, as_json: bool, quiet: bool) -> None:
    """The claims table, and where everything is; or the verdicts as JSON."""
    if as_json:
        print((folder / "verdicts.json").read_text("utf-8"), end="")  # noqa: T201 - this is the output
        return
    console = Console(quiet=quiet)
    print_claims(audit, console)
    for told in (f"case    {folder}", f"report  {folder / 'report.html'}"):
        console.print(escape_terminal(told), soft_wrap=True, highlight=False, markup=False)
