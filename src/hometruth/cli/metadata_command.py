"""`hometruth metadata`: how alone attributes leave a person in a reference population."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hometruth.cli.bars import percent

if TYPE_CHECKING:
    from hometruth.identity.metadata import Attributes, Crowd


@click.command("metadata")
@click.argument("reference", type=click.Path(path_type=Path))
@click.option(
    "--column",
    "columns",
    multiple=True,
    help="A column that counts; may be repeated.  [default: all but user]",
)
@click.option(
    "--value", "values", multiple=True, metavar="COLUMN=VALUE", help="A value of yours; may be repeated."
)
@click.option("--among", type=click.IntRange(1), help="People to speak of; usually those of REFERENCE.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    reference: Path, columns: tuple[str, ...], values: tuple[str, ...], among: int | None, as_json: bool
) -> None:
    """Count how many people of a REFERENCE population are alike in some attributes.

    REFERENCE is CSV with a header or Parquet, also .gz or .xz, one row a person or a device. It must be a
    population, never the devices under audit: a few devices cannot show how many others are alike.
    """
    from hometruth.identity.metadata import crowd, measure_attributes  # noqa: PLC0415
    from hometruth.identity.reference import read_reference  # noqa: PLC0415

    own = [_own(value) for value in values]
    wanted = list(dict.fromkeys([*columns, *(column for column, _ in own)]))
    population = read_reference(reference, wanted)
    found = measure_attributes(list(population.columns.values()))
    people = among or population.people
    alike = crowd([population.share(column, value) for column, value in own], people) if own else None
    if as_json:
        document = {"columns": list(population.columns), **asdict(found)}
        click.echo(
            json.dumps(document | {"among": people, "own": asdict(alike) if alike else None}, indent=1)
        )
        return
    _print(found, list(population.columns))
    if alike:
        _print_own(alike, people)


def _own(text: str) -> tuple[str, str]:
    column, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not COLUMN=VALUE.", param_hint="--value")
    return column, value


def _print(found: "Attributes", columns: list[str]) -> None:
    click.echo(
        f"SINGLED OUT (WP216), by {', '.join(columns)}, among the {found.people:,} people of the reference"
    )
    click.echo(
        f"  {percent(found.unique)} are alone; {percent(found.in_small_groups)} share it with fewer than 4 "
        "others."
    )
    click.echo(
        f"  In the middle {found.median_k:g} people are alike, themselves counted ({found.expected_k:.1f} "
        "on average "
        f"over people); {found.groups:,} different values, {found.bits:.3f} bits."
    )
    if len(columns) > 1:
        click.echo(
            f"  Adding up the bits of single columns would give {found.bits_added_up:.2f}: too much. Taking "
            "them for "
            f"independent, at most {percent(found.unique_if_independent)} would be alone."
        )
    click.echo("LINKABLE, INFERENCE: not tested here.")


def _print_own(alike: "Crowd", people: int) -> None:
    if alike.low == alike.high:
        click.echo(
            f"Your value leaves you among about {alike.high:,.0f} of {people:,} people "
            f"({alike.bits_low:.2f} bits)."
        )
        return
    click.echo(
        f"Your values leave you among at most {alike.high:,.0f} of {people:,} people (the rarest alone), "
        "and about "
        f"{alike.low:,.1f} if they had nothing to do with each other ({alike.bits_low:.2f} to "
        f"{alike.bits_high:.2f} bits). "
        "How common the combination is, single columns do not tell."
    )
