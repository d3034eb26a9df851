"""What `hometruth peel` shows: the layers of one value as a tree, or everything as JSON."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from hometruth.model import Gap, Value
from hometruth.report.catalogue import _
from hometruth.report.text import escape_terminal, printable

if TYPE_CHECKING:
    from hometruth.model.outputs import PeeledJson, ValueJson

PREVIEW = 160
"""Characters of a value shown in the tree."""
BRANCHES_SHOWN = 500
"""Values shown in the tree; JSON has all."""


class ValuesInside(Protocol):
    """Everything that was peeled out of one value, the value itself first."""

    @property
    def values(self) -> Sequence[Value]:
        """Containers before what is inside them."""

    @property
    def parents(self) -> Sequence[int]:
        """Index of the value each was peeled out of, or -1."""

    @property
    def gaps(self) -> Sequence[Gap]:
        """What could not be read."""

    @property
    def opaque_bytes(self) -> int:
        """Bytes that no layer opens."""


def value_tree_json(peeled: ValuesInside) -> str:
    """Every value as JSON text; bytes are text where they can be, else hexadecimal."""
    document: PeeledJson = {
        "values": [
            _value(value, parent) for value, parent in zip(peeled.values, peeled.parents, strict=True)
        ],
        "opaque_bytes": peeled.opaque_bytes,
        "gaps": [{"kind": gap.kind, "where": gap.where, "detail": gap.detail} for gap in peeled.gaps],
    }
    return json.dumps(document, indent=1)


def _value(value: Value, parent: int) -> "ValueJson":
    told: ValueJson = {
        "parent": parent,
        "path": value.path,
        "chain": list(value.chain),
        "size_bytes": len(value.data),
    }
    try:
        told["text"] = value.data.decode("utf-8")
    except UnicodeDecodeError:
        told["hex"] = value.data.hex()
    return told


def print_value_tree(peeled: ValuesInside, console: Console, *, keys: bool) -> None:
    """A branch a layer, and below it what could not be read.

    Args:
        keys: Show the names of fields as values of their own too.
    """
    root = Tree(_line(peeled.values[0]), guide_style="dim")
    branches = {0: root}
    # By value, not by branch: parents come first, so that what is cut is the deepest.
    for index in range(1, len(peeled.values)):
        parent = peeled.parents[index]
        is_shown = keys or not peeled.values[index].steps[-1].is_name
        if len(branches) < BRANCHES_SHOWN and parent in branches and is_shown:
            branches[index] = branches[parent].add(_line(peeled.values[index]))
    console.print(root)
    if len(branches) == BRANCHES_SHOWN:
        console.print(
            _("… and up to {part} more values; --json shows all.", part=len(peeled.values) - len(branches))
        )
    for gap in peeled.gaps:
        console.print(Text(escape_terminal(f"{gap.kind}: {gap.detail} ({gap.where})"), style="yellow"))
    if peeled.opaque_bytes:
        console.print(
            _("{opaque_bytes} bytes are opaque: no layer opens them.", opaque_bytes=peeled.opaque_bytes),
            style="yellow",
        )


def _line(value: Value) -> Text:
    """One value: the layer that gave it, where it stood, and its beginning."""
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
