"""`hometruth plant`: mint canaries."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from hometruth.canaries import dump_canaries, mint
from hometruth.model import CanaryKind

if TYPE_CHECKING:
    from hometruth.model.outputs import CanaryJson


@click.command("plant")
@click.option(
    "--kind",
    type=click.Choice([str(kind) for kind in CanaryKind if kind is not CanaryKind.KNOWN]),
    default=str(CanaryKind.PAGE),
    show_default=True,
    help="What it stands for.",
)
@click.option(
    "-n", "--number", type=click.IntRange(1, 100_000), default=1, show_default=True, help="How many."
)
@click.option("--name", help="What one canary is called in every output; noted with --json.")
@click.option("--session", metavar="NAME", help="Session that they are planted in; likewise.")
@click.option("--mode", metavar="LEVEL", help="Mode that they are planted for, such as private; likewise.")
@click.option("--note", metavar="TEXT", help="A note of your own; likewise.")
@click.option("--json", "as_json", is_flag=True, help="Print records, one a line, for `scan --canaries`.")
def command(
    *,
    kind: str,
    number: int,
    name: str | None,
    session: str | None,
    mode: str | None,
    note: str | None,
    as_json: bool,
) -> None:
    """Mint random values to plant: type one into an address bar, and find out who gets it.

    Each is legal as a host label, a path segment, a search word and a song title. Keep the records:

        hometruth plant -n 3 --json > canaries.jsonl
    """
    if name is not None and (not name.strip() or number > 1):
        raise click.UsageError("--name is for one canary, and not empty")
    if not as_json and (name or session or mode or note):
        raise click.UsageError("--session, --mode and --note are kept in records: add --json")
    canaries = [mint(kind, cell=session) for _ in range(number)]
    if name is not None:
        canaries = [replace(canary, id=name) for canary in canaries]
    if as_json:
        planted_at = datetime.now(UTC).isoformat(timespec="seconds")
        for line in dump_canaries(canaries).splitlines():
            row: CanaryJson = json.loads(line)
            if mode:
                row["mode"] = mode
            if note:
                row["note"] = note
            row["planted_at"] = planted_at
            click.echo(json.dumps(row))
    else:
        click.echo("\n".join(canary.value for canary in canaries))
