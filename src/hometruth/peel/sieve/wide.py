"""Which of many byte strings, none of them text, may be text in another coding or with control characters."""

import numpy as np
from numpy.typing import NDArray

from hometruth.peel.layers.text import SHORTEST_SCRIPT
from hometruth.peel.sieve.flat import Flat, Index, Mask


def is_wide(blobs: Flat) -> Mask:
    """UTF-16 and UTF-32 of Latin text: a zero in every other byte, about."""
    zeros = np.add.reduceat((blobs.buffer == 0).astype(np.int64), _edges(blobs))[0::2]
    result: Mask = zeros * 4 >= blobs.lengths
    return result


def is_one_script(blobs: Flat) -> Mask:
    """UTF-16 without a mark or a zero: every other byte is one that the letters of one script begin with."""
    kinds = _SCRIPT_BYTES[blobs.buffer]
    here = np.arange(len(kinds)) % 2 == 0
    edges = _edges(blobs)
    shared = [
        np.bitwise_and.reduceat(np.where(mask, kinds, _ANY_SCRIPT), edges)[0::2] for mask in (here, ~here)
    ]
    result: Mask = (shared[0] | shared[1]) != 0
    return result & (blobs.lengths >= 2 * SHORTEST_SCRIPT)


def _script_bytes() -> NDArray[np.uint8]:
    """For each byte, the scripts with letters that begin with it in UTF-16; signs and Latin are in all."""
    scripts = (
        (0x30, *range(0x4E, 0xA0), 0xFF),  # Chinese, Japanese
        (0x30, *range(0xAC, 0xD8)),  # Korean
        range(0x03, 0x07),  # Greek, Cyrillic, Hebrew, Arabic
        range(0x09, 0x11),  # India, and its east
    )
    kinds = np.zeros(256, np.uint8)
    for number, script in enumerate(scripts):
        kinds[[0x00, 0x20, *script]] |= 1 << number
    return kinds


_ANY_SCRIPT = 0x0F
_SCRIPT_BYTES = _script_bytes()


def is_utf8(blobs: Flat) -> Mask:
    """Text but for control characters: frames of text protocols, and LZ-string as JavaScript has it."""
    kinds = _UTF8[blobs.buffer]
    wrong = kinds == _NEVER
    wrong[1:] |= (kinds[1:] == _GOES_BEYOND) & (kinds[:-1] == _ASCII)
    wrong[:-1] |= (kinds[:-1] == _LEADS) & (kinds[1:] != _GOES_BEYOND)
    result: Mask = ~np.logical_or.reduceat(wrong, _edges(blobs))[0::2]
    return result


_ASCII, _GOES_BEYOND, _LEADS, _NEVER = range(4)
_UTF8 = np.repeat(np.array([_ASCII, _GOES_BEYOND, _NEVER, _LEADS, _NEVER]), [0x80, 0x40, 2, 0x33, 0x0B])


def _edges(blobs: Flat) -> Index:
    edges = np.empty(2 * len(blobs.starts), np.int64)
    edges[0::2], edges[1::2] = blobs.starts, blobs.ends
    return edges
