"""Reads HAR 1.2 as browsers, proxies and scripts really write it.

http://www.softwareishard.com/blog/har-12-spec/ says what should be there; little of it can be relied upon.
The document is cut into raw entries first, so that each is decoded by itself and a bad one is one gap.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import msgspec

from hometruth.capture.drops import never_recorded
from hometruth.capture.har import buffer as limits
from hometruth.capture.har.entry import Entry, Outgoing, Request, text_of
from hometruth.capture.har.exchange import exchange_of, is_deaf
from hometruth.capture.har.loose import loose
from hometruth.capture.har.salvage import Damaged, Skipped
from hometruth.capture.har.stream import Cut, Log, Other, stream_entries
from hometruth.capture.reader import CaptureFile, OtherFormatError, Reader, Start
from hometruth.capture.unpacked import damage_of
from hometruth.capture.url import NotOnTheWire
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap, GapKind

UNKNOWN_SHOWN = 20
"""Names of fields listed in one gap; recorders that write hundreds of their own exist."""
LOG_FIELDS = frozenset({"version", "creator", "browser", "pages", "entries", "comment", "_tlsErrors"})
"""What stands in a log besides what was recorded, and what is read of it."""
_SECRETS = re.compile(rb'"name"\s*:\s*"(?i:cookie|set-cookie|authorization)"')
_CALL = re.compile(rb"[\w$.]+\s*\(\s*\{")


def read_har(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Exchanges of HAR documents, in their order; whatever cannot be read is a gap.

    Raises:
        CaptureError: If there is no HAR in it.
    """
    reading = _HarReading(file)
    held: list[Gap] = []
    with file.open() as stream:
        for cut in stream_entries(stream):
            for item in reading.items(cut):
                if isinstance(item, Gap) and not reading.is_har:
                    held.append(item)
                    continue
                yield from held
                held.clear()
                yield item
        if not reading.is_har:
            raise _none(file.name, reading.others, held, damage_of(stream))
    yield from reading.left()


def _none(name: str, others: list[Other], held: list[Gap], damage: str | None) -> CaptureError:
    """Why a file that begins like JSON is no HAR."""
    if held:
        why = damage or held[0].detail
        return CaptureError(f"{name}: starts like HAR, but is broken JSON, and no entry is whole ({why})")
    if len(others) > 1:
        return OtherFormatError(
            f"{name}: is {len(others)} values of JSON, but not HAR: none of them is an entry"
        )
    return OtherFormatError(f"{name}: is JSON, but not HAR: it has no log.entries")


@dataclass
class _HarReading:
    """What is known of a file while it is read."""

    file: CaptureFile
    index: int = 0
    is_har: bool = False
    """Something in it was whole, and HAR."""
    has_secrets: bool = False
    """A header with a cookie or an authorization was seen."""
    others: list[Other] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    first_unknown: int = 0

    def __post_init__(self) -> None:
        if PurePath(self.file.name).name.endswith("trace.network"):
            self.file.maker.recorder = "Playwright (trace)"
        self.decoder = msgspec.json.Decoder(Entry if self.file.responses else Outgoing)

    def items(self, cut: Cut) -> Iterator[Exchange | Gap]:
        """What one piece of the file comes to."""
        match cut:
            case Log():
                self.is_har = True
                self.file.maker.recorder = _creator(cut.facts) or self.file.maker.recorder
                yield from gaps_of_log(
                    cut.facts, self.file.name, n_entries=self.index, secrets=self.has_secrets
                )
                if strange := [
                    *(f"log.{name}" for name in cut.facts.keys() - LOG_FIELDS),
                    *cut.beside,
                ]:
                    detail = (
                        f"fields that no recorder known to us writes, not looked into: {_listed(strange)}"
                    )
                    yield Gap(GapKind.UNREADABLE, f"{self.file.name}, beside its entries", detail)
            case Other():
                self.others.append(cut)
            case Damaged():
                yield from self._damaged(cut)
            case Skipped():
                self.is_har = True
                yield from self._skipped(cut)
            case _:
                self.is_har = True
                yield from self._entry(cut)

    def left(self) -> Iterator[Gap]:
        """What is to be said of the file as a whole."""
        if self.unknown:
            told = _listed(f"{name} ({times}x)" for name, times in self.unknown.items())
            detail = f"fields that no recorder known to us writes, not looked into: {told}"
            yield Gap(GapKind.UNREADABLE, f"{self.file.name}, entry {self.first_unknown}", detail)
        if self.others:
            first = f"the first at byte {self.others[0].position:,}"
            detail = f"{len(self.others)} values that are neither HAR nor an entry of it, {first}"
            size = sum(other.size_bytes for other in self.others)
            yield Gap(GapKind.UNREADABLE, self.file.name, detail, size_bytes=size)

    def _entry(self, raw: msgspec.Raw | object) -> Iterator[Exchange | Gap]:
        where = f"{self.file.name}, entry {self.index}"
        size = len(raw) if isinstance(raw, msgspec.Raw) else None
        index = self.index
        self.index += 1
        try:
            if isinstance(raw, msgspec.Raw) and not self.has_secrets:
                self.has_secrets = _SECRETS.search(raw) is not None
            entry, unknown = self._decoded(raw)
            del raw
            exchange, lost = exchange_of(entry, self.file.name, index, self.file.beside)
            deaf = is_deaf(entry, exchange)
            del entry  # it may be large, and the exchange is used for a while
        except NotOnTheWire as err:
            yield Gap(GapKind.NOT_HTTP, where, str(err), size_bytes=err.size_bytes)
            return
        except (msgspec.MsgspecError, ValueError, RecursionError) as err:
            yield Gap(GapKind.UNREADABLE, where, f"a damaged entry: {err}", size_bytes=size)
            return
        if unknown and not self.unknown:
            self.first_unknown = index
        self.unknown.update(unknown)
        yield exchange
        if deaf:
            detail = "a WebSocket, and the recorder kept no message of it"
            yield Gap(GapKind.NOT_RECORDED, where, detail, exchange=exchange.id, host=exchange.host)
        for detail in lost:
            yield Gap(GapKind.UNREADABLE, where, detail, exchange=exchange.id, host=exchange.host)

    def _decoded(self, raw: msgspec.Raw | object) -> tuple[Outgoing, list[str]]:
        if not isinstance(raw, msgspec.Raw):
            return loose(raw, self.decoder.type)
        try:
            return self.decoder.decode(raw), []
        except (msgspec.MsgspecError, UnicodeDecodeError):
            pass
        try:
            value = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            value = json.loads(bytes(raw).decode("utf-8", "surrogateescape"), strict=False)
        return loose(value, self.decoder.type)

    def _skipped(self, cut: Skipped) -> Iterator[Exchange | Gap]:
        index = self.index
        where = f"{self.file.name}, entry {index}"
        most = f"more than {limits.MOST_HELD_BYTES >> 20} MiB"
        exchange = self._from_request(cut.request)
        if exchange is not None:
            yield exchange
            detail = cut.why or f"an entry of {most}: its request was read, its response was not"
        else:
            detail = cut.why or f"an entry of {most} is not read"
        self.index = index + 1
        yield Gap(GapKind.BUDGET, where, detail, size_bytes=cut.size_bytes)

    def _damaged(self, cut: Damaged) -> Iterator[Exchange | Gap]:
        where = f"{self.file.name}, entry {self.index}"
        exchange = self._from_request(cut.request)
        kept = ""
        if exchange is not None:
            self.is_har = True
            self.index += 1
            kept = "; the request of the entry was read"
            yield exchange
        detail = f"damaged at byte {cut.position:,}: {cut.why}{kept}"
        yield Gap(GapKind.UNREADABLE, where, detail, size_bytes=cut.size_bytes)

    def _from_request(self, raw: bytes | None) -> Exchange | None:
        """An exchange from the request alone, if that is sound."""
        if raw is None:
            return None
        try:
            request = msgspec.json.decode(raw, type=Request)
            return exchange_of(Outgoing(request), self.file.name, self.index, self.file.beside)[0]
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None


def _listed(names: Iterable[str]) -> str:
    ordered = sorted(names)
    more = f" and {len(ordered) - UNKNOWN_SHOWN} more" if len(ordered) > UNKNOWN_SHOWN else ""
    return ", ".join(ordered[:UNKNOWN_SHOWN]) + more


def _is_har(start: Start) -> bool:
    return start.text.startswith(b"{") or _CALL.match(start.text) is not None


HAR = Reader("HAR 1.2", (".har",), _is_har, read_har)
CHROME = "WebInspector"
"""What Chromium's developer tools call themselves."""
SANITISED = (
    "no cookie and no authorization anywhere: Chrome takes them out of a HAR unless its settings allow "
    "sensitive data; silence about them means nothing"
)
"""Since version 130: https://developer.chrome.com/blog/new-in-devtools-130#har"""


def gaps_of_log(facts: dict[str, Any], file: str, *, n_entries: int, secrets: bool) -> Iterator[Gap]:
    """Gaps that the log itself tells of: connections that were refused, and what the export left out."""
    creator = facts.get("creator")
    name = text_of(creator.get("name")) if isinstance(creator, dict) else ""
    if name == CHROME and n_entries and not secrets:
        yield never_recorded(file, SANITISED)
    refused = facts.get("_tlsErrors")
    for number, error in enumerate(refused if isinstance(refused, list) else ()):
        yield _refused(error if isinstance(error, dict) else {}, f"{file}, _tlsErrors[{number}]")


def _creator(facts: dict[str, Any]) -> str:
    """Who says it wrote the document, with version."""
    creator = facts.get("creator")
    if not isinstance(creator, dict):
        return ""
    return f"{text_of(creator.get('name'))} {text_of(creator.get('version'))}".strip()


def _refused(error: dict[str, Any], where: str) -> Gap:
    """HTTP Toolkit's note of a client that did not accept its certificate."""
    host = text_of(error.get("hostname") or error.get("upstreamHostname")).lower() or None
    cause = text_of(error.get("cause")) or "no reason given"
    return Gap(GapKind.REFUSED_TLS, where, f"no TLS connection with the client: {cause}", host=host)
