"""`hometruth mark`: note in a recording under way what begins now."""

from datetime import UTC, datetime
from pathlib import Path

import click

from hometruth.capture.marks import add_mark
from hometruth.errors import escape_terminal


@click.command("mark")
@click.argument("recording", type=click.Path(path_type=Path))
@click.argument("label")
def command(recording: Path, label: str) -> None:
    """Note that LABEL begins now in RECORDING, which `record` is writing: "private window", "consent given".

    `case new` cuts the recording into sessions by such marks.
    """
    mark = add_mark(recording, label)
    at = datetime.fromtimestamp(mark.at_ns // 1_000_000_000, UTC).isoformat(timespec="seconds")
    click.echo(f"{at} {escape_terminal(mark.label)}")
