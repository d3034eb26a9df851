"""`hometruth export`: recordings as one table."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hometruth.audit.export import export
from hometruth.cli import EXIT_OK, EXIT_UNABLE, print_error
from hometruth.cli.options import keys_option, quiet_option
from hometruth.errors import CaptureError, escape_terminal

if TYPE_CHECKING:
    from hometruth.model.outputs import WrittenTableJson


@click.command("export")
@click.argument("captures", nargs=-1, required=True, type=click.Path(), metavar="CAPTURE...")
@click.option("--parquet", required=True, type=click.Path(path_type=Path), help="The table to write.")
@click.option("--no-responses", is_flag=True, help="Leave out what came back.")
@keys_option
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@quiet_option
def command(
    captures: tuple[str, ...], parquet: Path, no_responses: bool, keys: Path | None, as_json: bool
) -> int:
    """Write the exchanges and gaps of recordings into one Parquet table.

    The table is a recording itself: every command that reads recordings reads it, and finds what it finds in
    them. It holds what they hold, passwords too. Exits with 2 if one of them cannot be read; what the others
    hold is written.
    """
    errors: list[CaptureError] = []

    def unreadable(err: CaptureError) -> None:
        errors.append(err)
        print_error(err)

    n_exchanges, n_gaps = export(
        captures, parquet, keys=keys, responses=not no_responses, unreadable=unreadable
    )
    told: WrittenTableJson = {
        "table": str(parquet),
        "exchanges": n_exchanges,
        "gaps": n_gaps,
        "unreadable": len(errors),
    }
    text = f"{parquet}: {n_exchanges:,} exchanges and {n_gaps:,} gaps"
    click.echo(json.dumps(told) if as_json else escape_terminal(text))
    return EXIT_UNABLE if errors else EXIT_OK
