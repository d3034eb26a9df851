"""Walks through JSON of any size, one value at a time, past damage.

A document is one object of which some members are long lists (an export of events), or a row of values: one
list, or a value a line. Where a value ends is the parser's own word; behind damage the next value that looks
right is taken.
"""

import json
import re
from collections.abc import Callable, Collection, Generator, Iterator
from typing import Any, NamedTuple

import msgspec

from hometruth.capture.byte_stream import Readable
from hometruth.capture.har import buffer as limits
from hometruth.capture.har.buffer import Buffer
from hometruth.capture.har.salvage import Damaged, passed_over, stands_there, value_at

BOM = b"\xef\xbb\xbf"
MOST_TRIED_BYTES = 64 << 20
"""Bytes parsed behind damage, in all trials, before the rest is given up."""
_CANDIDATE = re.compile(rb"[,\[}\n]\s*(?=\{)")


class Item(NamedTuple):
    """One value."""

    name: str
    """The member it is, or whose list it stands in; empty in a row."""
    number: int
    """Position in its list or row, from 0."""
    value: Any


class Broken(NamedTuple):
    """A stretch that could not be read."""

    position: int
    size_bytes: int
    why: str


Looks = Callable[[Any], bool]
"""Whether a value behind damage may be one of the list: inside a damaged value there are others."""


def walk_rows(stream: Readable, looks: Looks) -> Iterator[Item | Broken]:
    """Values of a list, or of a row of values."""
    buffer = _opened(stream)
    is_list = buffer.next_byte() == b"["
    buffer.skip(1 if is_list else 0)
    yield from _to_its_end(buffer, _elements(buffer, "", looks), is_list=is_list)


def _to_its_end(
    buffer: Buffer, items: Generator[Item | Broken, None, bool], *, is_list: bool = True
) -> Iterator[Item | Broken]:
    """The items; last, that the document goes on behind its end, or ends before it and nothing says so."""
    last = None
    is_closed = False
    while True:
        try:
            last = next(items)
        except StopIteration as end:
            is_closed = end.value
            break
        yield last
    if is_closed and buffer.next_byte().strip(b"\0"):
        yield _to_the_end(buffer, _broken(buffer, "what stands behind its last bracket is not read"), "")
    elif is_list and not is_closed and not isinstance(last, Broken):
        yield _broken(buffer, "it ends before its last bracket")


def walk_document(stream: Readable, lists: Collection[str], looks: Looks) -> Iterator[Item | Broken]:
    """Members of an object; of those in *lists*, each element by itself."""
    buffer = _opened(stream)
    yield from _to_its_end(buffer, _members(buffer, lists, looks))


def _members(buffer: Buffer, lists: Collection[str], looks: Looks) -> Generator[Item | Broken, None, bool]:
    """True if the object is closed."""
    buffer.next_byte()
    buffer.skip(1)
    sought = re.compile(rb'"(' + b"|".join(name.encode() for name in lists) + rb')"\s*:\s*\[')
    while (byte := buffer.next_byte()) not in (b"}", b""):
        if byte == b",":
            buffer.skip(1)
            continue
        name = _value(buffer) if byte == b'"' else _broken(buffer, "no name of a member")
        if isinstance(name, Broken) or buffer.next_byte() != b":":
            broken = name if isinstance(name, Broken) else _broken(buffer, "no colon after a name")
            yield _to_a_list(buffer, sought, broken)
            continue
        buffer.skip(1)
        if buffer.next_byte() == b"[" and name in lists:
            buffer.skip(1)
            yield from _elements(buffer, name, looks)
            continue
        value = _value(buffer)
        if isinstance(value, Broken):
            yield _to_a_list(buffer, sought, value)
        else:
            yield Item(name, 0, value)
    buffer.skip(1)
    return byte == b"}"


def _opened(stream: Readable) -> Buffer:
    buffer = Buffer(stream)
    buffer.hold(len(BOM))
    buffer.skip(len(BOM) if buffer.held.startswith(BOM) else 0)
    return buffer


def _elements(buffer: Buffer, name: str, looks: Looks) -> Generator[Item | Broken, None, bool]:
    """Values up to the end of the list, or of the document; true if it is that of the list."""
    number = 0
    while (byte := buffer.next_byte()) not in (b"]", b""):
        if byte in (
            b",",
            b"\x1e",
        ):  # a record separator stands before each value of a JSON sequence (RFC 7464)
            buffer.skip(1)
            continue
        value = _value(buffer)
        if isinstance(value, Broken):
            value = _to_an_element(buffer, looks, value)
            yield value
            continue
        yield Item(name, number, value)
        number += 1
    buffer.skip(1)
    return byte == b"]"


def _value(buffer: Buffer) -> Any:
    """The next value, decoded; `Broken` if it is damaged or too long."""
    while True:
        view, end, problem = buffer.view(), None, ""
        try:
            msgspec.json.decode(view, type=msgspec.Raw)
            end = len(view) if buffer.ended else None
            problem = "truncated"
        except msgspec.DecodeError as err:
            problem = str(err)
            end = value_at(view, problem)
        except RecursionError as err:
            return _broken(buffer, str(err))
        if end is not None:
            return _decoded(buffer, end)
        if "truncated" not in problem:
            return _broken(buffer, problem)
        if len(view) > limits.MOST_HELD_BYTES:
            return _too_long(buffer)
        # All is held at the end, and a last value without anything after it is whole.
        if not buffer.more() and value_at(buffer.view()) is None:
            return _broken(buffer, "it ends inside a value")


def _decoded(buffer: Buffer, end: int) -> Any:
    raw = bytes(buffer.view()[:end])
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        try:
            value = json.loads(raw.decode("utf-8", "surrogateescape"), strict=False)
        except (ValueError, RecursionError) as err:
            return _broken(buffer, str(err))
    except RecursionError as err:
        return _broken(buffer, str(err))
    buffer.skip(end)
    return value


def _too_long(buffer: Buffer) -> Broken:
    position = buffer.position
    cut = passed_over(buffer, None)
    detail = cut.why if isinstance(cut, Damaged) and cut.why else ""
    return Broken(
        position, cut.size_bytes, detail or f"a value of more than {limits.MOST_HELD_BYTES >> 20} MiB"
    )


def _broken(buffer: Buffer, why: str) -> Broken:
    return Broken(buffer.position, 0, why)


def _to_an_element(buffer: Buffer, looks: Looks, broken: Broken) -> Broken:
    """Stand at the next value that looks right, or at the end."""
    if buffer.position != broken.position:  # it was passed over whole
        return broken
    tried, at = 0, buffer.at
    while True:
        waits = False
        for found in _CANDIDATE.finditer(buffer.held, at):
            right, cost = stands_there(
                memoryview(buffer.held)[found.end() :], lambda value: looks(msgspec.json.decode(value))
            )
            tried += cost
            if right:
                buffer.at = found.end()
                return broken._replace(size_bytes=buffer.position - broken.position)
            if right is None and not buffer.ended and cost <= limits.MOST_HELD_BYTES:
                at, waits = found.start(), True
                break
            at = found.end()
            if tried > MOST_TRIED_BYTES:
                return _to_the_end(buffer, broken, "; the rest was not looked into")
        if not waits:
            at = max(at, len(buffer.held) - 1)
        if len(buffer.held) - buffer.at > limits.MOST_HELD_BYTES:
            buffer.at = at
        passed = buffer.passed
        grew = buffer.more()
        at -= buffer.passed - passed
        if not grew and not waits:
            return _to_the_end(buffer, broken, "")


def _to_a_list(buffer: Buffer, sought: "re.Pattern[bytes]", broken: Broken) -> Broken:
    """Stand at the name of the next member that is a list to be walked, or at the end."""
    while True:
        found = sought.search(buffer.held, buffer.at + 1)
        if found:
            buffer.at = found.start()
            return broken._replace(size_bytes=buffer.position - broken.position)
        buffer.at = max(buffer.at, len(buffer.held) - 256)
        if not buffer.more():
            return _to_the_end(buffer, broken, "")


def _to_the_end(buffer: Buffer, broken: Broken, more: str) -> Broken:
    buffer.to_the_end()
    return broken._replace(size_bytes=buffer.position - broken.position, why=broken.why + more)
