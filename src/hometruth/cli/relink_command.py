"""`hometruth relink`: how often a nameless trace can be put back to its person."""

import json
from typing import TYPE_CHECKING

import click

from hometruth.cli.table_options import TableOptions, table_options

if TYPE_CHECKING:
    from hometruth.identity.relink import Relink, SplitName

DIGITS = 6


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
    from hometruth.cli.relink_text import relink_text  # noqa: PLC0415
    from hometruth.identity.relink import measure_relink  # noqa: PLC0415

    found = measure_relink(options.read(), split, seed=options.seed)
    click.echo(
        json.dumps(_document(found), indent=1) if options.as_json else relink_text(found, options.noun)
    )


def _document(found: "Relink") -> dict[str, object]:
    """As issued to other programs: rates only."""
    return {
        "people": found.people,
        "probes": found.probes,
        "chance": round(found.chance, 9),
        "split": found.split,
        "scores": {
            name: {
                "rank1": round(score.rank1, DIGITS),
                "right": round(score.right),
                "low": round(score.low, DIGITS),
                "high": round(score.high, DIGITS),
                "rank5": round(score.rank5, DIGITS),
                "answered_at_95": round(score.answered.share, DIGITS),
                "right_when_answered": _rounded(score.answered.right),
                "open_set": _rounded(score.open_set),
            }
            for name, score in found.scores.items()
        },
        "population_curve": {str(size): round(value, DIGITS) for size, value in found.curve.items()},
        "one_session": None
        if found.sessions is None
        else {
            band: {"rank1": round(value, DIGITS), "sessions": n}
            for band, (value, n) in found.sessions.items()
        },
        "few_events": None
        if found.few is None
        else {
            str(number): {name: round(value, DIGITS) for name, value in rates.items()}
            for number, rates in found.few.items()
        },
        "scoreboard": [
            {
                "points": board.points,
                "wrong": board.wrong,
                "people_tried": board.people,
                "traces_tried": board.tried,
                "rank1": round(board.rank1, DIGITS),
                "answered": round(board.answered, DIGITS),
                "right_when_answered": _rounded(board.right_when_answered),
            }
            for board in found.scoreboard
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
