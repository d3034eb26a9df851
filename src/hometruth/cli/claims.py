"""`hometruth claims check FILE`: are these claims well formed?"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hometruth.claims import load_claims
from hometruth.cli import EXIT_OK, EXIT_UNABLE, print_error
from hometruth.cli.options import quiet_option
from hometruth.errors import ClaimError, escape_terminal

if TYPE_CHECKING:
    from hometruth.model.outputs import CheckedJson


@click.group("claims")
def command() -> None:
    """Check files of claims."""


@command.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@quiet_option
def check(files: tuple[Path, ...], as_json: bool) -> int:
    """Check FILE: every claim, reading, proposition and option.

    Errors name file, line and field. Exits with 2 if a file has one.
    """
    checked = [_checked(file) for file in files]
    for each in checked:
        if each["error"]:
            print_error(each["error"])
        elif not as_json:
            told = "{file}: {claims} claims with {propositions} propositions, well formed".format_map(each)
            click.echo(escape_terminal(told))
    if as_json:
        click.echo(json.dumps(checked, indent=1))
    return EXIT_UNABLE if any(each["error"] for each in checked) else EXIT_OK


def _checked(file: Path) -> "CheckedJson":
    """How many claims and propositions the file has, or what is wrong with it."""
    try:
        claims = load_claims(file)
    except ClaimError as err:
        return {"file": str(file), "claims": 0, "propositions": 0, "error": str(err)}
    propositions = sum(len(reading.propositions) for claim in claims for reading in claim.readings)
    return {"file": str(file), "claims": len(claims), "propositions": propositions, "error": ""}
