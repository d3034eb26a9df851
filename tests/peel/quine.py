"""A gzip file that unpacks to itself, after Russ Cox, "Zip Files All The Way Down" (research.swtch.com/zip).

A stored block says "print the next bytes", a match says "repeat what was just printed"; both are made five
bytes long, and print each other in turn. The checksum stands in the file twice and is that of the file: 32
linear equations over bits.
"""

import struct
import zlib

_UNIT = 5
_FINAL = b"\x01\x00\x00\xff\xff"
"""An empty stored block, the last one."""


def gzip_quine() -> bytes:
    """About 200 bytes."""
    for name in (b"a.gz", b"b.gz", b"c.gz", b"d.gz"):  # for some the equations have no solution
        crc = _own_crc(name)
        if crc is not None:
            return _file(name, crc)
    raise AssertionError


def _file(name: bytes, crc: int) -> bytes:
    head = b"\x1f\x8b\x08\x08" + bytes(5) + b"\xff" + name + b"\0"  # three units
    repeat4 = _repeat((10, 10), 20)
    repeat2 = _repeat((5, 5), 20)  # what stands two units before stands four before, too
    size = 0
    for _ in range(2):  # the second time with its size known
        tail = _FINAL + struct.pack("<II", crc, size)
        repeat_tail = _repeat((10, 8), _UNIT + len(tail))
        print1, print4 = _print(_UNIT), _print(4 * _UNIT)
        print_tail = _print(_UNIT + len(tail))
        whole = b"".join(
            (
                *(head, print4, head, print4, repeat4),
                *(print1, repeat4, print1, print1),
                *(print4, repeat4, print1, print1, print4, repeat4),
                *(print4, repeat4, print4, repeat4, print4, repeat4),
                *(print4, repeat2, print_tail, repeat2, print_tail, repeat2),
                *(print_tail, repeat_tail, tail, repeat_tail, tail),
            )
        )
        size = len(whole)
    return whole


def _print(n_bytes: int) -> bytes:
    return struct.pack("<BHH", 0, n_bytes, n_bytes ^ 0xFFFF)


def _repeat(lengths: tuple[int, int], distance: int) -> bytes:
    """A block of two matches with the fixed codes of RFC 1951: forty bits for these lengths and distances."""
    bits = "010"  # not the last one; fixed codes, lowest bit first
    for length in lengths:
        bits += f"{length - 2:07b}"  # 3 to 10 bytes have codes 257 to 264, of 7 bits and without more
        bits += f"{8:05b}" + f"{distance - 17:03b}"[::-1]  # distances of 17 to 24
    bits += "0" * 7  # end of block
    assert len(bits) == 8 * _UNIT
    return bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))


def _own_crc(name: bytes) -> int | None:
    """The number that is the checksum of the file that states it."""
    constant = zlib.crc32(_file(name, 0))
    # Column i: what bit i of the number changes in the checksum, and in the number.
    rows = [0] * 32
    for bit in range(32):
        changed = zlib.crc32(_file(name, 1 << bit)) ^ constant ^ 1 << bit
        for row in range(32):
            rows[row] |= (changed >> row & 1) << bit
    rows = [row | (constant >> number & 1) << 32 for number, row in enumerate(rows)]
    for bit in range(32):
        pivot = next((row for row in range(bit, 32) if rows[row] >> bit & 1), None)
        if pivot is None:
            return None
        rows[bit], rows[pivot] = rows[pivot], rows[bit]
        rows = [
            row ^ rows[bit] if number != bit and row >> bit & 1 else row for number, row in enumerate(rows)
        ]
    return sum((row >> 32 & 1) << bit for bit, row in enumerate(rows))
