"""Large numbers in the characters of some alphabet, many at once: the digits of each are a row of a matrix.

Digits times the powers of the base, each power in pieces of 32 bits, is one matrix product; exact in double
precision, since 62 * 2^32 * 1024 stays below 2^53. Longer ones are joined one by one: that takes no longer
than the product, whose table of powers grows with the square of their length.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, repeat
from operator import mul

import numpy as np
from numpy.typing import NDArray

from hometruth.peel.layers.base_n import decode_number
from hometruth.peel.many.flat import Flat, Index, flat_of

WIDTH = 16
"""Digits that lengths are rounded up to: so many lengths make few matrices."""
LIMB_BITS = 32
LONGEST_ROW = 1024
"""Digits up to which the powers of a base, all of which are kept, take 1.6 MB; of 4,096 they take 25."""


def decode_numbers(
    words: Sequence[bytes] | Mapping[int, bytes],
    chosen: Sequence[int],
    alphabet: bytes,
    longest: int,
    least_bytes: int,
) -> Iterator[tuple[Index, Flat]]:
    """What the chosen words, all in the alphabet, are as numbers: rows of *words*, and the bytes."""
    groups: dict[int, list[int]] = defaultdict(list)
    for number in chosen:
        size = len(words[number])
        if size <= longest and size * 3 // 4 >= least_bytes:
            groups[-(-size // WIDTH) * WIDTH].append(number)
    for width, numbers in groups.items():
        if width > LONGEST_ROW:
            yield (
                np.asarray(numbers, np.int64),
                flat_of([decode_number(words[number], alphabet) for number in numbers]),
            )
        else:
            yield _decode(words, numbers, width, alphabet)


def _decode(
    words: Sequence[bytes] | Mapping[int, bytes], numbers: Sequence[int], width: int, alphabet: bytes
) -> tuple[Index, Flat]:
    # A first character stands for zero: padded with it, a number stays what it is.
    text = b"".join([words[number].rjust(width, alphabet[:1]) for number in numbers])
    digits = np.frombuffer(text.translate(_digits_of(alphabet)), np.uint8).reshape(-1, width)
    limbs = (digits.astype(np.float64) @ _powers(len(alphabet), width)).astype(np.int64)
    for place in range(limbs.shape[1] - 1):
        limbs[:, place + 1] += limbs[:, place] >> LIMB_BITS
    size = 4 * limbs.shape[1]
    # Zeros in front of the number, as many as first characters were, and one behind.
    rows = np.zeros((len(numbers), width + size + 1), np.uint8)
    rows[:, width:-1] = np.ascontiguousarray(limbs[:, ::-1]).astype(">u4").view(np.uint8).reshape(-1, size)
    lengths = np.fromiter((len(words[number]) for number in numbers), np.int64, len(numbers))
    zeros = _leading_zeros(digits) - (width - lengths)
    ends = np.arange(1, len(numbers) + 1) * rows.shape[1] - 1
    starts = ends - size + _leading_zeros(rows[:, width:-1]) - zeros
    buffer = rows.reshape(-1)
    return np.asarray(numbers, np.int64), Flat(buffer.tobytes(), buffer, starts, ends)


def _leading_zeros(rows: NDArray[np.uint8]) -> Index:
    filled = rows != 0
    result: Index = np.where(filled.any(axis=1), filled.argmax(axis=1), rows.shape[1])
    return result


def _powers(base: int, width: int) -> NDArray[np.float64]:
    """Powers of the base, highest first, each in limbs, lowest first."""
    n_limbs = -(-width * base.bit_length() // LIMB_BITS) + 1
    return _table_of_powers(base, 1 << (width - 1).bit_length())[-width:, :n_limbs]


@lru_cache(maxsize=16)
def _table_of_powers(base: int, width: int) -> NDArray[np.float64]:
    """The powers for this width and all that are smaller."""
    n_limbs = -(-width * base.bit_length() // LIMB_BITS) + 1
    powers = [*accumulate(repeat(base, width - 1), mul, initial=1)]
    limbs = b"".join(power.to_bytes(4 * n_limbs, "little") for power in reversed(powers))
    return np.frombuffer(limbs, "<u4").reshape(width, n_limbs).astype(np.float64)


@lru_cache(maxsize=8)
def _digits_of(alphabet: bytes) -> bytes:
    return bytes.maketrans(alphabet, bytes(range(len(alphabet))))
