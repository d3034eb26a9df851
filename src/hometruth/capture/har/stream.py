"""Cuts HAR documents into their raw entries while they are read, so that memory holds one of them at a time.

Where an entry ends is the JSON parser's own word: it reads one value, and says where something follows.
Documents may follow one another, and entries may stand alone, one a line, as Playwright's traces have them.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from hometruth.capture.byte_stream import Readable
from hometruth.capture.har import buffer as limits
from hometruth.capture.har.buffer import Buffer
from hometruth.capture.har.entry import NOTHING
from hometruth.capture.har.salvage import (
    Damaged,
    Skipped,
    is_entry,
    next_entry,
    passed_over,
    request_in,
    value_at,
)

MOST_BEFORE_ENTRIES = 32 << 20
"""Bytes of pages, creator and comments that may stand before the entries, or after them."""
MOST_DECOYS = 1000
"""Lists called "entries" in pages and comments that are looked at, before there is none that counts."""
LIST = ord("[")
BOM = b"\xef\xbb\xbf"
LONGEST_CALL = 200
"""Bytes of the name that JSONP calls."""
_ENTRIES = re.compile(rb'"entries"\s*:\s*\[')
_CALL = re.compile(rb"[\w$.\[\]\"'=; ]*\(")
_TRUNCATED = "truncated"
_BAD_ESCAPE = re.compile(r'\\(["\\/bfnrt]|u[0-9a-fA-F]{4}|)')


class Log(NamedTuple):
    """What a document says besides its entries; comes after them."""

    facts: dict[str, Any]
    beside: tuple[str, ...] = ()
    """Names of what stands beside the log."""


class Other(NamedTuple):
    """A value that is neither a HAR document nor an entry."""

    position: int
    size_bytes: int


Cut = (
    msgspec.Raw
    | dict[str, Any]
    | list[Any]
    | str
    | int
    | float
    | bool
    | None
    | Skipped
    | Damaged
    | Log
    | Other
)
"""An entry as raw JSON, decoded where it is not clean JSON, or what stands in its place."""


class _Log(msgspec.Struct):
    entries: list[msgspec.Raw]
    creator: Any = None
    tls_errors: Any = msgspec.field(default=None, name="_tlsErrors")


class _Value(msgspec.Struct):
    """What a value of a stream may be: a HAR document, with or without the log around it, or an entry."""

    log: _Log | None = None
    entries: list[msgspec.Raw] | None = None
    request: msgspec.Raw = NOTHING
    snapshot: msgspec.Raw = NOTHING


def stream_entries(stream: Readable) -> Iterator[Cut]:
    """Entries in their order, and what is wrong between them; after each document what its log says."""
    buffer = Buffer(stream)
    buffer.hold(LONGEST_CALL)
    buffer.skip(len(BOM) if buffer.held.startswith(BOM) else 0)
    while first := buffer.next_byte():
        if first in b")]};,":  # after JSONP, between joined documents, behind damage
            buffer.skip(1)
            continue
        buffer.hold(LONGEST_CALL)
        if first == b"{":
            yield from _value(buffer)
        elif (call := _CALL.match(buffer.held, buffer.at, buffer.at + LONGEST_CALL)) is not None:
            buffer.at = call.end()
        else:
            yield next_entry(buffer, "is no JSON")


def _value(buffer: Buffer) -> Iterator[Cut]:
    """One value of the stream, at its opening brace."""
    buffer.hold(limits.READ_BYTES)
    end = value_at(buffer.view())
    if end is not None and (value := _small(buffer.view()[:end])) is not None:
        position, raw = buffer.position, buffer.view()[:end]
        buffer.skip(end)
        yield from _items(value, raw, position)
        return
    opening = _opening(buffer)
    if opening is None:
        yield from _lone(buffer)
    else:
        yield from _document(buffer, opening)


def _items(value: _Value, raw: memoryview, position: int) -> Iterator[Cut]:
    """What a whole value comes to."""
    if value.log is not None:
        yield from value.log.entries
        yield _log_of(value.log, raw)
    elif value.entries is not None:
        yield from value.entries
    elif value.request:
        yield msgspec.Raw(raw)
    elif value.snapshot and request_in(bytes(value.snapshot)) is not None:  # others are pictures of pages
        yield value.snapshot
    else:
        yield Other(position, len(raw))


def _log_of(log: _Log, raw: memoryview) -> Log:
    """What a whole document says besides its entries; what nobody asked for, undecoded."""
    try:
        document = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        facts: dict[str, Any] = dict(msgspec.json.decode(document.pop("log"), type=dict[str, msgspec.Raw]))
    except (
        msgspec.DecodeError,
        UnicodeDecodeError,
    ):  # of a field beside the entries, which were read: told like one unknown
        document, facts = {"a name that is no text": NOTHING}, {}
    facts |= {"creator": log.creator, "_tlsErrors": log.tls_errors}
    return Log(facts, tuple(document))


def _small(raw: memoryview) -> _Value | None:
    """A whole value; None if it must be read piece by piece, since its fields are none of HAR's types."""
    try:
        return msgspec.json.decode(raw, type=_Value)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _lone(buffer: Buffer) -> Iterator[Cut]:
    """A value in which no list of entries begins: an entry by itself, something else, or broken."""
    position = buffer.position
    match item := _entry(buffer):
        case msgspec.Raw() if (value := _small(memoryview(item))) is not None:
            yield from _items(value, memoryview(item), position)
        case Damaged() | Skipped() | {"request": _}:
            yield item
        case _:
            yield Other(position, buffer.position - position)


def _document(buffer: Buffer, opening: bytes) -> Iterator[Cut]:
    """The entries of a document, from the first on."""
    item: Cut = None
    while buffer.next_byte() not in (b"]", b""):
        if buffer.held[buffer.at] == LIST and is_entry(
            buffer.view()[1:]
        ):  # a damaged brace or comma before it
            yield (item := next_entry(buffer, "a list where an entry should be"))
            continue
        yield (item := _entry(buffer))
        if isinstance(item, Damaged):
            continue  # the buffer stands at the next whole one
        match buffer.next_byte():
            case b",":
                buffer.skip(1)
            case b"]" | b"":
                pass
            case _:
                yield next_entry(buffer, "what follows an entry is neither a comma nor the end")
    position = buffer.position
    buffer.hold(MOST_BEFORE_ENTRIES)
    rest = buffer.held[buffer.at :]
    if not rest and isinstance(item, Damaged):
        return
    if not rest:
        yield Damaged(position, 0, "it ends before its list of entries does", None)
        return
    text = (opening + rest).decode("utf-8", "surrogateescape")
    try:
        document, end = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError) as err:
        buffer.skip(len(rest))
        yield Damaged(position, len(rest), f"what follows the entries is damaged: {err}", None)
        return
    buffer.skip(len(text[:end].encode("utf-8", "surrogateescape")) - len(opening))
    log = document.get("log", document)
    beside = () if log is document else tuple(name for name in document if name != "log")
    yield Log(log if isinstance(log, dict) else {}, beside)


def _opening(buffer: Buffer) -> bytes | None:
    """The document up to its entries, which the buffer then stands at; None if it has none."""
    tried = buffer.at
    decoys = 0
    while True:
        for match in _ENTRIES.finditer(buffer.held, tried):
            opening = buffer.held[buffer.at : match.end()]
            if _are_entries(opening):
                buffer.at = match.end()
                return opening
            tried = match.end()
            decoys += 1
        before = buffer.at
        if len(buffer.held) - buffer.at > MOST_BEFORE_ENTRIES or decoys > MOST_DECOYS or not buffer.more():
            return None
        tried -= before


def _are_entries(opening: bytes) -> bool:
    """True if the list that opens at the end is ``log.entries``, and not one inside something else."""
    text = opening.decode("utf-8", "surrogateescape")
    for closing in ("]}}", "]}"):
        try:
            document = json.loads(text + closing, strict=False)
        except (ValueError, RecursionError):
            continue
        log = document.get("log") if closing == "]}}" else document
        return isinstance(log, dict) and "entries" in log
    return False


def _entry(buffer: Buffer) -> Cut:
    while True:
        view = buffer.view()
        try:
            msgspec.json.decode(view, type=msgspec.Raw)
            problem = _TRUNCATED if not buffer.ended else f"trailing characters (byte {len(view) + 1})"
        except msgspec.DecodeError as err:
            problem = str(err)
        except RecursionError as err:
            return passed_over(buffer, f"a damaged entry: {err}")
        if (end := value_at(view, problem)) is not None:
            if end > limits.MOST_HELD_BYTES:
                return passed_over(buffer, None)
            buffer.skip(end)
            return msgspec.Raw(view[:end])  # not copied, and soon decoded
        if _TRUNCATED not in problem:
            return _forgiven(buffer, problem)
        if len(view) > limits.MOST_HELD_BYTES:
            return passed_over(buffer, None)
        if not buffer.more():
            return next_entry(buffer, "it ends inside an entry")


def _forgiven(buffer: Buffer, problem: str) -> Cut:
    """An entry with faults that recorders write: bare control characters, NaN, escapes that JSON has not."""
    decoder = json.JSONDecoder(strict=False)
    while True:
        raw = buffer.held[buffer.at :].decode("utf-8", "surrogateescape")
        mended, doubled = _mended(raw)
        try:
            entry, end = decoder.raw_decode(mended)
        except (ValueError, RecursionError) as err:
            at_the_end = isinstance(err, json.JSONDecodeError) and (
                err.msg.startswith("Unterminated") or err.pos >= len(mended) - 8
            )
            if at_the_end and len(raw) < limits.MOST_HELD_BYTES and buffer.more():
                continue
            return next_entry(buffer, problem)
        end -= sum(1 for at in doubled if at < end)
        buffer.skip(len(raw[:end].encode("utf-8", "surrogateescape")))
        return entry  # type: ignore[no-any-return]


def _mended(text: str) -> tuple[str, list[int]]:
    """The text with a second backslash before each that escapes nothing, and where those stand."""
    doubled: list[int] = []

    def escape(match: re.Match[str]) -> str:
        if match[1]:
            return match[0]
        doubled.append(match.start() + len(doubled))
        return "\\\\"

    return _BAD_ESCAPE.sub(escape, text), doubled
