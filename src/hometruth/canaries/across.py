"""What exchanges tell together: values typed, in pieces, or letter by letter; parts that stay parts.

One beginning of a canary proves nothing: it may be cut off, or chance. Beginnings that grow from request to
request, in the same field of the same recipient, are keystrokes, and the longest says how sure that is.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import inf, log2
from typing import NamedTuple

from hometruth.canaries.evidence import weights_of
from hometruth.canaries.letters import is_row, place_of
from hometruth.canaries.mint import is_minted
from hometruth.canaries.pieces import SHORTEST_PART, WINDOW, may_be_cut
from hometruth.canaries.reassemble import LEAST_BITS, cheapest, covered_bits, steps_bits
from hometruth.model import Canary, Exchange, Form, Fragment, Gap, GapKind, Sighting, Value

MAX_PARTS = 200
"""Parts of one canary at one recipient that are put together; beyond, it is a common word."""
MAX_KEPT = 200_000
"""Parts kept in all: about 100 MB with the exchanges they stand in."""

SHORTEST_TYPED = 8
"""Characters of a minted value from which a beginning of it is shown if it grew, or a part if others were cut
alike; shorter ones only show growth."""
MAX_CHARACTERS = 200_000
"""Requests of one character each that are kept."""
LEAST_ALIKE = 3
"""Canaries that are cut alike in one field, from which on still shorter parts are shown."""
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


_Cut = tuple[str, bool, tuple[tuple[int, int], ...]]
"""Field, whether of a phantom, and the bytes that were left."""


@dataclass(slots=True)
class Across:
    """Parts of canaries, while exchanges go by."""

    receiver_of: Callable[[str], str] = str
    """Who is behind a host: in pieces, a value may go to several hosts of one. By default, the host alone."""
    canaries: Callable[[], Sequence[Canary]] = tuple
    """What is looked for in letters of which each request tells one; asked for once there are such."""
    _parts: list[_Part] = field(default_factory=list)
    _characters: list[tuple[Exchange, Value]] = field(default_factory=list)
    _left_out: int = 0

    def add(self, parts: Iterable[Sighting], n_values: int) -> None:
        """Keep parts of one exchange, each a sighting with its fragments.

        Args:
            n_values: Values that an exchange of its size may have, from which the parts were chosen.
        """
        for part in parts:
            if len(self._parts) < MAX_KEPT:
                self._parts.append(_Part(part, n_values))
            else:
                self._left_out += 1

    def add_characters(self, characters: Iterable[Value], exchange: Exchange) -> None:
        """Keep values of one character each from a request that tells little else."""
        bare = replace(exchange, response_headers=(), response_body=None)
        for value in characters:
            if len(self._characters) < MAX_CHARACTERS:
                self._characters.append((bare, value))
            else:
                self._left_out += 1

    def update(self, other: "Across") -> None:
        """Add the parts of exchanges after these."""
        room = MAX_KEPT - len(self._parts)
        self._parts += other._parts[:room]
        self._left_out += other._left_out + max(0, len(other._parts) - room)
        room = MAX_CHARACTERS - len(self._characters)
        self._characters += other._characters[:room]
        self._left_out += max(0, len(other._characters) - room)

    def sightings(self) -> list[Sighting]:
        """Canaries typed, canaries in pieces, each at one recipient; then parts that belong to neither."""
        typed = [
            item
            for grown in _grown(part.sighting for part in self._parts if not part.start)
            for item in grown
        ]
        scattered = list(self._scattered())
        cut_alike = self._cut_alike()
        explained = {id(item) for item in typed}
        explained.update(id(part.sighting) for _, parts in scattered for part in parts)
        return [
            *(_typed(item) for item in typed if _length(item) >= SHORTEST_TYPED),
            *(_in_pieces(worth, parts) for worth, parts in scattered),
            *self._in_letters(),
            *(
                part.sighting
                for part in self._parts
                if id(part.sighting) not in explained and self._stands_alone(part.sighting, cut_alike)
            ),
        ]

    def _cut_alike(self) -> set[_Cut]:
        """Cuts made of several canaries in one field: one short beginning is chance, two are not."""
        cut: dict[_Cut, set[str]] = defaultdict(set)
        for part in self._parts:
            cut[_cut_of(part.sighting)].add(part.sighting.canary.id)
        return {
            each
            for each, canaries in cut.items()
            if len(canaries) >= (2 if _told_by(each[2]) >= SHORTEST_TYPED else LEAST_ALIKE)
        }

    def _in_letters(self) -> Iterator[Sighting]:
        """Values told a character a request, in one field of one host. Nothing is chosen."""
        fields: dict[tuple[str, str, str], list[tuple[Exchange, Value]]] = defaultdict(list)
        for exchange, value in self._characters:
            fields[exchange.host, value.part, place_of(value)].append((exchange, value))
        rows = [(_folded(value.data.decode("utf-8") for _, value in row), row) for row in fields.values()]
        rows = [(text, row) for text, row in rows if is_row(text.encode())]
        for canary in self.canaries() if rows else ():
            wanted = _folded(canary.value.split())
            for text, row in rows if is_row(wanted.encode("utf-8", "surrogatepass")) else ():
                if (at := text.find(wanted)) >= 0:
                    yield _spelt(canary, row[at : at + len(wanted)])

    @staticmethod
    def _stands_alone(part: Sighting, cut_alike: Container[_Cut]) -> bool:
        if not may_be_cut(part.canary):
            return False
        told = _told_by((piece.start, piece.end) for piece in part.fragments)
        return told >= SHORTEST_PART or (told >= WINDOW and _cut_of(part) in cut_alike)

    def gaps(self) -> list[Gap]:
        """What was left out."""
        details = []
        if self._left_out:
            details.append(
                f"{self._left_out} parts of canaries were not compared: more than {MAX_KEPT} were seen"
            )
        for (canary, receiver), group in self._groups().items():
            if (more := len(group) - MAX_PARTS) > 0 and self._is_missed(group[0].sighting.canary):
                details.append(
                    f"{more} parts of {canary} at {receiver} were left out: "
                    f"more were seen than the {MAX_PARTS} that are put together"
                )
        return [Gap(GapKind.BUDGET, "values sent in pieces", detail) for detail in details]

    @staticmethod
    def _is_missed(canary: Canary) -> bool:
        """False where it is a common word that has so many parts, or only there for chance."""
        return may_be_cut(canary) and not canary.phantom

    def _groups(self) -> dict[tuple[str, str], list[_Part]]:
        """Parts by canary and recipient, in the order they were sent."""
        groups: dict[tuple[str, str], list[_Part]] = defaultdict(list)
        for part in self._parts:
            if len(part.sighting.fragments) == 1:
                receiver = self.receiver_of(part.sighting.exchange.host)
                groups[part.sighting.canary.id, receiver].append(part)
        return groups

    def _scattered(self) -> Iterator[tuple[float, Sequence[_Part]]]:
        for group in self._groups().values():
            canary = group[0].sighting.canary
            parts, bits = cheapest(group[:MAX_PARTS], weights_of(canary.value), _choice_bits)
            if len(parts) > 1 and (worth := covered_bits(canary, parts) - bits) >= LEAST_BITS:
                yield worth, parts


def _folded(texts: Iterable[str]) -> str:
    """In lower case, as many characters as before."""
    return "".join(
        character.lower() if len(character.lower()) == 1 else character
        for text in texts
        for character in text
    )


def _spelt(canary: Canary, row: Sequence[tuple[Exchange, Value]]) -> Sighting:
    """A character each; blanks are left out, since they are sent in too many ways."""
    fragments: list[Fragment] = []
    start = 0
    told = iter(row)
    for character in canary.value:
        end = start + len(character.encode("utf-8", "surrogatepass"))
        if not character.isspace():
            exchange, value = next(told)
            fragments.append(Fragment(value, exchange.id, 0, start, end))
        start = end
    exchange, value = row[0]
    form = Form("split", value.data, canary.bits)
    return Sighting(canary, form, value, exchange, 0, form.bits, tuple(fragments))


def _in_pieces(worth: float, parts: Sequence[_Part]) -> Sighting:
    first = parts[0].sighting
    form = Form("split", first.form.needle, worth)
    fragments = tuple(part.fragment for part in parts)
    return replace(first, form=form, evidence_bits=form.bits, fragments=fragments)


def _choice_bits(part: _Part, after: _Part) -> float:
    """Bits to say which exchange the next part is in, and which of its values it is."""
    steps = after.sighting.exchange.source.index - part.sighting.exchange.source.index
    if part.sighting.exchange.source.file != after.sighting.exchange.source.file or steps <= 0:
        return inf  # in pieces means one after the other
    return steps_bits(steps) + log2(max(2, after.n_values))


def _grown(prefixes: Iterable[Sighting]) -> Iterator[Sequence[Sighting]]:
    """Beginnings of one canary in one field that grow from one to the next.

    Args:
        prefixes: Where values end in the beginning of a canary, in the order they were sent; each with one
            fragment, which begins with the canary.
    """
    fields: dict[tuple[str, str], list[Sighting]] = defaultdict(list)
    for item in prefixes:
        if is_minted(item.canary.value):
            fields[item.canary.id, _field(item)].append(item)
    for sent in fields.values():
        grown = _growing(sent)
        if len(grown) >= LEAST_STEPS and _length(grown[-1]) >= SHORTEST_TYPED:
            yield grown


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


def _field(item: Sighting) -> str:
    """Where it was sent."""
    return f"{item.exchange.host} {item.value.part} {place_of(item.value)}"


def _cut_of(item: Sighting) -> _Cut:
    return _field(item), item.canary.phantom, tuple((piece.start, piece.end) for piece in item.fragments)


def _told_by(left: Iterable[tuple[int, int]]) -> int:
    return sum(end - start for start, end in left)


def _length(item: Sighting) -> int:
    return item.fragments[0].end


def _typed(item: Sighting) -> Sighting:
    form = Form(f"typed[:{_length(item)}]", item.form.needle, item.form.bits)
    return replace(item, form=form, evidence_bits=form.bits, fragments=())
