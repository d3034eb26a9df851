"""`hometruth metadata`: how alone attributes leave a person in a reference population."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hometruth.cli.bars import percent, wrapped
from hometruth.report.text import escape_terminal

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
@click.option(
    "--share",
    "elsewhere",
    multiple=True,
    metavar="NAME=SHARE",
    help="An attribute of yours that REFERENCE lacks, and the share of people who have it (0.02).",
)
@click.option("--among", type=click.IntRange(1), help="People to speak of; usually those of REFERENCE.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(
    reference: Path,
    columns: tuple[str, ...],
    values: tuple[str, ...],
    elsewhere: tuple[str, ...],
    among: int | None,
    as_json: bool,
) -> None:
    """Count how many people of a REFERENCE population are alike in some attributes.

    REFERENCE is CSV with a header or Parquet, also .gz or .xz, one row a person or a device. It must be a
    population, never the devices under audit: a few devices cannot show how many others are alike.
    """
    from hometruth.identity.metadata import crowd, measure_attributes  # noqa: PLC0415
    from hometruth.identity.reference import read_reference  # noqa: PLC0415

    own = [_pair(value, "--value") for value in values]
    wanted = list(dict.fromkeys([*columns, *(column for column, _ in own)]))
    population = read_reference(reference, wanted)
    found = measure_attributes(list(population.columns.values()))
    people = among or population.people
    shares = [*(population.shares(own) if own else ()), *(_share(text) for text in elsewhere)]
    alike = crowd(shares, people) if shares else None
    if as_json:
        document = {"columns": list(population.columns), **asdict(found)}
        click.echo(
            json.dumps(document | {"among": people, "own": asdict(alike) if alike else None}, indent=1)
        )
        return
    lines = [*_population(found, list(population.columns)), *(_own(alike, people) if alike else ())]
    click.echo("\n".join(map(wrapped, lines)))


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE.", param_hint=option)
    return name, value


def _share(text: str) -> float:
    _, value = _pair(text, "--share")
    try:
        share = float(value)
    except ValueError:
        share = 0
    if not 0 < share <= 1:
        raise click.BadParameter(f"{value!r} is no share, above 0 and at most 1.", param_hint="--share")
    return share


def _population(found: "Attributes", columns: list[str]) -> Iterator[str]:
    names = ", ".join(escape_terminal(name) for name in columns)
    yield f"SINGLED OUT (WP216), by {names}, among the {found.people:,} people of the reference"
    yield f"  {percent(found.unique)} are alone, {percent(found.in_small_groups)} among fewer than 5 alike."
    yield (
        f"  The median person is among {found.median_k:g} alike ({found.expected_k:.1f} on average over "
        "people); "
        f"{found.groups:,} different values, {found.bits:.3f} bits."
    )
    if len(columns) > 1:
        yield (
            f"  Adding up the bits of single columns would give {found.bits_added_up:.2f}, which is too "
            "much. If the "
            f"columns had nothing to do with each other, {percent(found.unique_if_independent)} would be "
            "alone."
        )
    yield "LINKABLE, INFERENCE: not tested here."


def _own(alike: "Crowd", people: int) -> Iterator[str]:
    if alike.low == alike.high:
        yield (
            f"Your values leave you among about {alike.high:,.0f} of {people:,} people "
            f"({alike.bits_low:.2f} bits), if "
            "these are like those of the reference."
        )
        return
    yield (
        f"Your values leave you among at most {alike.high:,.0f} of {people:,} people (the rarest alone), "
        "and about "
        f"{alike.low:,.1f} if they had nothing to do with each other: {alike.bits_low:.2f} to "
        f"{alike.bits_high:.2f} "
        "bits. How common the combination is, is not known."
    )
