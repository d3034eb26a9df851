"""Finds the next whole entry behind a damaged one, and what of the damaged one can still be read.

Damage can make a parser take text for structure as far as the file goes. So the next entry is not sought by
structure but by trial: an object of a list that is whole, and has a request with an address.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from hometruth.capture.har import buffer as limits
from hometruth.capture.har.buffer import Buffer

MOST_TRIED_BYTES = 512 << 20
"""Bytes parsed, in all trials after one damage, before the rest of the file is given up."""
_CANDIDATE = re.compile(rb"[,\[}]\s*(?=\{)")
"""An object follows a comma, opens a list, or was glued to another."""
_REQUEST = re.compile(rb'"request"\s*:\s*(?=\{)')
_FOLLOWS = re.compile(r"trailing characters \(byte (\d+)\)")
"""How msgspec says that a value ended, and where."""
_AT_BYTE = re.compile(r"\(byte (\d+)\)")
_IN_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_STRUCTURE = re.compile(rb'["{}\[\]]')


class Skipped(NamedTuple):
    """Stands for an entry that was passed over."""

    size_bytes: int
    why: str | None
    """None: it is too long."""
    request: bytes | None = None
    """Its request, if that is whole."""


class Damaged(NamedTuple):
    """Stands for a stretch of the document that holds no whole entry."""

    position: int
    size_bytes: int
    why: str
    request: bytes | None
    """Of the damaged entry, if that is whole."""


class _Request(msgspec.Struct):
    url: Any


class _Entry(msgspec.Struct):
    request: _Request


def value_at(view: memoryview, problem: str | None = None) -> int | None:
    """Where the JSON value ends that begins here; None if it is not whole, or not sound.

    Args:
        problem: What the parser said of it, if it was asked already.
    """
    if problem is None:
        try:
            msgspec.json.decode(view, type=msgspec.Raw)
        except (msgspec.DecodeError, RecursionError) as err:
            problem = str(err)
        else:
            return len(view)
    follows = _FOLLOWS.search(problem)
    return int(follows[1]) - 1 if follows else None  # bytes are counted from one there


def is_entry(view: memoryview) -> bool:
    """True if a whole entry begins here."""
    return bool(_is_entry(view)[0])


def next_entry(buffer: Buffer, why: str) -> Damaged:
    """Pass over damage; the buffer then stands at the next whole entry, or at the end."""
    position = buffer.position
    if (named := _AT_BYTE.search(why)) is not None:
        why = why.replace(named[0], f"(byte {position + int(named[1]) - 1:,})")
    request: bytes | None = None
    tried = 0
    at = buffer.at + (buffer.held[buffer.at : buffer.at + 1] != b"[")
    while True:
        waits = False
        for found in _CANDIDATE.finditer(buffer.held, at):
            whole, cost = _is_entry(memoryview(buffer.held)[found.end() :])
            tried += cost
            if whole or tried > MOST_TRIED_BYTES:
                request = request or request_in(buffer.held[buffer.at : found.end()])
                buffer.at = found.end()
                if not whole:
                    why += (
                        f"; more than {MOST_TRIED_BYTES >> 20} MiB were tried, the rest was not looked into"
                    )
                    buffer.to_the_end()
                return Damaged(position, buffer.position - position, why, request)
            waits = whole is None and not buffer.ended
            at = found.start() if waits else found.end()
            if waits:
                break
        if len(buffer.held) - buffer.at > limits.MOST_HELD_BYTES:
            request = request or request_in(buffer.held[buffer.at :])
            at, waits = at + 1, False
            buffer.at = at
        at -= buffer.at
        if not buffer.more() and not waits:
            request = request or request_in(buffer.held[buffer.at :])
            buffer.at = len(buffer.held)
            return Damaged(position, buffer.position - position, why, request)


def _is_entry(view: memoryview) -> tuple[bool | None, int]:
    return stands_there(view, lambda value: bool(msgspec.json.decode(value, type=_Entry)))


def stands_there(view: memoryview, is_right: Callable[[memoryview], bool]) -> tuple[bool | None, int]:
    """Whether a value that is right begins here, None if it is not all there; and how many bytes that took.

    Args:
        is_right: Told of the bytes of a whole value; it may raise what decoding raises.
    """
    try:
        msgspec.json.decode(view, type=msgspec.Raw)
        end: int | None = len(view)
    except msgspec.DecodeError as err:
        end = value_at(view, str(err))
        if end is None:
            at = _AT_BYTE.search(str(err))
            return (False, int(at[1])) if at else (None, len(view))
    except RecursionError:
        return False, 1000
    try:
        return is_right(view[:end]), end or 1
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False, end or 1


def request_in(entry: bytes) -> bytes | None:
    """The request of an entry that is not whole itself; None if the request is not whole either."""
    return _request_in(entry)[0]


def _request_in(entry: bytes) -> tuple[bytes | None, int]:
    """The same, and where it ends."""
    if (key := _REQUEST.search(entry)) is None:
        return None, 0
    view = memoryview(entry)[key.end() :]
    end = value_at(view)
    return (None, 0) if end is None else (bytes(view[:end]), key.end() + end)


def passed_over(buffer: Buffer, why: str | None) -> Skipped | Damaged:
    """Skip an entry without holding it; its request is kept, if it stands where it is still held."""
    request, until = _request_in(buffer.held[buffer.at :])
    position = buffer.position
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
                    return Skipped(size, why, request if until <= size else None)
        size += at - buffer.at
        buffer.at = at
        if not buffer.more():
            return Damaged(position, size, why or "it ends inside an entry", request)
