"""`hometruth peel`: the layers of one value."""

import sys
from pathlib import Path

import click
from rich.console import Console

from hometruth.audit.one_value import body_of, peel_value
from hometruth.cli.options import budget_option
from hometruth.model import Budget
from hometruth.report.value_tree import print_value_tree, value_tree_json


@click.command("peel")
@click.argument("value", required=False)
@click.option(
    "--from", "capture", type=click.Path(path_type=Path), help="Take the body of a request in this recording."
)
@click.option("--entry", type=click.IntRange(min=0), help="Which request of the recording, counted from 0.")
@click.option("--json", "as_json", is_flag=True, help="Print every value found, as JSON.")
@click.option("--keys", is_flag=True, help="Show the names of fields as values of their own too.")
@budget_option
def command(
    value: str | None, capture: Path | None, entry: int | None, as_json: bool, keys: bool, budget: Budget
) -> None:
    """Take the wrappings off VALUE (none or - for standard input) and show what is inside, layer by layer."""
    data = _input(value) if capture is None else _body(capture, entry, value)
    peeled = peel_value(data, budget=budget)
    if as_json:
        click.echo(value_tree_json(peeled))
    else:
        print_value_tree(peeled, Console(highlight=False), keys=keys)


def _body(capture: Path, entry: int | None, value: str | None) -> bytes:
    """The body of one request in a recording."""
    if entry is None or value is not None:
        raise click.UsageError("--from needs --entry, and takes no VALUE.")
    return body_of(capture, entry)


def _input(value: str | None) -> bytes:
    data = _given(value)
    if not data:
        raise click.UsageError("Give a VALUE that is not empty, or pipe one in.")
    return data


def _given(value: str | None) -> bytes:
    if value is not None and value != "-":
        return value.encode("utf-8", "surrogateescape")
    if sys.stdin.isatty():
        return b""
    data = sys.stdin.buffer.read()
    # `echo` adds a line end that is no part of the value; binary data ends with one by chance only.
    return data[:-1] if data.endswith(b"\n") and data.count(b"\n") == 1 else data
