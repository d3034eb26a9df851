"""The smallest pieces that stay opaque once every visible layer is off.

An SDK that encrypts each event by itself shows how many events there are, and how long each is; what hides in
one body is then many ciphertexts, not one.
"""

from hometruth.model import Part, Value
from hometruth.peel.opacity import SMALLEST_OPAQUE
from hometruth.peel.peeled import Peeled
from hometruth.peel.text_check import is_readable


def opaque_atoms(peeled: Peeled) -> tuple[int, ...]:
    """Sizes in bytes of the opaque leaves of an exchange, in the order in which they stand in it.

    A leaf is a value of at least `SMALLEST_OPAQUE` bytes that is not readable and out of which no layer gave
    anything but guesses; what was guessed inside it does not count, nor do headers. What two readings of the
    same bytes both give counts once.
    """
    opened = {
        parent for index, parent in enumerate(peeled.parents) if parent >= 0 and index not in peeled.asides
    }
    inside: set[int] = set()
    seen: set[bytes] = set()
    sizes = []
    for index, value in enumerate(peeled.values):
        if peeled.parents[index] in inside:
            inside.add(index)
        elif _is_opaque(value) and index not in opened:
            inside.add(index)
            if value.data not in seen:
                sizes.append(len(value.data))
            seen.add(value.data)
    return tuple(sizes)


def _is_opaque(value: Value) -> bool:
    return value.part in _CARRYING and len(value.data) >= SMALLEST_OPAQUE and not is_readable(value.data)


_CARRYING = frozenset({Part.PATH, Part.QUERY, Part.BODY, Part.MESSAGE})
