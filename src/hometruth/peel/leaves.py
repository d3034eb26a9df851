"""The values of an exchange that are read as they stand: what is left when every wrapping is off."""

from collections.abc import Iterator

from hometruth.model import Part, Value
from hometruth.peel.layers import LAYERS, SPLITS
from hometruth.peel.opaque_runs import SMALLEST_OPAQUE
from hometruth.peel.peeled import Peeled
from hometruth.peel.text_check import is_text

SHORTEST_TEXT, SHORTEST_GUESS = 12, 40
"""Bytes. What a random identifier decodes to is text by chance if it is shorter (8 bytes: once in 2,000), and
some format opens it by chance: a UUID decodes to up to 28 bytes, a digest of 64 digits to 32 or 48, which
hardly ever parse."""

_CERTAIN = frozenset(
    {layer.name for layer in LAYERS if layer.is_certain} | {layer.name for layer in SPLITS.values()}
)
_GUESSED = frozenset(
    {layer.name for layer in LAYERS if layer.words and layer.name != "lz-string"}
    | {"base85", "ascii85", "base45", "z85", "base91", "uuencode", "labels"}
)
"""Alphabets that words and identifiers happen to be written in."""
_DOCUMENTS = frozenset({"json", "multipart"})
"""Where one parses as it stands, signs in it that look like escapes of the whole are none."""


def leaves(peeled: Peeled) -> Iterator[tuple[Value, str]]:
    """Each value out of which nothing more readable came, with its text; of short binary ones, hexadecimal.

    Opaque values and what is inside them are left out, and so is what is not read for certain.
    """
    for value, ends in surely_read_with_ends(peeled):
        if ends and (text := _text(value)):
            yield value, text


def surely_read(peeled: Peeled) -> Iterator[Value]:
    """Each value that is there for certain, the wrapped ones too.

    A random identifier can be taken for base64 of something else: what an alphabet gives counts only if it is
    readable, or if a format inside opens. Where one reading of a value is borne out so, the others (a plus as
    a space, an alphabet's signs as those of a form) are left out: which of them fit is chance, and changes
    with four bits of a time stamp.
    """
    return (value for value, _ in surely_read_with_ends(peeled))


def surely_read_with_ends(peeled: Peeled) -> Iterator[tuple[Value, bool]]:
    """Each value that is there for certain, and whether nothing more readable came out of it."""
    children: list[list[int]] = [[] for _ in peeled.values]
    for index, parent in enumerate(peeled.parents):
        if parent >= 0 and index not in peeled.asides and index not in peeled.echoes:
            children[parent].append(index)
    opened = [False] * len(peeled.values)
    stands = [False] * len(peeled.values)
    proven = [0] * len(peeled.values)
    for index in range(len(peeled.values) - 1, -1, -1):
        value = peeled.values[index]
        inside = [child for child in children[index] if stands[child]]
        opened[index] = bool(inside)
        stands[index] = not _is_guess(value) or _bears_out(peeled, index, inside)
        if stands[index] and _is_whole(peeled, index):
            own = _proof(peeled, index, inside) if _is_guess(value) else 0
            proven[index] = max((own, *(proven[child] for child in children[index])))
    rivals = set(_rivals(peeled, children, proven))
    reached = [False] * len(peeled.values)
    for index, value in enumerate(peeled.values):
        parent = peeled.parents[index]
        is_aside = index in peeled.asides or index in peeled.echoes
        counts = stands[index] and not is_aside and index not in rivals
        reached[index] = counts and (parent < 0 or reached[parent])
        if reached[index]:
            yield value, not opened[index]


def _rivals(peeled: Peeled, children: list[list[int]], proven: list[int]) -> Iterator[int]:
    """Readings of a value beside the one that is borne out; by most text, or the first, if several are."""
    for each in children:
        best = max(each, key=proven.__getitem__, default=-1)
        if best >= 0 and proven[best]:
            yield from (child for child in each if child != best)
        elif any(_layer(peeled, child) in _DOCUMENTS for child in each):
            yield from (child for child in each if _layer(peeled, child) not in _DOCUMENTS)


def _layer(peeled: Peeled, index: int) -> str:
    steps = peeled.values[index].steps
    return steps[-1].layer if steps else ""


def _is_guess(value: Value) -> bool:
    return bool(value.steps) and value.steps[-1].layer in _GUESSED


def _bears_out(peeled: Peeled, index: int, inside: list[int]) -> bool:
    """True if what an alphabet gave is text, or a format opens it."""
    data = peeled.values[index].data
    if _layer(peeled, index) == "labels":
        return bool(inside)  # labels joined are no word, unless they are another's letters
    if len(data) >= SHORTEST_TEXT and is_text(data):
        return True
    layers = {peeled.values[child].steps[-1].layer for child in inside}
    return bool(layers & _CERTAIN) or (bool(layers) and len(data) >= SHORTEST_GUESS)


def _is_whole(peeled: Peeled, index: int) -> bool:
    """True if the value is a reading of all of its parent."""
    parent = peeled.parents[index]
    return parent >= 0 and peeled.spans[index] == (0, len(peeled.values[parent].data))


def _proof(peeled: Peeled, index: int, inside: list[int]) -> int:
    """Bytes of text that an alphabet gave, or a format inside it; 0 for too few to be no chance."""
    read = (peeled.values[each].data for each in (index, *inside))
    return max((len(data) for data in read if len(data) >= SHORTEST_TEXT and is_text(data)), default=0)


def _text(value: Value) -> str:
    """The value as text; empty for the host, which is no field, and for what is opaque."""
    if value.part is Part.HOST or not value.data:
        return ""
    if is_text(value.data):
        return value.data.decode("utf-8")
    return value.data.hex() if len(value.data) < SMALLEST_OPAQUE else ""
