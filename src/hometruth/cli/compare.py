"""`hometruth compare A [B]`: what changed between two runs, two settings of one, or two recordings."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from hometruth.audit.compare import compare
from hometruth.cli import EXIT_FOUND, EXIT_OK
from hometruth.cli.options import RecordingPath, quiet_option
from hometruth.cli.progress import working
from hometruth.model import Direction
from hometruth.report import comparison_json, print_comparison


class _Level(click.ParamType["tuple[str, tuple[str, ...]]"]):
    """``FACTOR=LEVEL``, or ``FACTOR=LEVEL|LEVEL``."""

    name = "FACTOR=LEVEL"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        factor, equals, levels = value.partition("=")
        if not equals or not factor or not levels:
            self.fail(f"{value!r} is not FACTOR=LEVEL, for example switch=off", param, ctx)
        return factor, tuple(levels.split("|"))


@click.command("compare")
@click.argument("a", type=RecordingPath(path_type=Path))
@click.argument("b", type=RecordingPath(path_type=Path), required=False)
@click.option("--a", "where_a", type=_Level(), multiple=True, help="Only sessions of A at this level.")
@click.option("--b", "where_b", type=_Level(), multiple=True, help="Only sessions of B at this level.")
@click.option(
    "--canaries",
    type=click.Path(path_type=Path),
    help="What was planted in recordings; cases hold their own.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything compared as JSON.")
@quiet_option
def command(
    a: Path,
    b: Path | None,
    where_a: tuple[tuple[str, tuple[str, ...]], ...],
    where_b: tuple[tuple[str, tuple[str, ...]], ...],
    canaries: Path | None,
    as_json: bool,
) -> int:
    """Set B against A: two versions, two phones, before and after an update.

    Each is a case, or a recording of any format, which is one session and settles nothing by itself. With one
    case, both sides are taken from it: `hometruth compare CASE --a switch=on --b switch=off`.

    Exits with 1 if something changed for sure.
    """
    with working(f"comparing {a} and {b or a}"):
        result = compare(a, b or a, where_a=dict(where_a), where_b=dict(where_b), canaries=canaries)
    if as_json:
        click.echo(comparison_json(result))
    else:
        print_comparison(result, Console())
    changed = any(item.settled and item.direction is not Direction.SAME for item in result.changes)
    return EXIT_FOUND if changed else EXIT_OK
