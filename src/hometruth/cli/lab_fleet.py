"""`hometruth lab fleet`: days of many synthetic owners as events, and as a table for re-identification."""

import csv
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hometruth.audit.crew import cores
from hometruth.errors import LabError

MS_PER_S = 1000


@click.command("fleet")
@click.option(
    "--owners", default=200, show_default=True, type=click.IntRange(1, 100_000), help="How many people."
)
@click.option("--days", default=1, show_default=True, type=click.IntRange(1, 3650), help="Days each lives.")
@click.option("--seed", default=1, show_default=True, type=int, help="The same seed gives the same events.")
@click.option(
    "--out",
    "outs",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="FILE.jsonl: every event, with the truth. FILE.csv: a table user, item, ts. May be given twice.",
)
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Processes; as many as cores by default."
)
def command(owners: int, days: int, seed: int, outs: tuple[Path, ...], jobs: int | None) -> None:
    """Let many synthetic owners live on simulated phones, and write what their vendor gets.

    Nobody of them is real, their habits are invented, and no result says how alike real people are. Existing
    files are not written over.

    \b
    hometruth lab fleet --owners 200 --days 30 --out fleet.csv
    hometruth unicity fleet.csv
    hometruth relink fleet.csv
    """
    from hometruth.lab.people.fleet import run_fleet  # noqa: PLC0415 - only this command needs them

    n_things = n_events = 0
    with ExitStack() as stack:
        sinks = [_sink(stack, path) for path in outs]
        for lived in _with_bar(run_fleet(owners, days=days, seed=seed, jobs=jobs or cores()), owners, stack):
            n_things += lived.things_done
            n_events += len(lived.events)
            for event in lived.events:
                for sink in sinks:
                    sink(event)
    click.echo(
        f"{owners:,} synthetic owners, {days:,} days: {n_things:,} things done, {n_events:,} events told. "
        f"Invented people; seed {seed}."
    )


def _sink(stack: ExitStack, path: Path) -> Any:
    if path.suffix not in (".jsonl", ".csv"):
        raise click.UsageError(f"--out {path}: name it FILE.jsonl (events) or FILE.csv (table).")
    try:
        file = stack.enter_context(path.open("x", encoding="utf-8", newline=""))
    except OSError as err:
        reason = "exists already; give another name" if path.exists() else err.strerror
        raise LabError(f"{path}: {reason}") from err
    return _events_into(file) if path.suffix == ".jsonl" else _table_into(file)


def _events_into(file: TextIO) -> Any:
    return lambda event: file.write(json.dumps(event) + "\n")


def _table_into(file: TextIO) -> Any:
    from hometruth.lab.people.fleet import item_of  # noqa: PLC0415 - only tables need it

    rows = csv.writer(file)
    rows.writerow(("user", "item", "ts"))

    def write(event: dict[str, Any]) -> None:
        item = item_of(event)
        if item is not None:
            rows.writerow((event["_truth"]["owner"], item, event["time"] // MS_PER_S))

    return write


def _with_bar(lives: Any, n_owners: int, stack: ExitStack) -> Any:
    errors = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = stack.enter_context(
        Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)
    )
    return bars.track(lives, total=n_owners, description="owners")
