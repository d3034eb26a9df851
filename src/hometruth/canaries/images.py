"""Images of a value under encodings that a plain search can see through without decoding.

Base64 has three, one for each position of the value among groups of three bytes; only the characters that do
not depend on the neighbours are kept.
"""

import base64
from collections.abc import Iterator

SHORTEST_IMAGE = 10
"""Characters; shorter images of short values are in every long base64 text by chance."""


def images_of(value: str) -> Iterator[tuple[str, bytes]]:
    """Pairs (encoding, bytes) of the value as it is and lower-cased."""
    for text in dict.fromkeys((value, value.lower())):
        data = text.encode("utf-8", "surrogatepass")
        for name, image in _images(text, data):
            if len(image) >= SHORTEST_IMAGE and image != data:
                yield name, image


def _images(text: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    for shift in range(3):
        standard = _base64_at(data, shift)
        yield "base64", standard
        url_safe = standard.translate(bytes.maketrans(b"+/", b"-_"))
        if url_safe != standard:
            yield "base64", url_safe
    yield "hex", data.hex().encode()
    yield "hex", data.hex().upper().encode()
    yield "utf-16", text.encode("utf-16-le", "surrogatepass")
    yield "utf-16", text.encode("utf-16-be", "surrogatepass")
    yield "reversed", data[::-1]


def _base64_at(data: bytes, shift: int) -> bytes:
    """Base64 of *data* that begins *shift* bytes into a group, without characters that others share."""
    encoded = base64.b64encode(bytes(shift) + data).rstrip(b"=")
    first = (0, 2, 3)[shift]
    last = len(encoded) if (shift + len(data)) % 3 == 0 else len(encoded) - 1
    return encoded[first:last]
