"""Options that several commands share."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hometruth.cli import print_error
from hometruth.model import Budget

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


LIMITS = {
    "time": "time_s",
    "bytes": "output_bytes",
    "ratio": "ratio",
    "free": "free_bytes",
    "pieces": "pieces",
    "depth": "depth",
    "salts": "salts",
    "salt-tries": "salt_tries",
}
"""What a limit is called on the command line, and in `Budget`."""
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
MAY_BE_ZERO = frozenset({"salts", "salt_tries", "free_bytes"})


def budget_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option; it gets ``budget``, a `Budget`."""
    return click.option(
        "--budget",
        "budget",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_budget_of,
        help="Limit on each exchange: " + ", ".join(LIMITS) + " (bytes and free also in KiB, MiB, GiB).",
    )(command)


def _budget_of(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> Budget:
    limits: dict[str, float] = {}
    for each in given:
        name, equals, text = each.partition("=")
        if not equals or name not in LIMITS:
            raise click.BadParameter(f"{each!r} is not NAME=VALUE with a name among {', '.join(LIMITS)}")
        limits[LIMITS[name]] = _limit_of(LIMITS[name], text)
    return Budget(**limits)  # type: ignore[arg-type]  # whole numbers where they must be


def _limit_of(field: str, text: str) -> float:
    digits, unit = text, 1
    if field.endswith("_bytes"):
        for name, size in UNITS.items():
            if text.endswith(name):
                digits, unit = text.removesuffix(name), size
    try:
        number = float(digits) if field == "time_s" else int(digits) * unit
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a number") from None
    if not (0 if field in MAY_BE_ZERO else 1e-9) <= number < float("inf"):
        raise click.BadParameter(f"{text!r} is too small for {field}, or no finite number")
    return number


keys_option = click.option(
    "--keys",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="TLS key log (SSLKEYLOGFILE) that opens packet captures; one beside a capture is found by itself.",
)
all_option = click.option(
    "--all", "everything", is_flag=True, help="Print every verdict with its reason instead of one screen."
)
reveal_option = click.option("--reveal", is_flag=True, help="Show values instead of masking them.")
key_option = click.option(
    "--key",
    type=click.Path(path_type=Path),
    help="Ed25519 private key (PEM) that signs the case. [default: your own, made on first use]",
)
