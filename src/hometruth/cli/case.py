"""`hometruth case`: cases of what was recorded already."""

from pathlib import Path

import click

from hometruth.cli.judge import exit_code, show_audit
from hometruth.cli.options import all_option
from hometruth.run import judge_recordings


@click.group("case")
def command() -> None:
    """Make cases of recordings that are there already."""


@command.command("new")
@click.argument("labels", type=click.Path(path_type=Path))
@click.option(
    "--canaries", required=True, type=click.Path(path_type=Path), help="What was planted (`plant --json`)."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Case folder to make.")
@all_option
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def new(labels: Path, canaries: Path, out: Path, everything: bool, as_json: bool, quiet: bool) -> int:
    """Judge claims on the recordings that LABELS (TOML) describes, and leave a case behind.

    LABELS says which recording, or which part of one, was which session. Silence in such recordings clears
    nobody, since nothing was sealed before; what was sent contradicts as ever.

    Exits with 1 if a claim is contradicted.
    """
    result = judge_recordings(labels, canaries, out)
    if as_json:
        click.echo((out / "verdicts.json").read_text("utf-8"), nl=False)
        return exit_code(result)
    show_audit(result, out, out / "report.html", everything=everything, quiet=quiet)
    return exit_code(result)
