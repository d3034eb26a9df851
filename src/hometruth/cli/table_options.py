"""Options that all commands on tables of events share."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hometruth.cli import print_error

if TYPE_CHECKING:
    from hometruth.identity.table import Events

_OPTIONS = (
    click.argument("table", type=click.Path(path_type=Path)),
    click.option("--user", help="Column of the person, if it is not called user."),
    click.option("--item", help="Column of the thing, if it is not called item."),
    click.option("--count", help="Column of how often, if it is not called count."),
    click.option("--time", help="Column of the time, if it is called neither ts nor time."),
    click.option("--noun", default="items", show_default=True, help="What the items are, for the sentences."),
    click.option("--seed", default=1, show_default=True, help="Of all that is drawn at random."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON document."),
)


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What every command on a table was told."""

    table: Path
    columns: dict[str, str | None]
    """Role to the name given for its column."""
    noun: str
    seed: int
    as_json: bool

    def read(self) -> "Events":
        """Read the table, and say on standard error what was assumed about it."""
        from hometruth.identity.table import read_events  # noqa: PLC0415
        from hometruth.identity.table_file import Columns  # noqa: PLC0415

        events = read_events(self.table, Columns(**self.columns))
        for note in events.notes:
            print_error(f"{self.table}: {note}")
        return events


def table_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the argument TABLE and the options that name its columns; *command* gets them as one."""

    @wraps(command)
    def with_options(**given: Any) -> None:
        columns = {role: given.pop(role) for role in ("user", "item", "count", "time")}
        names = ("table", "noun", "seed", "as_json")
        command(TableOptions(columns=columns, **{name: given.pop(name) for name in names}), **given)

    decorated: Callable[..., None] = with_options
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated
