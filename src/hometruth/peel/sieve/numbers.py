"""Base58 and base62 of many values at once: a value is one large number, and its digits a row of a matrix.

Digits times the powers of the base, each power in pieces of 32 bits, is one matrix product; exact in double
precision, since 62 * 2^32 * 4096 stays below 2^53.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hometruth.peel.layers.base_n import ALPHABET58, ALPHABETS62, LONGEST_NUMBER

WIDTH = 16
"""Digits that lengths are rounded up to: so many lengths make few matrices."""
LIMB_BITS = 32


def decode_numbers(
    words: Sequence[bytes], chosen: Sequence[int], least_bytes: int
) -> Iterator[tuple[int, bytes]]:
    """What the chosen words are in base58 and in both alphabets of base62: number and bytes of each."""
    groups: dict[int, list[int]] = defaultdict(list)
    for number in chosen:
        size = len(words[number])
        if size <= LONGEST_NUMBER and size * 3 // 4 >= least_bytes:
            groups[-(-size // WIDTH) * WIDTH].append(number)
    for width, numbers in groups.items():
        for alphabet in ALPHABETS62:
            yield from _decode(words, numbers, width, alphabet)
        yield from _decode(
            words, [n for n in numbers if not words[n].translate(None, ALPHABET58)], width, ALPHABET58
        )


def _decode(
    words: Sequence[bytes], numbers: Sequence[int], width: int, alphabet: bytes
) -> Iterator[tuple[int, bytes]]:
    if not numbers:
        return
    # A first character stands for zero: padded with it, a number stays what it is.
    text = b"".join(words[number].rjust(width, alphabet[:1]) for number in numbers)
    digits = np.frombuffer(text.translate(_digits_of(alphabet)), np.uint8).reshape(-1, width)
    limbs = (digits.astype(np.float64) @ _powers(len(alphabet), width)).astype(np.int64)
    for place in range(limbs.shape[1] - 1):
        limbs[:, place + 1] += limbs[:, place] >> LIMB_BITS
    rows = np.ascontiguousarray(limbs[:, ::-1]).astype(">u4").tobytes()
    size = 4 * limbs.shape[1]
    for row, number in enumerate(numbers):
        word = words[number]
        zeros = len(word) - len(word.lstrip(alphabet[:1]))
        yield number, bytes(zeros) + rows[row * size : (row + 1) * size].lstrip(b"\0")


@lru_cache(maxsize=512)
def _powers(base: int, width: int) -> NDArray[np.float64]:
    """Powers of the base, highest first, each in limbs, lowest first."""
    n_limbs = -(-width * base.bit_length() // LIMB_BITS) + 1
    powers = b"".join((base ** (width - 1 - place)).to_bytes(4 * n_limbs, "little") for place in range(width))
    return np.frombuffer(powers, "<u4").reshape(width, n_limbs).astype(np.float64)


@lru_cache(maxsize=8)
def _digits_of(alphabet: bytes) -> bytes:
    return bytes.maketrans(alphabet, bytes(range(len(alphabet))))
