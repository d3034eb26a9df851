"""What only several exchanges tell together: values typed, and values sent in pieces one after the other.

One beginning of a canary proves nothing: it may be cut off, or chance. Beginnings that grow from request to
request, in the same field of the same recipient, are keystrokes, and the longest says how sure that is.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import inf, log2
from typing import NamedTuple

from hometruth.canaries.bits import weights_of
from hometruth.canaries.mint import is_minted
from hometruth.canaries.reassemble import LEAST_BITS, cheapest, covered_bits, steps_bits
from hometruth.model import Form, Fragment, Gap, GapKind, Sighting

MAX_PARTS = 200
"""Parts of one canary at one host that are put together; beyond, it is a common word."""
MAX_KEPT = 200_000
"""Parts kept in all: about 100 MB with the exchanges they stand in."""

SHORTEST_TYPED = 8
"""Characters of a minted value from which a beginning of it is shown; shorter ones only show growth."""
LEAST_STEPS = 2
"""Different lengths, each longer than the one before."""


class _Part(NamedTuple):
    """A part of a canary, in one exchange."""

    sighting: Sighting
    n_values: int

    @property
    def fragment(self) -> Fragment:
        return self.sighting.fragments[0]

    @property
    def start(self) -> int:
        return self.fragment.start

    @property
    def end(self) -> int:
        return self.fragment.end


@dataclass(slots=True)
class Across:
    """Parts of canaries, while exchanges go by."""

    _parts: list[_Part] = field(default_factory=list)
    _left_out: int = 0

    def add(self, parts: Iterable[Sighting], n_values: int) -> None:
        """Keep parts of one exchange, each a sighting with one fragment.

        Args:
            n_values: Values in the exchange, from which the parts were chosen.
        """
        for part in parts:
            if len(self._parts) < MAX_KEPT:
                self._parts.append(_Part(part, n_values))
            else:
                self._left_out += 1

    def update(self, other: "Across") -> None:
        """Add the parts of exchanges after these."""
        room = MAX_KEPT - len(self._parts)
        self._parts += other._parts[:room]
        self._left_out += other._left_out + max(0, len(other._parts) - room)

    def sightings(self) -> list[Sighting]:
        """Canaries typed, and canaries in pieces, at one recipient each."""
        return [*_keystrokes(part.sighting for part in self._parts if not part.start), *self._scattered()]

    def gaps(self) -> list[Gap]:
        """What was left out."""
        if not self._left_out:
            return []
        detail = f"{self._left_out} parts of canaries were not compared: more than {MAX_KEPT} were seen"
        return [Gap(GapKind.BUDGET, "values sent in pieces", detail)]

    def _scattered(self) -> list[Sighting]:
        groups: dict[tuple[str, str], list[_Part]] = defaultdict(list)
        for part in self._parts:
            groups[part.sighting.canary.id, part.sighting.exchange.host].append(part)
        found = []
        for group in groups.values():
            canary = group[0].sighting.canary
            parts, bits = cheapest(group[:MAX_PARTS], weights_of(canary.value), _choice_bits)
            if len(parts) > 1 and (worth := covered_bits(canary, parts) - bits) >= LEAST_BITS:
                first = parts[0].sighting
                form = Form("split", first.form.needle, worth)
                fragments = tuple(part.fragment for part in parts)
                found.append(replace(first, form=form, evidence_bits=form.bits, fragments=fragments))
        return found


def _choice_bits(part: _Part, after: _Part) -> float:
    """Bits to say which exchange the next part is in, and which of its values it is."""
    steps = after.sighting.exchange.source.index - part.sighting.exchange.source.index
    if part.sighting.exchange.source.file != after.sighting.exchange.source.file or steps <= 0:
        return inf  # in pieces means one after the other
    return steps_bits(steps) + log2(max(2, after.n_values))


def _keystrokes(prefixes: Iterable[Sighting]) -> list[Sighting]:
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
