"""A large flow without its response's body, which is most of it where somebody downloaded something.

What leaves a phone is looked for in requests. So the body is passed over on the way, and the rest of the
flow, headers and all, is the netstring that mitmproxy reads.
"""

from typing import BinaryIO

from hometruth.capture.byte_stream import skip, take

RESPONSE_BODY = (b"response", b"content")
"""Where it is: a dictionary in the flow's dictionary."""
NOTHING = b"0:~"
"""The netstring of Python's None: mitmproxy's word for a body that was not recorded."""
DIGITS = 12


class TooLargeError(Exception):
    """The flow is too large without that body, too, or is none."""


class Frame:
    """A stream that ends where the flow does."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream = stream
        self.left = size
        """Bytes of the flow that were not read yet."""
        self.missing = 0
        """Bytes that the file should still have had."""

    def read(self, size: int) -> bytes:
        """Exactly so many bytes.

        Raises:
            TooLargeError: If the flow, or the file, has fewer.
        """
        data = take(self._stream, min(size, self.left))
        self._used(len(data), min(size, self.left))
        if len(data) < size:
            raise TooLargeError
        return data

    def skip(self, size: int) -> None:
        """Pass over so many bytes, or all that are left."""
        wanted = min(size, self.left)
        self._used(skip(self._stream, wanted), wanted)

    def _used(self, got: int, wanted: int) -> None:
        self.left -= wanted
        self.missing += wanted - got


def without_response_body(frame: Frame, most: int) -> bytes:
    """The flow as a netstring of at most so many bytes; of *frame*, all that it needs is read.

    Args:
        frame: At the first byte after the flow's own length.
        most: Bytes of all that is kept.

    Raises:
        TooLargeError: If more would have to be kept, or these are no netstrings.
    """
    kept = _dictionary(frame, frame.left - 1, RESPONSE_BODY, most)
    return _netstring(kept, frame.read(1))


def _dictionary(frame: Frame, size: int, path: tuple[bytes, ...], most: int) -> bytes:
    """Keys and values of *size* bytes, but for the value at *path*."""
    end = frame.left - size
    kept: list[bytes] = []
    is_key, key = True, b""
    while frame.left > end:
        length = _length(frame)
        if not is_key and key == path[0] and len(path) == 1:
            frame.skip(length + 1)
            kept.append(NOTHING)
        elif not is_key and key == path[0] and length:
            inner = _dictionary(frame, length, path[1:], most)
            kept.append(_netstring(inner, frame.read(1)))
        else:
            if length > most:
                raise TooLargeError
            data = frame.read(length)
            kept.append(_netstring(data, frame.read(1)))
            key = data
        most -= len(kept[-1])
        if most < 0:
            raise TooLargeError
        is_key = not is_key
    return b"".join(kept)


def _length(frame: Frame) -> int:
    digits = b""
    while (byte := frame.read(1)) != b":":
        digits += byte
        if not digits.isdigit() or len(digits) > DIGITS:
            raise TooLargeError
    if not digits:
        raise TooLargeError
    return int(digits)


def _netstring(data: bytes, kind: bytes) -> bytes:
    return b"%d:%s%s" % (len(data), data, kind)
