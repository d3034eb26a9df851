"""`hometruth judge CASE`: judge a case again from its raw traffic."""

from pathlib import Path

import click
from rich.console import Console

from hometruth.cli.run_command import exit_code
from hometruth.errors import CaseError
from hometruth.report import print_claims, verdicts_text
from hometruth.run import rejudge


@click.command("judge")
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def command(case: Path, as_json: bool, quiet: bool) -> int:
    """Judge CASE again from its raw traffic and compare with the verdicts it holds, byte for byte.

    Exits with 1 if a claim is contradicted, with 2 if the verdicts are not reproduced.
    """
    result = rejudge(case)
    text = verdicts_text(result)
    if as_json:
        click.echo(text, nl=False)
    else:
        print_claims(result, Console(quiet=quiet))
    held = case / "verdicts.json"
    if not held.is_file():
        click.echo(f"{case} holds no verdicts.json to compare with (its run did not end).", err=True)
    elif held.read_text("utf-8") != text:
        raise CaseError(f"{held}: the raw traffic does not give these verdicts; compare with `--json`")
    elif not quiet:
        click.echo("The verdicts in the case are reproduced byte for byte.", err=True)
    return exit_code(result)
