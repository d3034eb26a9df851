"""Reads Fiddler's session archives (.saz): a zip with a request, an answer and notes of each session.

As its own archives show: raw/N_c.txt is what the client sent, raw/N_s.txt what the server answered,
raw/N_m.xml holds times and flags, raw/N_w.txt WebSocket messages. What follows the head of a CONNECT is
Fiddler's own description of the tunnel, and was never sent.
"""

import html
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import BinaryIO

from hometruth.capture.har.exchange import nanoseconds
from hometruth.capture.raw_http import asked_of, exchange_of, lost, split_answer, split_message
from hometruth.capture.reader import CaptureFile, Reader, Start
from hometruth.capture.rows import guarded
from hometruth.capture.zip_file import BROKEN_ZIP, open_zip, salvaged_gap, seekable
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap, GapKind, Sender, Source

_NAME = re.compile(r"(?:^|/)raw/0*(\d{1,9})_([csmw])\.(?:txt|xml)$", re.IGNORECASE)
_BEGUN = re.compile(rb'ClientBeginRequest="([^"]{1,60})"')
_FLAG = re.compile(rb'<SessionFlag\s+N="([^"]{1,80})"\s+V="([^"]{0,2000})"')
_MAKER = re.compile(rb"Fiddler[^\r\n]{0,60}?\(v?([0-9.]+)\)|Fiddler (?:Everywhere )?v?([0-9.]+)")
BESIDE = {"s": "answer", "m": "notes"}
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
    with file.open() as stream:
        try:
            source = seekable(stream, file.name)
            file.maker.recorder = _maker(source)
            with open_zip(source) as archive:
                sessions: dict[int, dict[str, zipfile.ZipInfo]] = defaultdict(dict)
                for entry in archive.infolist():
                    if (name := _NAME.search(entry.filename)) is not None:
                        sessions[int(name[1])][name[2].lower()] = entry
                yield from salvaged_gap(archive, file.name)

                def content(session: dict[str, zipfile.ZipInfo], kind: str, most_bytes: int) -> bytes:
                    if kind not in session:
                        return b""
                    with archive.open(session[kind]) as member:
                        return member.read(most_bytes)

                index = 0
                for number in sorted(sessions):
                    for item in _session(file, sessions[number], number, index, content):
                        index += isinstance(item, Exchange)
                        yield item
        except BROKEN_ZIP as err:
            raise CaptureError(f"{file.name}: is a Fiddler archive that cannot be read: {err}") from err


def _maker(stream: BinaryIO) -> str:
    """Fiddler says who it is in the archive's own comment, at its end."""
    stream.seek(0, 2)
    size = stream.tell()
    stream.seek(max(0, size - 300))
    found = _MAKER.search(stream.read(300))
    stream.seek(0)
    return f"Fiddler {(found[1] or found[2]).decode()}" if found else "Fiddler"


Content = Callable[[dict[str, zipfile.ZipInfo], str, int], bytes]


def _session(
    file: CaptureFile, session: dict[str, zipfile.ZipInfo], number: int, index: int, content: Content
) -> Iterator[Exchange | Gap]:
    where = f"{file.name}, session {number}"
    try:
        sent = content(session, "c", MOST_MEMBER_BYTES)
    except BROKEN_ZIP as err:
        yield Gap(GapKind.UNREADABLE, where, f"a damaged session: {err}")
        return
    if not sent:
        yield Gap(GapKind.NOT_RECORDED, where, "what the client sent is not in the archive")
        return
    entry = session["c"]
    if entry.file_size > MOST_MEMBER_BYTES:
        yield Gap(GapKind.BUDGET, where, "a request of which the end is not read", size_bytes=entry.file_size)

    damaged: list[str] = []

    def beside(kind: str, most_bytes: int) -> bytes:
        try:
            return content(session, kind, most_bytes)
        except BROKEN_ZIP as err:
            damaged.append(f"the {BESIDE[kind]} of a session: {err}")
            return b""

    def read(_: object, source: Source) -> Iterator[Exchange | Gap]:
        request = split_message(sent)
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
        yield exchange
        yield from lost(request, exchange, where, answered)
        for damage in damaged:
            yield Gap(GapKind.UNREADABLE, where, damage, exchange=exchange.id, host=exchange.host)
        if file.responses and "s" in session and session["s"].file_size > MOST_MEMBER_BYTES:
            detail = "an answer of which the end is not read"
            yield Gap(GapKind.BUDGET, where, detail, exchange=exchange.id, host=exchange.host)
        if "w" in session:
            detail = "WebSocket messages of a session, in a form that we have never seen: not read"
            yield Gap(GapKind.UNREADABLE, where, detail, exchange=exchange.id, host=exchange.host)

    yield from guarded(read, None, Source(file.name, index, str(number)), where)


def _sender(notes: bytes) -> Sender | None:
    """The process, as Fiddler found out on Windows: ``chrome:1234``."""
    flags = {name.lower(): value for name, value in _FLAG.findall(notes)}
    process = html.unescape(flags.get(b"x-processinfo", b"").decode("utf-8", "replace")).rpartition(":")[0]
    return Sender(process, "Fiddler's process info") if process else None


def _sniff(start: Start) -> bool:
    return any((name := _NAME.search(member)) and name[2].lower() == "c" for member in start.members)


SAZ = Reader("Fiddler session archives", (".saz",), _sniff, read_saz)
