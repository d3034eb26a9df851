"""`hometruth claims check FILE`: are these claims well formed?"""

from pathlib import Path

import click

from hometruth.claims import load_claims
from hometruth.cli import EXIT_OK, EXIT_UNABLE, print_error
from hometruth.errors import ClaimError, escape_terminal


@click.group("claims")
def command() -> None:
    """Check files of claims."""


@command.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
def check(files: tuple[Path, ...]) -> int:
    """Check FILE: every claim, reading, proposition and option.

    Errors name file, line and field. Exits with 2 if a file has one.
    """
    code = EXIT_OK
    for file in files:
        try:
            claims = load_claims(file)
        except ClaimError as err:
            print_error(err)
            code = EXIT_UNABLE
            continue
        propositions = sum(len(reading.propositions) for claim in claims for reading in claim.readings)
        told = f"{file}: {len(claims)} claims with {propositions} propositions, well formed"
        click.echo(escape_terminal(told))
    return code
