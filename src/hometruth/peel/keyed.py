"""Disguises with a key: they can be put on any bytes, so they come off only where a search names the key.

The key stands in the step's label, its freedom in bits in the step: evidence is less by as much.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import log2

from hometruth.forms import LETTER_MAPS
from hometruth.model import Budget, Gap, GapKind, Part, Step
from hometruth.peel.budget import Meter
from hometruth.peel.layers import LAYERS, Layer
from hometruth.peel.peeled import Peeled
from hometruth.peel.walk import Root, peel_root

MAX_DISGUISES = 64
"""Disguises taken off in one exchange; each is peeled like a part of its own."""
_UPPER = bytes(range(0x41, 0x5B))
_LOWER = bytes(range(0x61, 0x7B))


@dataclass(frozen=True, slots=True)
class Keyed:
    """A disguise: how to take it off with a key, and how many bits of choice the key is."""

    undo: Callable[[bytes, str], bytes]
    key_bits: float


def unxor(data: bytes, key: str) -> bytes:
    """Every byte XOR the key, which is written like ``0x5a``."""
    number = int(key, 16)
    return data.translate(bytes(byte ^ number for byte in range(256)))


def unrot(data: bytes, key: str) -> bytes:
    """Letters moved back by the key in the alphabet, in their case."""
    by = int(key)
    plain = _UPPER[-by:] + _UPPER[:-by] + _LOWER[-by:] + _LOWER[:-by]
    return data.translate(bytes.maketrans(_UPPER + _LOWER, plain))


def unreverse(data: bytes, _: str) -> bytes:
    """Characters from last to first; bytes where they are no text."""
    try:
        return data.decode("utf-8")[::-1].encode()
    except UnicodeDecodeError:
        return data[::-1]


def unmap(data: bytes, key: str) -> bytes:
    """Letters through the map of this name."""
    return LETTER_MAPS[key].read(data)


KEYED: dict[str, Keyed] = {
    "xor": Keyed(unxor, 8.0),
    "rot": Keyed(unrot, log2(25)),
    "reverse": Keyed(unreverse, 1.0),
    "letter-map": Keyed(unmap, log2(1 + len(LETTER_MAPS))),
}
"""By the name in a chain."""


def undisguise(
    peeled: Peeled,
    disguises: Iterable[tuple[int, str, str]],
    *,
    layers: Sequence[Layer] = LAYERS,
    budget: Budget | None = None,
) -> Peeled:
    """*peeled* with what is below some disguises, and everything inside that.

    Args:
        peeled: What was peeled so far.
        disguises: Index of the value, name of the disguise, key.
        layers: Formats to try on what comes out.
        budget: Limits for all of it.
    """
    values, parents, spans = list(peeled.values), list(peeled.parents), list(peeled.spans)
    echoes, gaps = set(peeled.echoes), list(peeled.gaps)
    meter = Meter(budget or Budget())
    for index, name, key in list(dict.fromkeys(disguises))[:MAX_DISGUISES]:
        outer = peeled.values[index]
        keyed = KEYED[name]
        data = keyed.undo(outer.data, key)
        steps = (*outer.steps, Step(name, 0, key, key_bits=keyed.key_bits))
        tree = peel_root(Root(Part.MESSAGE, "", data), layers, meter)
        base = len(values)
        values += (
            replace(value, part=outer.part, name=outer.name, steps=(*steps, *value.steps))
            for value in tree.values
        )
        parents += (index if parent < 0 else parent + base for parent in tree.parents)
        spans += ((0, len(outer.data)), *tree.spans[1:])
        echoes.update(echo + base for echo in tree.echoes)
        # Only limits of ours: damage below a guessed disguise says nothing of what was sent.
        gaps += (
            Gap(kind, path or name, detail) for kind, path, detail in tree.problems if kind is GapKind.BUDGET
        )
    return replace(
        peeled,
        values=tuple(values),
        parents=tuple(parents),
        spans=tuple(spans),
        echoes=frozenset(echoes),
        gaps=tuple(gaps),
    )
