"""`hometruth claims check FILE`: are these claims well formed?"""

from pathlib import Path

import click

from hometruth.claims import load_claims
from hometruth.cli import EXIT_OK, EXIT_UNABLE
from hometruth.errors import ClaimError


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
            click.echo(f"hometruth: {err}", err=True)
            code = EXIT_UNABLE
            continue
        propositions = sum(len(reading.propositions) for claim in claims for reading in claim.readings)
        click.echo(f"{file}: {len(claims)} claims with {propositions} propositions, well formed")
    return code
