"""The smallest pieces that stay opaque once every visible layer is off.

An SDK that encrypts each event by itself shows how many events there are, and how long each is; what hides in
one body is then many ciphertexts, not one.
"""

from collections import Counter
from collections.abc import Sequence

from hometruth.model import Part, Value
from hometruth.peel.opaque_runs import SMALLEST_OPAQUE
from hometruth.peel.peeled import Peeled
from hometruth.peel.text_check import is_readable, is_text

SHORTEST_SIGN = 12
"""ASCII characters in a text, which 12 random bytes are once in 80,000 times."""


def opaque_atoms(peeled: Peeled) -> tuple[int, ...]:
    """Sizes in bytes of what stays opaque in an exchange, in the order in which it stands in it.

    An atom is a value of at least `SMALLEST_OPAQUE` bytes that is not readable and was not truly opened: no
    text came out of it, nor two atoms. Some format or other takes one ciphertext in a thousand for its own
    (a byte that looks like a tag, a second that happens to be the length of the rest); without a sign of
    structure the ciphertext is counted as it stands, so that its size does not depend on its bytes. Guesses
    beside what a value was taken for do not count, nor do headers. What two readings of the same bytes both
    give counts once.
    """
    opened = _truly_opened(peeled)
    inside: set[int] = set()
    seen: set[bytes] = set()
    sizes = []
    for index, value in enumerate(peeled.values):
        if peeled.parents[index] in inside:
            inside.add(index)
        elif _is_opaque(value) and not opened[index]:
            inside.add(index)
            if value.data not in seen:
                sizes.append(len(value.data))
            seen.add(value.data)
    return tuple(sizes)


def _truly_opened(peeled: Peeled) -> Sequence[bool]:
    """For each value, whether what came out of it shows that the layer did not take chance for a format."""
    holds_text = [False] * len(peeled.values)
    atoms_inside: list[Counter[str]] = [Counter() for _ in peeled.values]
    """By the layer that gave them: two layers that each give one have read the same bytes twice."""
    opened = [False] * len(peeled.values)
    for index in range(len(peeled.values) - 1, -1, -1):
        value, parent = peeled.values[index], peeled.parents[index]
        most = max(atoms_inside[index].values(), default=0)
        opened[index] = holds_text[index] or most > 1
        if parent >= 0 and index not in peeled.asides:
            holds_text[parent] |= holds_text[index] or _is_sign(value.data)
            is_atom = _is_opaque(value) and not opened[index]
            atoms_inside[parent][value.steps[-1].layer if value.steps else ""] += 1 if is_atom else most
    return opened


def _is_sign(data: bytes) -> bool:
    """True for text, but not for what anything can be read as: a number, or (in UTF-16) rare characters."""
    if len(data) < SHORTEST_SIGN or not is_text(data) or data.removeprefix(b"-").isdigit():
        return False
    return len(data.translate(None, _BEYOND_ASCII)) >= SHORTEST_SIGN


def _is_opaque(value: Value) -> bool:
    return value.part in _CARRYING and len(value.data) >= SMALLEST_OPAQUE and not is_readable(value.data)


_BEYOND_ASCII = bytes(range(0x80, 0x100))
_CARRYING = frozenset({Part.PATH, Part.QUERY, Part.BODY, Part.MESSAGE})
