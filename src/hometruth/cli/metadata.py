"""`hometruth metadata`: how alone attributes leave a person in a reference population."""

from pathlib import Path

import click

from hometruth.cli.options import quiet_option
from hometruth.report.attributes import attributes_json, attributes_text


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
@quiet_option
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
    from hometruth.identity.reference import (  # noqa: PLC0415
        crowd,
        measure_attributes,
        read_reference,
    )

    own = [_pair(value, "--value") for value in values]
    wanted = list(dict.fromkeys([*columns, *(column for column, _ in own)]))
    population = read_reference(reference, wanted)
    found = measure_attributes(list(population.columns.values()))
    people = among or population.people
    shares = [*(population.shares(own) if own else ()), *(_share(text) for text in elsewhere)]
    alike = crowd(shares, people) if shares else None
    render = attributes_json if as_json else attributes_text
    click.echo(render(found, list(population.columns), alike, people))


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
