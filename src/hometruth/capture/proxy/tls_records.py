"""Sizes of TLS records, read off a connection that is not opened (RFC 8446 section 5.1).

The header of every record is in plain sight: its type, and the size of what follows.
"""

from collections.abc import Iterator

HEADER_BYTES = 5
CHANGE_CIPHER_SPEC, HANDSHAKE, APPLICATION_DATA = 20, 22, 23
_KNOWN = range(CHANGE_CIPHER_SPEC, 25)


class RecordSizes:
    """One direction of a connection, fed as it comes; keeps no content."""

    def __init__(self) -> None:
        self._header = b""
        self._kind = 0
        self._size = 0
        self._left = 0
        self._is_tls = True

    def feed(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Type and size, in bytes without the header, of every record that ends in *data*.

        From a header that is none of TLS on, whatever comes counts as application data, chunk by chunk.
        """
        at = 0
        while at < len(data):
            if not self._is_tls:
                yield APPLICATION_DATA, len(data) - at
                return
            if self._left:
                step = min(self._left, len(data) - at)
                at, self._left = at + step, self._left - step
                if not self._left:
                    yield self._kind, self._size
                continue
            step = min(HEADER_BYTES - len(self._header), len(data) - at)
            self._header += data[at : at + step]
            at += step
            if len(self._header) == HEADER_BYTES:
                self._start(self._header)
                self._header = b""

    def _start(self, header: bytes) -> None:
        self._kind, self._size = header[0], int.from_bytes(header[3:])
        self._left = self._size
        self._is_tls = self._kind in _KNOWN and header[1] == 3
