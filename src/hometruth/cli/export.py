"""`hometruth export`: recordings as one table."""

from pathlib import Path

import click

from hometruth.audit.export import export
from hometruth.cli import EXIT_OK, EXIT_UNABLE, print_error
from hometruth.cli.options import keys_option
from hometruth.errors import CaptureError, escape_terminal


@click.command("export")
@click.argument("captures", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="CAPTURE...")
@click.option("--parquet", required=True, type=click.Path(path_type=Path), help="The table to write.")
@click.option("--no-responses", is_flag=True, help="Leave out what came back.")
@keys_option
def command(captures: tuple[Path, ...], parquet: Path, no_responses: bool, keys: Path | None) -> int:
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
    click.echo(escape_terminal(f"{parquet}: {n_exchanges:,} exchanges and {n_gaps:,} gaps"))
    return EXIT_UNABLE if errors else EXIT_OK
