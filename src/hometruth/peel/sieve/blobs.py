"""Which short byte strings some binary format might open: the first conditions of each, for all at once.

Each test is one that the format's layer makes too, so that whatever fails it would not be opened. Most
strings of this kind are identifiers: random bytes that fail all of them.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from hometruth.peel.layers import LAYERS, Layer
from hometruth.peel.layers.dns import MOST_QUESTIONS
from hometruth.peel.layers.dns import SHORTEST as SHORTEST_DNS
from hometruth.peel.layers.embedded import BEGINNING
from hometruth.peel.sieve.flat import Flat, Index, Mask
from hometruth.peel.sieve.items import are_cbor, are_delimited, are_fields, are_messagepack
from hometruth.peel.sieve.lz_ends import bits_of, lz_string_ends
from hometruth.peel.sieve.packed import First, may_be_brotli, may_be_deflate, may_be_lz4, may_be_snappy
from hometruth.peel.sieve.wide import is_one_script, is_utf8, is_wide

LONGEST = 1024
"""Bytes; longer strings are not worth a test: they are few, and more of them pass."""
ANY = 1
"""Some layer may open it, none in particular."""
_TESTED = ("snappy", "lz4", "deflate", "brotli", "protobuf", "delimited", "msgpack", "cbor", "lz-string")
"""Layers with a test of their own, whose bits come after `ANY`."""
_BIT = {name: 2 << place for place, name in enumerate(_TESTED)}


def may_open(blobs: Flat) -> NDArray[np.int64]:
    """For strings, none of them text or longer than `LONGEST`, bits of the layers that may open them.

    `layers_of` says which these are; 0 means that none does.
    """
    buffer = np.concatenate([blobs.buffer, np.zeros(8, np.uint8)]).astype(np.int32)
    starts, lengths, ends = blobs.starts, blobs.lengths, blobs.ends
    first = [buffer[starts + place] for place in range(5)]
    any_layer = _magic(first) | _grpc(first) | _dns(buffer, starts, lengths)
    any_layer |= is_one_script(blobs) | is_wide(blobs) | is_utf8(blobs)
    any_layer[blobs.holding(_embedded(blobs))] = True
    found = np.where(any_layer, ANY, 0)
    # Where any layer is tried, it need not be told which.
    rows = np.flatnonzero(~any_layer)
    starts, lengths, ends, first = starts[rows], lengths[rows], ends[rows], [each[rows] for each in first]
    rest = blobs.only(rows)
    lz_string = lz_string_ends(bits_of(blobs.buffer, 8), starts * 8, ends * 8, 8)
    for name, told in (
        ("snappy", may_be_snappy(first, lengths, buffer, starts)),
        ("lz4", may_be_lz4(buffer, starts, lengths, first)),
        ("deflate", may_be_deflate(rest, buffer, first)),
        ("brotli", may_be_brotli(rest, buffer)),
        ("protobuf", are_fields(buffer, starts, ends)),
        ("delimited", are_delimited(buffer, starts, ends)),
        ("msgpack", are_messagepack(buffer, starts, ends)),
        ("cbor", are_cbor(buffer, starts, ends)),
        ("lz-string", lz_string),
    ):
        found[rows[told]] |= _BIT[name]
    return found


@cache
def layers_of(bits: int, first_byte: int) -> tuple[Layer, ...]:
    """The layers that *bits* stand for, of those that a value with this first byte may be."""
    return tuple(
        layer
        for layer in LAYERS
        if not layer.text_only
        and (not layer.starts or first_byte in layer.starts)
        and (bits & ANY or bits & _BIT.get(layer.name, 0))
    )


_BEGINS_JSON = np.isin(np.arange(256), list(b"{[ \t\r\n-"))
_GOES_ON = np.isin(np.arange(256), list(b'{["]} \t\r\n-0123456789tfnNI'))


def _magic(first: First) -> Mask:
    """Formats that say what they are: by two bytes, one in 65,536 by chance."""
    pair = first[0] << 8 | first[1]
    zlib_header = (first[0] & 15 == 8) & (pair % 31 == 0)
    named = np.isin(
        pair, [0x1F8B, 0x1F9D, 0x28B5, 0x425A, 0xFD37, 0x5D00, 0x6270, 0x0422, 0xFF06, 0xFFFE, 0xFEFF, 0xEFBB]
    )
    # JSON, multipart and frames of text begin like this, with white space before them or not.
    document = _BEGINS_JSON[first[0]] & _GOES_ON[first[1]]
    result: Mask = zlib_header | named | document | (first[0] == 0x22)
    return result


def _dns(buffer: NDArray[np.int32], starts: Index, lengths: Index) -> Mask:
    """One question or a few, after a header of twelve bytes."""
    counted = [buffer[starts + np.minimum(place, lengths)] for place in (4, 5, 6)]
    long_enough = lengths >= SHORTEST_DNS
    result: Mask = (
        long_enough
        & (counted[0] == 0)
        & (counted[1] > 0)
        & (counted[1] <= MOST_QUESTIONS)
        & (counted[2] == 0)
    )
    return result


def _embedded(blobs: Flat) -> Index:
    """Places where a compressed stream may begin."""
    return np.asarray([match.start() for match in BEGINNING.finditer(blobs.data)], np.int64)


def _grpc(first: First) -> Mask:
    result: Mask = np.isin(first[0], [0, 1, 2, 0x80]) & (first[1] == 0) & (first[2] == 0)
    return result
