"""Reads Fiddler's session archives (.saz): a zip with a request, an answer and notes of each session.

As its own archives show: raw/N_c.txt is what the client sent, raw/N_s.txt what the server answered,
raw/N_m.xml holds times and flags, raw/N_w.txt WebSocket frames, each behind a head of its own with its length
and direction. What follows the head of a CONNECT is Fiddler's own description of the tunnel: never sent.
"""

import html
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO

from hometruth.capture.byte_stream import seekable, take
from hometruth.capture.har.exchange import nanoseconds
from hometruth.capture.raw_http import asked_of, exchange_of, lost, split_answer, split_message
from hometruth.capture.reader import CaptureFile, Reader, Start
from hometruth.capture.rows import InOrder
from hometruth.capture.zip_file import damage_gap
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap, GapKind, Sender, Source
from hometruth.zip_archive import BROKEN_ZIP, ZipArchive, ZipMember

_NAME = re.compile(r"(?:^|/)raw/0*(\d{1,9})_([csmw])\.(?:txt|xml)$", re.IGNORECASE)
_BEGUN = re.compile(rb'ClientBeginRequest="([^"]{1,60})"')
_FLAG = re.compile(rb'<SessionFlag\s+N="([^"]{1,80})"\s+V="([^"]{0,2000})"')
_MAKER = re.compile(rb"Fiddler[^\r\n]{0,60}?\(v?([0-9.]+)\)|Fiddler (?:Everywhere )?v?([0-9.]+)")
_FRAME = re.compile(
    rb"\s*(?P<side>Request|Response)-Length: (?P<size>\d{1,10})\r\n(?P<told>(?:[^\r\n]+\r\n)*)\r\n"
)
_FLAGS = re.compile(rb"(?m)^BitFlags: (\d{1,9})\r$")
_READ_AT = re.compile(rb"(?m)^DoneRead: ([^\r\n]{1,60})\r$")
MADE_BY_FIDDLER = 2
"""Flag of a frame that nobody but Fiddler sent."""
BESIDE = {"s": "answer", "m": "notes", "w": "WebSocket frames"}
MOST_MEMBER_BYTES = 48 << 20
"""Of one request or answer; more is not read."""
MOST_HEAD_BYTES = 1 << 16
"""Read of an answer of which only the head is asked for."""


def read_saz(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Exchanges of an archive, in the order of their numbers.

    Raises:
        CaptureError: If it is damaged as a whole.
    """
    file.maker.recorder = "Fiddler"
    with file.open() as stream, seekable(stream, file.name) as source:
        file.maker.recorder = _maker(source)
        try:
            archive = ZipArchive(source)
        except BROKEN_ZIP as err:
            raise CaptureError(f"{file.name}: is a Fiddler archive that cannot be read: {err}") from err
        sessions: dict[int, dict[str, ZipMember]] = defaultdict(dict)
        # Last, those of two names, of which one is damaged and may be another's.
        for member in sorted(archive.members, key=lambda each: len(each.names)):
            names = [*filter(None, map(_NAME.search, member.names))]
            free = (name for name in names if name[2].lower() not in sessions[int(name[1])])
            if (name := next(free, None)) is not None:
                sessions[int(name[1])][name[2].lower()] = member
            elif names:
                yield Gap(
                    GapKind.UNREADABLE, file.name, f"{member.name} is a second one of its session: not read"
                )

        def content(session: _Files, kind: str, most_bytes: int) -> bytes:
            if kind not in session:
                return b""
            with archive.open(session[kind]) as stream:
                return take(stream, most_bytes)

        exchanges = InOrder(file)
        for number in sorted(sessions):
            yield from _session(file, sessions[number], number, exchanges, content)
        yield from damage_gap(archive, file.name)


def _maker(stream: BinaryIO) -> str:
    """Fiddler says who it is in the archive's own comment, at its end."""
    stream.seek(0, 2)
    size = stream.tell()
    stream.seek(max(0, size - 300))
    found = _MAKER.search(stream.read(300))
    stream.seek(0)
    return f"Fiddler {(found[1] or found[2]).decode()}" if found else "Fiddler"


_Files = Mapping[str, ZipMember]
Content = Callable[[_Files, str, int], bytes]
"""The first bytes of a file of a session, by its kind."""


def _session(
    file: CaptureFile,
    session: _Files,
    number: int,
    exchanges: InOrder,
    content: Content,
) -> Iterator[Exchange | Gap]:
    where = f"{file.name}, session {number}"
    try:
        sent = content(session, "c", MOST_MEMBER_BYTES + 1)
    except BROKEN_ZIP as err:
        yield Gap(GapKind.UNREADABLE, where, f"a damaged session: {err}")
        return
    if not sent:
        yield Gap(GapKind.NOT_RECORDED, where, "what the client sent is not in the archive")
        return
    if len(sent) > MOST_MEMBER_BYTES:
        yield Gap(GapKind.BUDGET, where, "a request of which the end is not read")

    damaged: list[str] = []
    too_long: list[str] = []

    def beside(kind: str, most_bytes: int) -> bytes:
        try:
            data = content(session, kind, most_bytes + 1)
        except BROKEN_ZIP as err:
            damaged.append(f"the {BESIDE[kind]} of a session: {err}")
            return b""
        if len(data) > most_bytes and (kind == "w" or file.responses):
            too_long.append(f"the {BESIDE[kind]} of a session, of which the end is not read")
        return data[:most_bytes]

    def read(_: object, source: Source) -> Iterator[Exchange | Gap]:
        request = split_message(sent[:MOST_MEMBER_BYTES])
        notes = beside("m", MOST_MEMBER_BYTES)
        answer = beside("s", MOST_MEMBER_BYTES if file.responses else MOST_HEAD_BYTES)
        answered = split_answer(answer, responses=file.responses) if answer else None
        begun = _BEGUN.search(notes)
        exchange = exchange_of(
            request,
            answered,
            asked_of(request),
            source,
            started_ns=nanoseconds(begun[1].decode("latin-1")) if begun else None,
            sent_by=_sender(notes),
            responses=file.responses,
        )
        frames = beside("w", MOST_MEMBER_BYTES)
        exchange, problems = _with_messages(exchange, frames, responses=file.responses)
        yield exchange
        yield from lost(request, exchange, where, answered)
        for damage in damaged:
            yield Gap(GapKind.UNREADABLE, where, damage, exchange=exchange.id, host=exchange.host)
        for detail in too_long:
            yield Gap(GapKind.BUDGET, where, detail, exchange=exchange.id, host=exchange.host)
        for detail in problems:
            yield Gap(GapKind.UNREADABLE, where, detail, exchange=exchange.id, host=exchange.host)

    yield from exchanges.read(read, None, where, str(number))


def _with_messages(exchange: Exchange, frames: bytes, *, responses: bool) -> tuple[Exchange, list[str]]:
    """The exchange with the messages of its WebSocket, and in words what of them cannot be read."""
    if not frames:
        return exchange, []
    # Imported late: few sessions have frames, and every scan loads this file.
    from hometruth.capture.pcap.talk import Talk  # noqa: PLC0415
    from hometruth.capture.pcap.websocket import WebSocket  # noqa: PLC0415

    talk = Talk(answer_headers=list(exchange.response_headers))
    socket = WebSocket(talk, lambda _: None, answers=responses)
    at = n_made = 0
    while (head := _FRAME.match(frames, at)) and head.end() + int(head["size"]) <= len(frames):
        at = head.end() + int(head["size"])
        flags, read_at = _FLAGS.search(head["told"]), _READ_AT.search(head["told"])
        if flags and int(flags[1]) & MADE_BY_FIDDLER:
            n_made += 1
            continue
        time_ns = nanoseconds(read_at[1].decode("latin-1")) if read_at else None
        socket.add(head["side"] == b"Request", frames[head.end() : at], time_ns or 0)
    problems = [talk.error] if talk.error else []
    if left := len(frames[at:].strip()):
        problems.append(f"{left:,} bytes of its WebSocket are damaged: their messages are not read")
    if n_made:
        problems.append(f"{n_made} messages of its WebSocket were made by Fiddler itself: not looked into")
    return replace(exchange, messages=tuple(talk.messages)), problems


def _sender(notes: bytes) -> Sender | None:
    """The process, as Fiddler found out on Windows: ``chrome:1234``."""
    flags = {name.lower(): value for name, value in _FLAG.findall(notes)}
    process = html.unescape(flags.get(b"x-processinfo", b"").decode("utf-8", "replace")).rpartition(":")[0]
    return Sender(process, "Fiddler's process info") if process else None


def _sniff(start: Start) -> bool:
    return any((name := _NAME.search(member)) and name[2].lower() == "c" for member in start.members)


SAZ = Reader("Fiddler session archives", (".saz",), _sniff, read_saz)
