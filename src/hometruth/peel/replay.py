"""Computes a value again from the raw part, step by step: the check that every sighting must pass."""

from collections.abc import MutableMapping, Sequence

from hometruth.model import Exchange, Part, Stage, Step, Value
from hometruth.peel.keyed import KEYED
from hometruth.peel.layers import LAYERS, SPLITS, Context, Layer, Opened
from hometruth.peel.parts import answer_roots_of, roots_of

Done = MutableMapping[tuple[int, str, tuple[Step, ...]], Opened | None]
"""Openings already replayed for an exchange, by root, layer and the steps before it."""


def replay(
    exchange: Exchange,
    value: Value,
    *,
    layers: Sequence[Layer] = LAYERS,
    done: Done | None = None,
) -> tuple[Stage, ...] | None:
    """Stages from the raw part to *value*; None if its steps do not reproduce its bytes.

    Args:
        exchange: Where the value is said to come from.
        value: What is said to be there.
        layers: The layers it was peeled with.
        done: Shared between the values of one exchange, so that each step is replayed once.
    """
    done = {} if done is None else done
    by_name = {layer.name: layer for layer in (*SPLITS.values(), *layers)}
    roots = answer_roots_of(exchange) if value.part is Part.ANSWER else roots_of(exchange)
    for number, root in enumerate(roots):
        if (root.part, root.name) == (value.part, value.name):
            stages = _follow(number, root.data, value, by_name, done)
            if stages is not None:
                return stages
    return None


def _follow(
    number: int, raw: bytes, value: Value, by_name: dict[str, Layer], done: Done
) -> tuple[Stage, ...] | None:
    stages = [Stage("request", value.name, raw)]
    last = ""
    for depth, step in enumerate(value.steps):
        if step.layer in KEYED:
            data = KEYED[step.layer].undo(stages[-1].data, step.label)
            stages.append(Stage(step.layer, step.label, data))
            last = ""
            continue
        layer = by_name.get(step.layer)
        if layer is None:
            return None
        key = (number, step.layer, value.steps[:depth])
        if key not in done:
            done[key] = layer.open(stages[-1].data, Context(last=last))
        opened = done[key]
        if opened is None or step.piece >= len(opened.pieces):
            return None
        piece = opened.pieces[step.piece]
        if piece.label != step.label:
            return None
        stages.append(Stage(step.layer, step.label.lstrip("."), piece.data))
        last = step.layer
    return tuple(stages) if stages[-1].data == value.data else None
