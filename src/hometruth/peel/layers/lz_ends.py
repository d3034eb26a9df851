"""Whether values may be LZ-string: their codes are followed to the end mark, of all values at once.

Nothing is decompressed: whether a code may stand where it does depends on how many came before it only.
"""

import numpy as np

from hometruth.peel.many.flat import Bytes, Index, Mask

_SMALL, _LARGE, _END = 0, 1, 2
_FIRST_CODES = 4
"""Three commands and the first character."""
MOST_CODES = 256
"""Codes that are followed: chance does not get far, and whoever does is decompressed in earnest."""
_PADDING = 3
"""Units that may follow the end mark, none of them whole."""


def lz_string_ends(bits: Bytes, starts: Index, ends: Index, width: int) -> Mask:
    """True for stretches of bits that are codes up to an end mark, and then padding."""
    bits = np.concatenate([bits, np.zeros(64, np.uint8)])
    result = np.zeros(len(starts), bool)
    command = bits[starts].astype(np.int64) | bits[starts + 1].astype(np.int64) << 1
    rows: Index = np.flatnonzero(command < _END)
    at = starts[rows] + 2 + np.where(command[rows] == _SMALL, 8, 16)
    code_bits = np.full(len(rows), 3, np.int64)
    until_longer = np.full(len(rows), 4, np.int64)
    known = np.full(len(rows), _FIRST_CODES, np.int64)
    state = (rows, at, code_bits, until_longer, known)
    for _ in range(MOST_CODES):
        if not len(state[0]):
            return result
        inside = state[1] + state[2] <= ends[state[0]]
        rows, at, code_bits, until_longer, known = (each[inside] for each in state)
        code = _take(bits, at, code_bits)
        at = at + code_bits
        over = code == _END
        result[rows[over]] = _is_padding(bits, at[over], ends[rows[over]], width)
        new = code < _END
        at = at + np.where(new, np.where(code == _SMALL, 8, 16), 0)
        goes_on = ~over & (new | (code <= known))
        # A new character is a code of its own, and so is the string that ends with it.
        known = known + 1 + new
        for counts in (new, np.ones(len(new), bool)):
            until_longer = until_longer - counts
            longer = counts & (until_longer == 0)
            until_longer = np.where(longer, np.left_shift(1, code_bits), until_longer)
            code_bits = code_bits + longer
        state = (
            rows[goes_on],
            at[goes_on],
            code_bits[goes_on],
            until_longer[goes_on],
            known[goes_on],
        )
    result[state[0]] = True
    return result


def _take(bits: Bytes, at: Index, widths: Index) -> Index:
    """Numbers whose lowest bit comes first."""
    number = np.zeros(len(at), np.int64)
    for place in range(int(widths.max(initial=0))):
        bit = bits[np.minimum(at + place, len(bits) - 1)].astype(np.int64)
        number |= np.where(widths > place, bit << place, 0)
    return number


def _is_padding(bits: Bytes, at: Index, ends: Index, width: int) -> Mask:
    """True where nothing but zeros is left, and not much of it."""
    good: Mask = ends - at < _PADDING * width
    for place in range(_PADDING * width):
        here = at + place
        good &= (here >= ends) | (bits[np.minimum(here, len(bits) - 1)] == 0)
    return good
