"""The part of a document that is held while it is read."""

from hometruth.capture.byte_stream import Readable

READ_BYTES = 4 << 20
"""Bytes read at a time."""
MOST_HELD_BYTES = 48 << 20
"""Bytes of one entry, of which a request that long is held four times. Longer ones are passed over."""
SPACE = b" \t\r\n"


class Buffer:
    """What is held of a stream, and where in it reading stands."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.held = b""
        self.at = 0
        self.passed = 0
        """Bytes of the document before those held."""
        self.ended = False

    @property
    def position(self) -> int:
        """Of the next byte in the document, from 0."""
        return self.passed + self.at

    def view(self) -> memoryview:
        """All that is held and not yet read."""
        return memoryview(self.held)[self.at :]

    def more(self) -> bool:
        """Hold more, and what was read no longer; False at the end of the document."""
        if self.ended:
            return False
        held = len(self.held) - self.at
        chunk = self._stream.read(max(READ_BYTES, min(held // 2, MOST_HELD_BYTES - held))) or b""
        self.passed += self.at
        self.held = self.held[self.at :] + chunk
        self.at = 0
        self.ended = not chunk
        return bool(chunk)

    def to_the_end(self) -> None:
        """Pass over all that is left."""
        self.at = len(self.held)
        while self.more():
            self.at = len(self.held)

    def skip(self, n: int) -> None:
        """Pass over so many bytes."""
        self.at += n

    def next_byte(self) -> bytes:
        """The next byte that is no white space; nothing at the end."""
        while True:
            start, size = self.at, len(self.held)
            while start < size and self.held[start] in SPACE:
                start += 1
            self.at = start
            if start < size or not self.more():
                return self.held[self.at : self.at + 1]

    def hold(self, size: int) -> None:
        """Hold at least so many bytes, if there are so many left."""
        while len(self.held) - self.at < size and self.more():
            pass
