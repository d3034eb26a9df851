"""`--budget NAME=VALUE`: the limits on examining one exchange, wherever something is peeled."""

from collections.abc import Callable
from typing import Any

import click

from hometruth.model import Budget

NAMES = {
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
        callback=_parsed,
        help="Limit on each exchange: " + ", ".join(NAMES) + " (bytes and free also in KiB, MiB, GiB).",
    )(command)


def _parsed(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> Budget:
    limits: dict[str, float] = {}
    for each in given:
        name, equals, text = each.partition("=")
        if not equals or name not in NAMES:
            raise click.BadParameter(f"{each!r} is not NAME=VALUE with a name among {', '.join(NAMES)}")
        limits[NAMES[name]] = _number(NAMES[name], text)
    return Budget(**limits)  # type: ignore[arg-type]  # whole numbers where they must be


def _number(field: str, text: str) -> float:
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
