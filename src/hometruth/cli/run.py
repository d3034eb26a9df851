"""`hometruth run PLAN`: run an experiment plan."""

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hometruth.case import Signer, load_or_make_key
from hometruth.cli import print_error
from hometruth.cli.judge import exit_code, show_audit
from hometruth.cli.options import all_option, key_option
from hometruth.errors import CaseError, escape_terminal
from hometruth.experiment import Plan, load_plan
from hometruth.model import Audit
from hometruth.run import run


@click.command("run")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Case folder to make (default: a new one here).")
@key_option
@all_option
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def command(
    plan: Path, out: Path | None, key: Path | None, everything: bool, as_json: bool, quiet: bool
) -> int:
    """Run the experiment PLAN (TOML), leave a case behind, and judge it.

    Exits with 1 if a claim is contradicted.
    """
    loaded = load_plan(plan)
    folder = out or default_folder(loaded.id)
    result = carry_out(loaded, folder, key=key, quiet=quiet or as_json)
    show(result, folder, everything=everything, as_json=as_json, quiet=quiet)
    return exit_code(result)


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


def show(audit: Audit, folder: Path, *, everything: bool, as_json: bool, quiet: bool) -> None:
    """One screen, or every verdict, and where everything is; or the verdicts as JSON."""
    if as_json:
        print((folder / "data" / "verdicts.json").read_text("utf-8"), end="")  # noqa: T201 - this is the output
        return
    show_audit(audit, folder, folder / "data" / "report.html", everything=everything, quiet=quiet)
