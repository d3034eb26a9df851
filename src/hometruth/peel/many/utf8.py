"""Which of many byte strings are text, but for control characters."""

import numpy as np

from hometruth.peel.many.flat import Flat, Index, Mask


def utf8(blobs: Flat) -> Mask:
    """Text but for control characters: frames of text protocols, and LZ-string as JavaScript has it."""
    kinds = _UTF8[blobs.buffer]
    wrong = kinds == _NEVER
    wrong[1:] |= (kinds[1:] == _GOES_BEYOND) & (kinds[:-1] == _ASCII)
    wrong[:-1] |= (kinds[:-1] == _LEADS) & (kinds[1:] != _GOES_BEYOND)
    result: Mask = ~np.logical_or.reduceat(wrong, edges_of(blobs))[0::2]
    return result


_ASCII, _GOES_BEYOND, _LEADS, _NEVER = range(4)
_UTF8 = np.repeat(np.array([_ASCII, _GOES_BEYOND, _NEVER, _LEADS, _NEVER]), [0x80, 0x40, 2, 0x33, 0x0B])


def edges_of(blobs: Flat) -> Index:
    """Starts and ends in turn, as `reduceat` wants them."""
    edges = np.empty(2 * len(blobs.starts), np.int64)
    edges[0::2], edges[1::2] = blobs.starts, blobs.ends
    return edges
