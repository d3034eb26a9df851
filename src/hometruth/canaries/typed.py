"""Recognises what was sent while it was typed: the same field of the same recipient, longer every time.

One beginning of a canary proves nothing: it may be cut off, or chance. Beginnings that grow from request to
request are keystrokes, and the longest says how sure that is.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from hometruth.canaries.mint import is_minted
from hometruth.model import Form, Sighting

SHORTEST_TYPED = 8
"""Characters of a minted value from which a beginning of it is shown; shorter ones only show growth."""
LEAST_STEPS = 2
"""Different lengths, each longer than the one before."""


def keystrokes(prefixes: Iterable[Sighting]) -> list[Sighting]:
    """Sightings of the form ``typed[:n]``, in the order given.

    Args:
        prefixes: Where values end in the beginning of a canary, in the order they were sent; each with one
            fragment, which begins with the canary.
    """
    fields: dict[tuple[str, str, str, str], list[Sighting]] = defaultdict(list)
    for item in prefixes:
        if is_minted(item.canary.value):
            key = (item.canary.id, item.exchange.host, str(item.value.part), item.value.path)
            fields[key].append(item)
    typed = []
    for sent in fields.values():
        grown = _growing(sent)
        if len(grown) >= LEAST_STEPS and _length(grown[-1]) >= SHORTEST_TYPED:
            typed += [_typed(item) for item in grown if _length(item) >= SHORTEST_TYPED]
    return typed


def _growing(sent: Sequence[Sighting]) -> list[Sighting]:
    """The longest sequence in which each is longer than the one before it (patience sorting)."""
    ends: list[int] = []
    """For each number of steps, the least length that ends so many."""
    at: list[int] = []
    """How many steps end in each one sent."""
    for item in sent:
        steps = bisect_left(ends, _length(item))
        ends[steps : steps + 1] = [_length(item)]
        at.append(steps)
    grown: list[Sighting] = []
    wanted = len(ends) - 1
    for item, steps in zip(reversed(sent), reversed(at), strict=True):
        if steps == wanted and (not grown or _length(item) < _length(grown[-1])):
            grown.append(item)
            wanted -= 1
    return grown[::-1]


def _length(item: Sighting) -> int:
    return item.fragments[0].end


def _typed(item: Sighting) -> Sighting:
    form = Form(f"typed[:{_length(item)}]", item.form.needle, item.form.bits)
    return replace(item, form=form, evidence_bits=form.bits, fragments=())
