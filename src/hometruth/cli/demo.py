"""`hometruth demo`: the whole thing, on a simulated phone."""

from pathlib import Path

import click

from hometruth.cli import EXIT_OK
from hometruth.cli.options import all_option, key_option
from hometruth.cli.run import carry_out, default_folder, show
from hometruth.experiment import bundled_plan

PLAN = "mint-browser-2020"


@click.command("demo")
@click.option("--out", type=click.Path(path_type=Path), help="Case folder to make (default: a new one here).")
@key_option
@all_option
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def command(out: Path | None, key: Path | None, everything: bool, as_json: bool, quiet: bool) -> int:
    """Audit a simulated phone end to end: record it, find what it says, judge what was claimed.

    Everything happens on this machine; people and phone are simulated. Exits with 0 when it ran.
    """
    folder = out or default_folder("demo")
    result = carry_out(bundled_plan(PLAN), folder, key=key, quiet=quiet or as_json)
    show(result, folder, everything=everything, as_json=as_json, quiet=quiet)
    return EXIT_OK
