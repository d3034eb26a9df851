"""`hometruth plant`: mint canaries."""

import click

from hometruth.canaries import dump_canaries, mint
from hometruth.model import CanaryKind


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
@click.option("--json", "as_json", is_flag=True, help="Print records, one a line, for `scan --canaries`.")
def command(kind: str, number: int, as_json: bool) -> None:
    """Mint random values to plant: type one into an address bar, and find out who gets it.

    Each is legal as a host label, a path segment, a search word and a song title. Keep the records:

        hometruth plant -n 3 --json > canaries.jsonl
    """
    canaries = [mint(kind) for _ in range(number)]
    if as_json:
        click.echo(dump_canaries(canaries), nl=False)
    else:
        click.echo("\n".join(canary.value for canary in canaries))
