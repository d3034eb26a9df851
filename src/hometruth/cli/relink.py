"""`hometruth relink`: how often a nameless trace can be put back to its person."""

from typing import TYPE_CHECKING

import click

from hometruth.cli.options import TableOptions, table_options, write_picture

if TYPE_CHECKING:
    from hometruth.model.reidentification import SplitName


@click.command("relink")
@table_options
@click.option(
    "--split",
    type=click.Choice(["halves", "coin"]),
    help="Later half of each person's events against the earlier, or each event by a coin.  "
    "[default: halves if there are times]",
)
def command(
    options: TableOptions,
    split: "SplitName | None",
) -> None:
    """Measure how often traces without a name can be put back to the right person in TABLE.

    TABLE is read as by unicity. Half of each person's events are taken as known, the other half loses its
    name, and three scores try to put it back. Prints rates, and never which person is which: it measures a
    risk, it does not carry it out.
    """
    from hometruth.identity.relink import measure_relink  # noqa: PLC0415
    from hometruth.report.relink import relink_json, relink_text  # noqa: PLC0415

    found = measure_relink(options.read(), split, seed=options.seed)
    if options.svg:
        from hometruth.report.curves import relink_svg  # noqa: PLC0415

        write_picture(options.svg, relink_svg(found, options.noun, options.table.name))
    click.echo(relink_json(found) if options.as_json else relink_text(found, options.noun))
