"""From stretches of canaries to sightings: each piece replayed from the raw bytes, or left out."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from hometruth.canaries.bits import weights_of
from hometruth.canaries.pieces import LEAST_TELLING, WINDOW, Piece
from hometruth.canaries.split import Split, put_together
from hometruth.model import Exchange, Form, Fragment, Sighting, Value

Replayed = Callable[[Value], bytes | None]
"""The bytes that the steps to a value give when followed again; None if they lead nowhere."""


class InPieces(NamedTuple):
    """What pieces of one exchange are worth."""

    sightings: tuple[Sighting, ...]
    """Canaries that they make up."""
    parts: tuple[Sighting, ...]
    """Those that are long enough to make one up with pieces of other exchanges (`Across`)."""


def in_pieces(
    pieces: Sequence[Piece],
    exchange: Exchange,
    values: Sequence[Value],
    without: Collection[str],
    replayed: Replayed,
) -> InPieces:
    """Put the pieces of an exchange together.

    Args:
        values: All values of the exchange, by the index in the pieces.
        without: Ids of canaries that were found whole.
    """
    if not pieces:
        return InPieces((), ())
    kept = [piece for piece in pieces if piece.canary.id not in without]
    splits = put_together(kept, len(values))
    sightings = [item for split in splits if (item := _split(split, exchange, values, replayed))]
    found = {split.canary.id for split in splits}
    parts = (_part(piece, exchange, values, replayed) for piece in _telling(kept, values, found))
    return InPieces(tuple(sightings), tuple(part for part in parts if part))


def _telling(pieces: Iterable[Piece], values: Sequence[Value], found: Collection[str]) -> Iterable[Piece]:
    """Pieces worth keeping, each stretch of a canary once: where it is innermost."""
    innermost: dict[tuple[str, int, int], Piece] = {}
    for piece in pieces:
        weights = weights_of(piece.canary.value)[piece.start : piece.end]
        telling = len(weights) >= WINDOW and sum(map(bool, weights)) >= LEAST_TELLING
        if telling and piece.canary.id not in found:
            key = (piece.canary.id, piece.start, piece.end)
            known = innermost.setdefault(key, piece)
            if len(values[piece.index].steps) > len(values[known.index].steps):
                innermost[key] = piece
    return innermost.values()


def _split(split: Split, exchange: Exchange, values: Sequence[Value], replayed: Replayed) -> Sighting | None:
    fragments = []
    for piece in split.pieces:
        fragment = _fragment(piece, exchange, values, replayed)
        if fragment is None:
            return None
        fragments.append(fragment)
    first = fragments[0]
    form = Form("split", first.value.data[first.offset :], split.bits)
    return Sighting(split.canary, form, first.value, exchange, first.offset, split.bits, tuple(fragments))


def _part(piece: Piece, exchange: Exchange, values: Sequence[Value], replayed: Replayed) -> Sighting | None:
    fragment = _fragment(piece, exchange, values, replayed)
    if fragment is None:
        return None
    bits = piece.canary.bits * sum(weights_of(piece.canary.value)[piece.start : piece.end])
    form = Form("part", fragment.value.data[piece.offset :], bits)
    return Sighting(piece.canary, form, fragment.value, exchange, piece.offset, bits, (fragment,))


def _fragment(
    piece: Piece, exchange: Exchange, values: Sequence[Value], replayed: Replayed
) -> Fragment | None:
    """The piece, if its value can be computed again and holds it."""
    value = values[piece.index]
    data = replayed(value)
    text = piece.canary.value.lower().encode("utf-8", "surrogatepass")
    if data is None or data[piece.offset :].lower() != text[piece.start : piece.end]:
        return None
    return Fragment(value, exchange.id, piece.offset, piece.start, piece.end)
