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
from hometruth.peel.text_check import is_text
from hometruth.peel.walk import Root, peel_root

MAX_DISGUISES = 64
"""Disguises taken off in one exchange; each is peeled like a part of its own."""
LONGEST_KEY = 32
"""Bytes of a key that begins again at its end."""
LONGEST_CRIB = 64
"""Bytes of a known text to which such a key is fitted."""
BITS_OF_READABLE = 1.0
"""For each further byte that is text then: of 256 bytes, fewer than 100 are."""
ROLLING = ("xor", "add", "sub")
"""What is done with the place of a byte."""
_UPPER = bytes(range(0x41, 0x5B))
_LOWER = bytes(range(0x61, 0x7B))


@dataclass(frozen=True, slots=True)
class Keyed:
    """A disguise: how to take it off with a key, and how many bits of choice the key is."""

    undo: Callable[[bytes, str], bytes]
    key_bits: float


def unxor(data: bytes, key: str) -> bytes:
    """Every byte XOR the key, which is written like ``0x5a``; a longer one begins again at its end."""
    each = bytes.fromhex(key.removeprefix("0x"))
    if len(each) == 1:
        return data.translate(bytes(byte ^ each[0] for byte in range(256)))
    whole = (each * (len(data) // len(each) + 1))[: len(data)]
    return (int.from_bytes(data) ^ int.from_bytes(whole)).to_bytes(len(data))


def unadd(data: bytes, key: str) -> bytes:
    """Every byte less the key, a number."""
    by = int(key)
    return data.translate(bytes((byte - by) % 256 for byte in range(256)))


def unroll(data: bytes, key: str) -> bytes:
    """Every byte XOR its own place, less it or more, then XOR or less a constant: ``xor+0x5a``, ``sub+7``."""
    name, _, constant = key.partition("+")
    places = bytes(range(256)) * (len(data) // 256 + 1)
    if name == "xor":
        return unxor(
            (int.from_bytes(data) ^ int.from_bytes(places[: len(data)])).to_bytes(len(data)), constant
        )
    sign = 1 if name == "add" else -1
    return unadd(
        bytes((byte - sign * place) % 256 for byte, place in zip(data, places, strict=False)), constant
    )


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


def _key_bits(name: str, key: str, plain: bytes) -> float:
    """Bits of choice in a key: one of several bytes is borne out by all that it makes readable besides."""
    n_bytes = len(bytes.fromhex(key.removeprefix("0x"))) if name == "xor" else 1
    if n_bytes == 1:
        return KEYED[name].key_bits
    borne_out = BITS_OF_READABLE * (len(plain) - LONGEST_CRIB) if is_text(plain) else 0.0
    return max(8.0, 8.0 * n_bytes - max(0.0, borne_out)) + log2(LONGEST_KEY)


KEYED: dict[str, Keyed] = {
    "xor": Keyed(unxor, 8.0),  # for each byte of the key
    "add": Keyed(unadd, 8.0),
    "rolling": Keyed(unroll, 8.0 + log2(len(ROLLING))),
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
        steps = (*outer.steps, Step(name, 0, key, key_bits=_key_bits(name, key, data)))
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
