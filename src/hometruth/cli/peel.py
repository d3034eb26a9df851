"""`hometruth peel`: the layers of one value."""

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from hometruth.audit.one_value import Peeled, body_of, peel_value
from hometruth.cli.options import budget_option
from hometruth.model import Budget, Value

PREVIEW = 160
"""Characters of a value shown in the tree."""
BRANCHES_SHOWN = 500
"""Values shown in the tree; `--json` has all."""


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
        click.echo(json.dumps(_document(peeled), indent=1))
    else:
        _print_tree(peeled, keys=keys)


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


def _document(peeled: Peeled) -> dict[str, object]:
    return {
        "values": [
            {
                "parent": peeled.parents[index],
                "path": value.path,
                "chain": list(value.chain),
                "size_bytes": len(value.data),
                **_content(value.data),
            }
            for index, value in enumerate(peeled.values)
        ],
        "opaque_bytes": peeled.opaque_bytes,
        "gaps": [{"kind": str(gap.kind), "where": gap.where, "detail": gap.detail} for gap in peeled.gaps],
    }


def _content(data: bytes) -> dict[str, str]:
    """The bytes as text where they are, else in hexadecimal."""
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"hex": data.hex()}


def _print_tree(peeled: Peeled, *, keys: bool) -> None:
    console = Console(highlight=False)
    root = Tree(_line(peeled.values[0]), guide_style="dim")
    branches = {0: root}
    # By value, not by branch: parents come first, so that what is cut is the deepest.
    for index in range(1, len(peeled.values)):
        parent = peeled.parents[index]
        if (
            len(branches) < BRANCHES_SHOWN
            and parent in branches
            and (keys or not _is_key(peeled.values[index]))
        ):
            branches[index] = branches[parent].add(_line(peeled.values[index]))
    console.print(root)
    if len(branches) == BRANCHES_SHOWN:
        console.print(f"… and up to {len(peeled.values) - len(branches)} more values; --json shows all.")
    for gap in peeled.gaps:
        console.print(_gap_line(f"{gap.kind}: {gap.detail} ({gap.where})"))
    if peeled.opaque_bytes:
        console.print(f"{peeled.opaque_bytes} bytes are opaque: no layer opens them.", style="yellow")


def _gap_line(text: str) -> Text:
    from hometruth.report import escape_terminal  # noqa: PLC0415 (needed only where something went wrong)

    return Text(escape_terminal(text), style="yellow")


def _line(value: Value) -> Text:
    """One value: the layer that gave it, where it stood, and its beginning."""
    from hometruth.report import escape_terminal, printable  # noqa: PLC0415

    line = Text(no_wrap=True, overflow="ellipsis")
    if value.steps:
        step = value.steps[-1]
        line.append(step.layer, style="bold cyan")
        if step.label:
            line.append(" " + escape_terminal(step.label.lstrip(".")), style="green")
        line.append("  ")
    if len(value.data) > PREVIEW:
        line.append(f"({len(value.data):,} bytes) ", style="dim")
    line.append(printable(value.data[:PREVIEW])[:PREVIEW])
    return line


def _is_key(value: Value) -> bool:
    return value.steps[-1].is_name
