"""Puts together what was sent in pieces: the host in one field and the path in another, a list of chunks.

Every piece is a whole value, so chance has as many tries as there are ways to choose that many values. A
piece that stands near the one before it is the less of a choice; both are counted in bits.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from math import inf, log2
from typing import NamedTuple, Protocol, TypeVar

from hometruth.canaries.bits import bits_of, weights_of
from hometruth.canaries.mint import is_minted
from hometruth.canaries.pieces import Piece
from hometruth.model import Canary

LEAST_BITS = 24.0
"""Below it, words that happen to stand in one request make up a value; it is not even listed."""
NEAR_BITS = 2.0
"""Bits to say that a piece is the very next value."""


class Stretch(Protocol):
    """Part of a canary, from one byte to before another."""

    @property
    def start(self) -> int:
        """First byte."""

    @property
    def end(self) -> int:
        """Byte after the last."""


S = TypeVar("S", bound=Stretch)


class Split(NamedTuple):
    """A canary in pieces, all of one exchange."""

    canary: Canary
    pieces: tuple[Piece, ...]
    """In the order of the canary."""
    bits: float
    """What finding them by chance would cost, less the choice of the values."""


def put_together(pieces: Iterable[Piece], n_values: int, without: Collection[str] = ()) -> list[Split]:
    """Canaries that the pieces of one exchange make up, each in the likeliest way.

    Args:
        n_values: Values that the pieces were chosen from.
        without: Ids of canaries that were found whole: their pieces are no news.
    """
    groups: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        if piece.canary.id not in without:
            groups[piece.canary.id].append(piece)

    def choice_bits(piece: Piece, after: Piece) -> float:
        steps = after.index - piece.index
        return inf if not steps else 1 + min(steps_bits(steps), log2(max(2, n_values)))

    splits = []
    for group in groups.values():
        canary = group[0].canary
        found, bits = cheapest(group, weights_of(canary.value), choice_bits)
        if len(found) > 1 and (worth := covered_bits(canary, found) - bits) >= LEAST_BITS:
            splits.append(Split(canary, tuple(found), worth))
    return splits


def covered_bits(canary: Canary, pieces: Iterable[Stretch]) -> float:
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
