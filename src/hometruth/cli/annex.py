"""`hometruth annex CASE FILE...`: add what came later to a case, beside its seal."""

from datetime import UTC, datetime
from pathlib import Path

import click

from hometruth.case import ANNEX_KINDS, add_annex, load_or_make_key
from hometruth.cli import EXIT_OK
from hometruth.cli.options import key_option
from hometruth.errors import escape_terminal


@click.command("annex")
@click.argument("case", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--kind", required=True, type=click.Choice(ANNEX_KINDS), help="What it is.")
@key_option
def command(case: Path, files: tuple[Path, ...], kind: str, key: Path | None) -> int:
    """Add copies of FILES to CASE as a numbered annex: a reply, a retest, a letter that was sent.

    The annex is signed and names the case. Nothing that is sealed changes, and no annex is ever overwritten.
    An annex says what its signer holds, and nothing of when it came.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    name = add_annex(case, files, kind, load_or_make_key(key), at=now)
    click.echo(escape_terminal(f"annex   {case / 'annex' / name}"))
    return EXIT_OK
