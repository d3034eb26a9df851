"""Puts together what was sent in pieces: the host in one field and the path in another, a list of chunks.

Every piece is a whole value, so chance has as many tries as there are ways to choose that many values. A
piece that stands near the one before it is the less of a choice; both are counted in bits. Each piece is
replayed from the raw bytes, or left out.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from math import inf, log2
from typing import NamedTuple, Protocol, TypeVar

from hometruth.canaries.deepest import deepest
from hometruth.canaries.evidence import bits_of, weights_of
from hometruth.canaries.haystack import Values
from hometruth.canaries.mint import is_minted
from hometruth.canaries.pieces import LEAST_TELLING, WINDOW, CanaryPiece, SeenPieces
from hometruth.canaries.search import Hit
from hometruth.model import Canary, Exchange, Form, Fragment, Sighting, Value

LEAST_BITS = 24.0
"""Below it, words that happen to stand in one request make up a value; it is not even listed."""
NEAR_BITS = 2.0
"""Bits to say that a piece is the very next value."""

Replayed = Callable[[Value], bytes | None]
"""The bytes that the steps to a value give when followed again; None if they lead nowhere."""


class CanaryPart(Protocol):
    """Part of a canary, from one byte to before another."""

    @property
    def start(self) -> int:
        """First byte."""

    @property
    def end(self) -> int:
        """Byte after the last."""


S = TypeVar("S", bound=CanaryPart)


class SplitCanary(NamedTuple):
    """A canary in pieces, all of one exchange."""

    canary: Canary
    pieces: tuple[CanaryPiece, ...]
    """In the order of the canary."""
    bits: float
    """What finding them by chance would cost, less the choice of the values."""


class Reassembled(NamedTuple):
    """What pieces of one exchange are worth."""

    sightings: tuple[Sighting, ...]
    """Canaries that they make up."""
    parts: tuple[Sighting, ...]
    """The others in order, which may be worth something by themselves or with those of other exchanges."""


def reassemble(seen: SeenPieces, exchange: Exchange, peeled: Values, replayed: Replayed) -> Reassembled:
    """Put the pieces of an exchange together.

    Args:
        seen: Pieces of canaries that were not found whole.
        peeled: All values of the exchange, by the index in the pieces.
    """
    if not seen.pieces and not seen.partial and not seen.rows:
        return Reassembled((), ())
    values = peeled.values
    splits = [SplitCanary(row[0].canary, row, row[0].canary.bits) for row in seen.rows]
    splits += _put_together(seen.pieces, _ranks(seen.pieces, peeled.parents))
    sightings = [item for split in splits if (item := _sighting(split, exchange, values, replayed))]
    found = {item.canary.id for item in sightings}
    parts = dict(_partly(seen, exchange, peeled, found, replayed))
    known = {(item.canary.id, item.fragments[0].start, item.fragments[-1].end) for item in parts.values()}
    for piece in _telling(seen.pieces, values, found):
        is_new = (piece.canary.id, piece.start, piece.end) not in known
        if is_new and (part := _part(piece, exchange, values, replayed)):
            parts[piece.index, piece.offset, piece.start, piece.canary.id] = part
    return Reassembled(tuple(sightings), tuple(parts[place] for place in sorted(parts)))


def _partly(
    seen: SeenPieces, exchange: Exchange, peeled: Values, without: Collection[str], replayed: Replayed
) -> Iterator[tuple[tuple[int, int, int, str], Sighting]]:
    """What is left of canaries in single values, of each once, with where it stands."""
    partial = {(item.canary.id, item.index): item for item in seen.partial if item.canary.id not in without}
    hits = [
        Hit(item.canary, item.form(peeled.values[item.index].data), item.index, item.offset)
        for item in partial.values()
    ]
    for hit in deepest(hits, peeled):
        value = peeled.values[hit.index]
        data = replayed(value)
        if data is not None and data[hit.offset :].startswith(hit.form.needle):
            fragments = tuple(
                Fragment(value, exchange.id, run.offset, run.start, run.end)
                for run in partial[hit.canary.id, hit.index].runs
            )
            sighting = Sighting(hit.canary, hit.form, value, exchange, hit.offset, hit.form.bits, fragments)
            yield (hit.index, hit.offset, fragments[0].start, hit.canary.id), sighting


def _telling(
    pieces: Iterable[CanaryPiece], values: Sequence[Value], found: Collection[str]
) -> Iterable[CanaryPiece]:
    """Pieces worth keeping, each substring of a canary once: where it is innermost."""
    innermost: dict[tuple[str, int, int], CanaryPiece] = {}
    for piece in pieces:
        weights = weights_of(piece.canary.value)[piece.start : piece.end]
        telling = len(weights) >= WINDOW and sum(map(bool, weights)) >= LEAST_TELLING
        if telling and piece.canary.id not in found:
            key = (piece.canary.id, piece.start, piece.end)
            known = innermost.setdefault(key, piece)
            if len(values[piece.index].steps) > len(values[known.index].steps):
                innermost[key] = piece
    return innermost.values()


def _sighting(
    split: SplitCanary, exchange: Exchange, values: Sequence[Value], replayed: Replayed
) -> Sighting | None:
    fragments = []
    for piece in split.pieces:
        fragment = _fragment(piece, exchange, values, replayed)
        if fragment is None:
            return None
        fragments.append(fragment)
    first = fragments[0]
    form = Form("split", first.value.data[first.offset :], split.bits)
    return Sighting(split.canary, form, first.value, exchange, first.offset, split.bits, tuple(fragments))


def _part(
    piece: CanaryPiece, exchange: Exchange, values: Sequence[Value], replayed: Replayed
) -> Sighting | None:
    fragment = _fragment(piece, exchange, values, replayed)
    if fragment is None:
        return None
    bits = piece.canary.bits * sum(weights_of(piece.canary.value)[piece.start : piece.end])
    form = Form(f"part[{piece.start}:{piece.end}]", fragment.value.data[piece.offset :], bits)
    return Sighting(piece.canary, form, fragment.value, exchange, piece.offset, bits, (fragment,))


def _fragment(
    piece: CanaryPiece, exchange: Exchange, values: Sequence[Value], replayed: Replayed
) -> Fragment | None:
    """The piece, if its value can be computed again and holds it."""
    value = values[piece.index]
    data = replayed(value)
    text = piece.canary.value.lower().encode("utf-8", "surrogatepass")
    if data is None or data[piece.offset :].lower() != text[piece.start : piece.end]:
        return None
    return Fragment(value, exchange.id, piece.offset, piece.start, piece.end)


def _ranks(pieces: Iterable[CanaryPiece], parents: Sequence[int]) -> Mapping[int, int]:
    """The place of each value among those beside a piece, or beside what a piece is in.

    Other values do not count: whether they were opened depends on what was known of them before.
    """
    found = {piece.index for piece in pieces}
    containers: set[int] = set()
    for index in found:
        parent = parents[index]
        while parent >= 0 and parent not in containers:
            containers.add(parent)
            parent = parents[parent]
    beside = (
        index
        for index, parent in enumerate(parents)
        if parent in containers or index in containers or index in found
    )
    return {index: rank for rank, index in enumerate(beside)}


def _put_together(pieces: Iterable[CanaryPiece], ranks: Mapping[int, int]) -> list[SplitCanary]:
    """Canaries that the pieces of one exchange make up, each in the likeliest way.

    Args:
        ranks: The values that the pieces were chosen from, each with its place among them.
    """
    groups: dict[str, list[CanaryPiece]] = defaultdict(list)
    for piece in pieces:
        groups[piece.canary.id].append(piece)

    def choice_bits(piece: CanaryPiece, after: CanaryPiece) -> float:
        steps = ranks[after.index] - ranks[piece.index]
        return inf if not steps else 1 + min(steps_bits(steps), log2(max(2, len(ranks))))

    splits = []
    for group in groups.values():
        canary = group[0].canary
        found, bits = cheapest(group, weights_of(canary.value), choice_bits)
        if len(found) > 1 and (worth := covered_bits(canary, found) - bits) >= LEAST_BITS:
            splits.append(SplitCanary(canary, tuple(found), worth))
    return splits


def covered_bits(canary: Canary, pieces: Iterable[CanaryPart]) -> float:
    """What finding the bytes of the pieces would cost: what is missing between them was not found."""
    if is_minted(canary.value):
        return canary.bits
    text = canary.value.lower().encode("utf-8", "surrogatepass")
    covered = b"".join(text[piece.start : piece.end] for piece in pieces)
    return min(canary.bits, bits_of(covered.decode("utf-8", "ignore")))


def steps_bits(steps: int) -> float:
    """Bits to say so many steps onward (Elias' gamma code); backward is not said this way."""
    return NEAR_BITS + 2 * int(log2(steps)) if steps > 0 else inf


def cheapest(
    pieces: Iterable[S], weights: Sequence[float], choice_bits: Callable[[S, S], float]
) -> tuple[Sequence[S], float]:
    """The pieces that make up a canary with least choice, in its order, and the bits of that choice.

    What lies between them tells nothing: punctuation, the scheme of a URL. No pieces if there is no way.

    Args:
        weights: How much each byte of the canary tells, in shares.
        choice_bits: Bits of choice in taking one piece after another; infinite if it cannot be.
    """
    before = [0.0]
    for weight in weights:
        before.append(before[-1] + weight)
    telling = [piece for piece in pieces if before[piece.end] > before[piece.start]]
    ways: list[tuple[float, Sequence[S]]] = []  # from each piece to the end, so from the end to the beginning
    for piece in sorted(telling, key=lambda piece: -piece.start):
        onward: list[tuple[float, Sequence[S]]] = []
        if before[-1] == before[piece.end]:
            onward.append((0.0, (piece,)))
        onward += (
            (bits + choice_bits(piece, rest[0]), (piece, *rest))
            for bits, rest in ways
            if rest[0].start >= piece.end and before[rest[0].start] == before[piece.end]
        )
        if onward:
            best = min(onward, key=lambda way: way[0])
            if best[0] < inf:
                ways.append(best)
    whole = [way for way in ways if before[way[1][0].start] == 0]
    bits, found = min(whole, key=lambda way: way[0], default=(0.0, ()))
    return found, bits
