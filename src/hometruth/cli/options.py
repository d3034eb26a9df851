"""Options that several commands share."""

import os
import re
import stat
import sys
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import wraps
from glob import glob, has_magic
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import click

from hometruth.cli import print_error
from hometruth.errors import HometruthError
from hometruth.model import Budget

if TYPE_CHECKING:
    from hometruth.identity.events import EventTable


_LABEL = re.compile(r"[\w .-]+:[a-z-]+(?:@[0-9.]+)?=")


class RecordingPath(click.Path):
    """A path, or a label and one: where it is ``-`` or an address, a file that holds what is there while the
    command runs.

    Commands that read a recording twice, or as a file, take it too then.
    """

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; what standard input or an address held lies in a folder of its reader's alone."""
        if isinstance(value, str) and ctx is not None:
            label = found[0] if (found := _LABEL.match(value)) else ""
            name = value.removeprefix(label)
            if name == "-" and not Path(name).exists():
                value = f"{label}{_kept(ctx, sys.stdin.buffer, 'standard input')}"
            elif "://" in name and not Path(name).exists():
                with _at_address(name) as stream:
                    value = f"{label}{_kept(ctx, stream, name.partition('::')[0].rpartition('/')[2])}"
        return super().convert(value, param, ctx)


def _at_address(name: str) -> BinaryIO:
    from hometruth.audit.scan import captures_of  # noqa: PLC0415 - slow to load

    first, *more = captures_of([name])
    if more:
        raise click.UsageError(f"{name}: {1 + len(more)} recordings are there; give each by itself")
    return cast(BinaryIO, cast(Any, first).open())


def _kept(ctx: click.Context, stream: BinaryIO, name: str) -> Path:
    """A file of that name with what is in the stream, until the command has ended."""
    file = Path(ctx.with_resource(TemporaryDirectory(prefix="hometruth-")), name or "recording")
    with file.open("wb") as kept:
        copyfileobj(stream, kept)
    return file


_OPTIONS = (
    click.argument("table", type=click.Path(path_type=Path)),
    click.option("--user", help="Column of the person, if it is not called user."),
    click.option("--item", help="Column of the thing, if it is not called item."),
    click.option("--count", help="Column of how often, if it is not called count."),
    click.option("--time", help="Column of the time, if it is called neither ts nor time."),
    click.option("--noun", default="items", show_default=True, help="What the items are, for the sentences."),
    click.option("--seed", default=1, show_default=True, help="Of all that is drawn at random."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON document."),
    click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), help="Draw the curves, too."),
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
    svg: Path | None

    def read(self) -> "EventTable":
        """Read the table, and say on standard error what was assumed about it."""
        from hometruth.identity.table import read_events  # noqa: PLC0415
        from hometruth.identity.table_file import Columns  # noqa: PLC0415

        events = read_events(self.table, Columns(**self.columns))
        for note in events.notes:
            print_error(f"{self.table}: {note}")
        return events


def write_picture(path: Path, drawing: str) -> None:
    """Write *drawing*, or say why that is not possible."""
    try:
        path.write_text(drawing, "utf-8")
    except OSError as err:
        raise HometruthError(f"{path}: the picture cannot be written: {err.strerror}") from err


def keep_what_is_read(written: Iterable[Path | None], read: Iterable[str | Path | None]) -> None:
    """Refuse to write over a file that this command reads, or two outputs into one file.

    Args:
        written: Outputs; None where one is not asked for.
        read: Inputs as given: paths, labels and paths, patterns; None likewise.

    Raises:
        UsageError: If it would; nothing has been written then.
    """
    given = [text for each in read if each for text in (str(each), str(each).rpartition("=")[2])]
    names = [*given, *(file for text in given if has_magic(text) for file in glob(text, recursive=True))]  # noqa: PTH207
    taken = {mark for name in names for mark in _marks(Path(name))}
    for path in filter(None, written):
        marks = _marks(path)
        if taken & marks:
            raise click.UsageError(f"{path}: another file of this command; give it a name of its own")
        taken |= marks


def _marks(path: Path) -> set[object]:
    """By what a regular file is known, whatever it is called; nothing of a device, which may be shared."""
    try:
        file = path.stat()
    except (OSError, ValueError):  # not there, or no name of a file
        return {path.absolute()}
    return {path.resolve(), (file.st_dev, file.st_ino)} if stat.S_ISREG(file.st_mode) else set()


def quiet_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--quiet`: exit code and errors say it all. What --json prints is printed all the same.

    To stand next to the function, which does not get the option.
    """

    @wraps(command)
    def quietly(*args: Any, quiet: bool, **given: Any) -> Any:
        if not quiet or given.get("as_json"):
            return command(*args, **given)
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
            return command(*args, **given)

    return click.option("--quiet", is_flag=True, help="Print nothing but errors.")(quietly)


def table_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the argument TABLE and the options that name its columns; *command* gets them as one."""

    @quiet_option
    @wraps(command)
    def with_options(**given: Any) -> None:
        columns = {role: given.pop(role) for role in ("user", "item", "count", "time")}
        names = ("table", "noun", "seed", "as_json", "svg")
        keep_what_is_read([given["svg"]], [given["table"]])
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
