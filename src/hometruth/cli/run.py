"""`hometruth run PLAN`: run an experiment plan."""

from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hometruth.capture.proxy.kept_authority import kept_authority
from hometruth.case import Signer, load_or_make_key
from hometruth.cli import print_error
from hometruth.cli.judge import exit_code, show_audit
from hometruth.cli.options import all_option, key_option
from hometruth.errors import CaseError, escape_terminal
from hometruth.experiment import Driver, Plan, load_plan
from hometruth.experiment.drivers.adb_journal import changed_phones
from hometruth.experiment.drivers.guided_kind import GuidedOptions
from hometruth.model import Audit
from hometruth.run import run

PUT_BACK = "Connect it; `hometruth end --phones` puts it back"


@click.command("run")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Case folder to make (default: a new one here).")
@click.option(
    "--certificate", metavar="NAME", help="Record with the certificate that `record --certificate NAME` made."
)
@key_option
@all_option
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def command(
    *,
    plan: Path,
    out: Path | None,
    certificate: str | None,
    key: Path | None,
    everything: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Run the experiment PLAN (TOML), leave a case behind, and judge it.

    Exits with 1 if a claim is contradicted.
    """
    loaded = load_plan(plan)
    folder = out or default_folder(loaded.id)
    authority = None if certificate is None else kept_authority(certificate).folder
    if isinstance(loaded.options, GuidedOptions):
        from hometruth.cli.audit_phone import led  # noqa: PLC0415 - it carries out with this very module

        result = led(loaded, folder, key=key, quiet=quiet or as_json, opens=True)
    else:
        result = carry_out(loaded, folder, key=key, quiet=quiet or as_json, authority=authority)
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


def carry_out(
    plan: Plan,
    folder: Path,
    *,
    key: Path | None,
    quiet: bool,
    authority: Path | None = None,
    driver: Driver | None = None,
    goes_on: bool = False,
) -> Audit:
    """Run *plan* into a bag in *folder*; a progress bar on a terminal, one line otherwise.

    What could not be put back on a phone is said, however the run ends.
    """
    signer = signer_of(key)
    errors = Console(stderr=True, quiet=quiet)
    kept = "All traffic is recorded."
    if plan.opened:
        more = " and to hosts that are chosen at the desk" if plan.app_hosts else ""
        kept = (
            f"What is sent to {', '.join(plan.opened)}{more} is recorded; of other hosts bytes are counted."
        )
    stop = "" if plan.title.endswith(("?", "!", ".")) else "."
    told = f"Auditing this {plan.subject.kind} subject: {plan.title}{stop} {kept}"
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

        try:
            return run(
                plan,
                folder,
                driver=driver,
                begins=lambda: errors.print(escape_terminal(told), highlight=False, markup=False),
                progress=advance,
                bag=True,
                signer=signer,
                authority=authority,
                goes_on=goes_on,
            )
        finally:
            for serial, changes in changed_phones().items():
                print_error(f"{serial} is still changed: {'; '.join(map(str, changes))}. {PUT_BACK}")


def show(audit: Audit, folder: Path, *, everything: bool, as_json: bool, quiet: bool) -> None:
    """One screen, or every verdict, and where everything is; or the verdicts as JSON."""
    if as_json:
        # As bytes: JSON is UTF-8 (RFC 8259) whatever the terminal reads.
        click.echo((folder / "data" / "verdicts.json").read_bytes(), nl=False)
        return
    show_audit(audit, folder, folder / "data" / "report.html", everything=everything, quiet=quiet)
