"""What only several exchanges tell together: values typed, and values sent in pieces one after the other."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import inf, log2
from typing import NamedTuple

from hometruth.canaries.bits import weights_of
from hometruth.canaries.split import LEAST_BITS, cheapest, covered_bits, steps_bits
from hometruth.canaries.typed import keystrokes
from hometruth.model import Form, Fragment, Gap, GapKind, Sighting

MAX_PARTS = 200
"""Parts of one canary at one host that are put together; beyond, it is a common word."""
MAX_KEPT = 200_000
"""Parts kept in all: about 100 MB with the exchanges they stand in."""


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

    def sightings(self) -> list[Sighting]:
        """Canaries typed, and canaries in pieces, at one recipient each."""
        return [*keystrokes(part.sighting for part in self._parts if not part.start), *self._scattered()]

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
