"""Cuts a HAR document into its raw entries while it is read, so that memory holds one of them at a time.

Where an entry ends is the JSON parser's own word: it reads one value, and says where something follows.
"""

import json
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import msgspec

from hometruth.errors import CaptureError

READ_BYTES = 4 << 20
"""Bytes read at a time."""
MOST_BEFORE_ENTRIES = 32 << 20
"""Bytes of pages, creator and comments that may stand before the entries, or after them."""
LONGEST_ENTRY = 48 << 20
"""Bytes of one entry, of which a request that long is held four times. Longer ones are passed over."""
_TOO_LONG = f"an entry of more than {LONGEST_ENTRY >> 20} MiB is not read"
SPACE = b" \t\r\n"
_ENTRIES = re.compile(rb'"entries"\s*:\s*\[')
_FOLLOWS = re.compile(r"trailing characters \(byte (\d+)\)")
"""How msgspec says that a value ended, and where."""
_TRUNCATED = "truncated"
_IN_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_STRUCTURE = re.compile(rb'["{}\[\]]')


class Skipped(NamedTuple):
    """Stands for an entry that was passed over."""

    size_bytes: int
    why: str


class NoEntries(Exception):
    """There are no ``log.entries`` where a stream can find them: the document must be read as a whole."""


def stream_entries(stream: BinaryIO, head: bytes, file: str) -> Iterator[object]:
    """Entries, each as raw JSON, or decoded where it is not clean JSON.

    Args:
        stream: The document, from where *head* ends.
        head: Its beginning, already read.

    Raises:
        NoEntries: Before the first entry, if they cannot be found.
        CaptureError: Where the document is damaged beyond one entry.
    """
    buffer = _Buffer(stream, head.removeprefix(b"\xef\xbb\xbf"))
    opening = _opening(buffer)
    while buffer.next_byte() != b"]":
        yield _entry(buffer, file)
        match buffer.next_byte():
            case b",":
                buffer.skip(1)
            case b"]":
                pass
            case _:
                raise _broken(buffer, file, "what follows an entry is neither a comma nor the end")
    rest = buffer.rest(MOST_BEFORE_ENTRIES)
    try:
        json.loads((opening + rest).decode("utf-8", "surrogateescape"), strict=False)
    except (ValueError, RecursionError) as err:
        raise _broken(buffer, file, f"what follows the entries: {err}") from err


class _Buffer:
    """The part of the document that is held, and where reading it is."""

    def __init__(self, stream: BinaryIO, held: bytes) -> None:
        self._stream = stream
        self.held = held
        self.at = 0
        self.passed = 0
        """Bytes of the document before those held."""

    def more(self) -> bool:
        """Hold more, and what was read no longer; False at the end of the document."""
        held = len(self.held) - self.at
        chunk = self._stream.read(max(READ_BYTES, min(held // 2, LONGEST_ENTRY - held)))
        self.passed += self.at
        self.held = self.held[self.at :] + chunk
        self.at = 0
        return bool(chunk)

    def skip(self, n: int) -> None:
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

    def rest(self, limit: int) -> bytes:
        """All that is left, as far as *limit*."""
        while len(self.held) - self.at < limit and self.more():
            pass
        return self.held[self.at :]


def _opening(buffer: _Buffer) -> bytes:
    """The document up to its entries, which the buffer then stands at."""
    tried = 0
    while True:
        for match in _ENTRIES.finditer(buffer.held, tried):
            opening = buffer.held[: match.end()]
            if _are_entries(opening):
                buffer.at = match.end()
                return opening
            tried = match.end()
        if len(buffer.held) > MOST_BEFORE_ENTRIES or not buffer.more():
            raise NoEntries


def _are_entries(opening: bytes) -> bool:
    """True if the list that opens at the end is ``log.entries``, and not one inside something else."""
    try:
        document = json.loads((opening + b"]}}").decode("utf-8", "surrogateescape"), strict=False)
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(document, dict) and isinstance(document.get("log"), dict) and "entries" in document["log"]
    )


def _entry(buffer: _Buffer, file: str) -> object:
    while True:
        view = memoryview(buffer.held)[buffer.at :]
        try:
            msgspec.json.decode(view, type=msgspec.Raw)
            problem = _TRUNCATED  # complete, but the list is not
        except msgspec.DecodeError as err:
            problem = str(err)
        except RecursionError as err:
            return _passed_over(buffer, file, f"a damaged entry: {err}")
        if follows := _FOLLOWS.search(problem):
            end = int(follows[1]) - 1  # bytes are counted from one there
            if end > LONGEST_ENTRY:
                return _passed_over(buffer, file, _TOO_LONG)
            buffer.skip(end)
            return msgspec.Raw(view[:end])  # not copied, and soon decoded
        if _TRUNCATED not in problem:
            return _forgiven(buffer, file, problem)
        if len(view) > LONGEST_ENTRY:
            return _passed_over(buffer, file, _TOO_LONG)
        if not buffer.more():
            raise _broken(buffer, file, "it ends inside an entry")


def _forgiven(buffer: _Buffer, file: str, problem: str) -> object:
    """An entry with faults that recorders write: bare control characters, NaN."""
    decoder = json.JSONDecoder(strict=False)
    while True:
        text = buffer.held[buffer.at :].decode("utf-8", "surrogateescape")
        try:
            entry, end = decoder.raw_decode(text)
        except (ValueError, RecursionError) as err:
            if len(text) < LONGEST_ENTRY and buffer.more():
                continue
            raise _broken(buffer, file, problem) from err
        buffer.skip(len(text[:end].encode("utf-8", "surrogateescape")))
        return entry


def _passed_over(buffer: _Buffer, file: str, why: str) -> Skipped:
    """Skip an entry without holding it."""
    size = depth = 0
    in_string = False
    while True:
        end = len(buffer.held)
        at = buffer.at
        while at < end:
            if in_string:
                at = _IN_STRING.match(buffer.held, at).end()  # type: ignore[union-attr]  # it matches nothing too
                if at >= end or buffer.held[at] != 0x22:
                    break  # a backslash at the very end waits for what it escapes
                in_string, at = False, at + 1
                continue
            found = _STRUCTURE.search(buffer.held, at)
            if found is None:
                at = end
                break
            at = found.end()
            if found[0] == b'"':
                in_string = True
            else:
                depth += 1 if found[0] in b"{[" else -1
                if depth == 0:
                    size += at - buffer.at
                    buffer.at = at
                    return Skipped(size, why)
        size += at - buffer.at
        buffer.at = at
        if not buffer.more():
            raise _broken(buffer, file, "it ends inside an entry")


def _broken(buffer: _Buffer, file: str, problem: str) -> CaptureError:
    return CaptureError(
        f"{file}: starts like HAR, but is broken JSON at byte {buffer.passed + buffer.at} ({problem}); "
        "export it again, it may be cut short"
    )
