"""`hometruth unicity`: how few points single a person out of a table of people."""

import click

from hometruth.cli.options import TableOptions, table_options, write_picture


@click.command("unicity")
@table_options
@click.option("--points", help="Numbers of points to ask for.  [default: 1,2,3,4,5,7,10]")
@click.option("--by", type=click.Choice(["day", "hour"]), help="A point is an item on a day, or in an hour.")
@click.option(
    "--draws",
    type=click.IntRange(1),
    help="Random draws a person.  [default: 10, or 5 from 20,000 people on]",
)
@click.option("--no-curve", is_flag=True, help="Do not measure in smaller populations too.")
def command(
    options: TableOptions,
    points: str | None,
    by: str | None,
    draws: int | None,
    no_curve: bool,
) -> None:
    """Measure how few points single a person out of the people in TABLE.

    TABLE is CSV or Parquet, also .gz or .xz, one row for each time a person did something: user, item, and
    where known count, and ts or time. Three attackers are shown side by side: who sees the start of a
    session, who knows points at random, who knows the rarest. Names of people and things are not kept.
    """
    from hometruth.identity.unicity import NUMBERS, at_moments, measure_unicity  # noqa: PLC0415
    from hometruth.report.unicity import unicity_json, unicity_text  # noqa: PLC0415

    noun = f"{options.noun} with their {by}" if by else options.noun
    numbers = _numbers(points) if points else NUMBERS
    events = options.read()
    events = at_moments(events, by) if by else events
    found = measure_unicity(events, numbers, n_draws=draws, curve=not no_curve, seed=options.seed)
    if options.svg:
        from hometruth.report.curves import unicity_svg  # noqa: PLC0415

        write_picture(options.svg, unicity_svg(found, noun, options.table.name))
    click.echo(unicity_json(found) if options.as_json else unicity_text(found, noun))


def _numbers(points: str) -> tuple[int, ...]:
    try:
        numbers = tuple(sorted({int(number) for number in points.split(",")}))
    except ValueError as err:
        raise click.BadParameter(f"{points!r} is not a list such as 1,2,4.", param_hint="--points") from err
    if numbers[0] < 1:
        raise click.BadParameter("a person is singled out by at least 1 point.", param_hint="--points")
    return numbers
