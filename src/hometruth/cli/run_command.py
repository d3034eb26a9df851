"""`hometruth run PLAN`: run an experiment plan."""

from pathlib import Path

import click

from hometruth.cli import EXIT_FOUND, EXIT_OK
from hometruth.cli.experiment import carry_out, default_folder, key_option, show
from hometruth.experiment import load_plan
from hometruth.model import Audit, VerdictKind


@click.command("run")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Case folder to make (default: a new one here).")
@key_option
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def command(plan: Path, out: Path | None, key: Path | None, as_json: bool, quiet: bool) -> int:
    """Run the experiment PLAN (TOML), leave a case behind, and judge it.

    Exits with 1 if a claim is contradicted.
    """
    loaded = load_plan(plan)
    folder = out or default_folder(loaded.id)
    result = carry_out(loaded, folder, key=key, quiet=quiet or as_json)
    show(result, folder, as_json=as_json, quiet=quiet)
    return exit_code(result)


def exit_code(audit: Audit) -> int:
    """1 if any verdict is CONTRADICTED, else 0."""
    contradicted = any(verdict.verdict is VerdictKind.CONTRADICTED for verdict in audit.verdicts)
    return EXIT_FOUND if contradicted else EXIT_OK
