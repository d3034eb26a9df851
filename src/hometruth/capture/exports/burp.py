"""Reads what Burp Suite saves as XML: items of its history (``<items>``), or issues with their evidence.

Each request and answer is whole, in base64 unless that was unticked; what Burp wrote about the format
stands in the document type of its own files. No entity is expanded: what a foreign document type declares
is not looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from hometruth.capture.byte_stream import READ_BYTES, skip
from hometruth.capture.har.text import from_base64
from hometruth.capture.raw_http import RawMessage, asked_of, exchange_of, lost, split_answer, split_message
from hometruth.capture.reader import CaptureFile, Reader, Start
from hometruth.capture.rows import InOrder
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap, GapKind, Source

_ROOT = re.compile(rb"<(items|issues)\b[^>]{0,500}\bburpVersion=")
MOST_TEXT_CHARS = 96 << 20
"""Of one element; Burp does not save more of one message."""
FOREIGN = frozenset({"collaboratorEvent", "infiltratorEvent"})
"""Of an issue: what others asked of Burp's own server, which no app sent."""
PLACES = frozenset({"time", "url", "host", "port", "protocol", "path", "request", "response"})
_JAVA_TIME = re.compile(
    r"^(\w{3}) (\w{3}) (\d{1,2}) (\d\d:\d\d:\d\d) ([A-Za-z]{1,5}|[+-]\d\d:?\d\d) (\d{4})$"
)
ZONES = {
    **{"UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3},
    **{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7},
}
"""Hours from UTC of names that Java writes; the time of an item in another zone is not known."""


@dataclass
class _Element:
    """What an element holds, as far as it matters."""

    text: str = ""
    base64: bool = False
    ip: str = ""

    def data(self) -> bytes:
        """The bytes of a message.

        Raises:
            ValueError: If its base64 is damaged.
        """
        if not self.base64:
            return self.text.encode("utf-8", "surrogatepass")
        data = from_base64(self.text)
        if data is None:
            raise ValueError("its base64 is damaged")
        return data


@dataclass
class _Pair:
    """A request with its answer, and what the item or the issue around it says."""

    about: dict[str, _Element] = field(default_factory=dict)
    request: _Element | None = None
    response: _Element | None = None


class _Document:
    """Takes in a document piece by piece, and gives pairs as they end."""

    def __init__(self) -> None:
        from xml.parsers import expat  # noqa: PLC0415 (every scan loads this file)

        self.pairs: list[_Pair] = []
        self.version = ""
        self.too_long = 0
        self.foreign = 0
        self._about: dict[str, _Element] = {}
        self._pair: _Pair | None = None
        self._event = ""
        self._open: tuple[str, _Element, list[str], int] | None = None
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = self._entity

    def feed(self, data: bytes, *, last: bool) -> None:
        """The next bytes; ExpatError where they are no XML."""
        self._parser.Parse(data, last)

    @property
    def damaged_at(self) -> int:
        """The byte at which it is no XML."""
        return self._parser.ErrorByteIndex

    def taken(self) -> list[_Pair]:
        """Pairs that ended since it was asked."""
        pairs, self.pairs = self.pairs, []
        return pairs

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name:
            case _ if self._event:
                self.foreign += name == "requestresponse"
            case _ if name in FOREIGN:
                self._event = name
            case "items" | "issues":
                self.version = attributes.get("burpVersion", "")
            case "item":
                self._about, self._pair = {}, _Pair()
            case "issue":
                self._about = {}
            case "requestresponse":
                self._pair = _Pair()
            case _ if name in PLACES:
                element = _Element("", attributes.get("base64") == "true", attributes.get("ip", ""))
                self._open = name, element, [], 0

    def _text(self, data: str) -> None:
        if self._open:
            name, element, pieces, size = self._open
            size += len(data)
            if size <= MOST_TEXT_CHARS:
                pieces.append(data)
            elif size - len(data) <= MOST_TEXT_CHARS:
                self.too_long += 1
            self._open = name, element, pieces, size

    def _end(self, name: str) -> None:
        if name == self._event:
            self._event = ""
        elif self._open and self._open[0] == name:
            element = self._open[1]
            element.text = "".join(self._open[2])
            self._open = None
            if name == "request" and self._pair:
                self._pair.request = element
            elif name == "response" and self._pair:
                self._pair.response = element
            else:
                self._about[name] = element
        elif name in ("item", "requestresponse") and self._pair:
            self._pair.about = self._about
            self.pairs.append(self._pair)
            self._pair = None

    def _entity(self, *_: object) -> None:
        from xml.parsers import expat  # noqa: PLC0415 (every scan loads this file)

        raise expat.ExpatError("it declares entities, which no file of Burp does")


def read_burp(file: CaptureFile) -> Iterator[Exchange | Gap]:
    """Exchanges of a document, in its order.

    Raises:
        CaptureError: If it is none of Burp's after all.
    """
    document, exchanges = _Document(), InOrder(file)
    with file.open() as stream:
        for pairs, number in _pairs(stream, document, file):
            if isinstance(pairs, Gap):
                yield pairs
                continue
            file.maker.recorder = f"Burp Suite {document.version}".strip()
            yield from _exchange(file, pairs, exchanges, number)
    if document.foreign:
        detail = (
            f"{document.foreign} requests that Burp's own server received are no app's, and not looked into"
        )
        yield Gap(GapKind.UNREADABLE, file.name, detail)
    if document.too_long:
        detail = f"{document.too_long} messages are longer than {MOST_TEXT_CHARS >> 20} million characters"
        yield Gap(GapKind.BUDGET, file.name, f"{detail}; the rest of them was not read")


def _pairs(stream: BinaryIO, document: _Document, file: CaptureFile) -> Iterator[tuple[_Pair | Gap, int]]:
    from xml.parsers import expat  # noqa: PLC0415 (every scan loads this file)

    number = passed = blank = 0
    while True:
        data = stream.read(READ_BYTES)
        if not passed:  # XML must begin at once
            blank = len(data) - len(data.lstrip())
            data = data[blank:]
        problem = ""
        try:
            document.feed(data, last=not data)
        except expat.ExpatError as err:
            problem = str(err)
        for pair in document.taken():
            yield pair, number
            number += 1
        if problem:
            if not document.version and not number:
                raise CaptureError(f"{file.name}: starts like XML of Burp Suite, but is broken: {problem}")
            left = passed + len(data) + skip(stream, None) - document.damaged_at
            at = blank + document.damaged_at
            detail = f"damaged after item {number} (at byte {at:,}): {problem}; the rest was not read"
            yield Gap(GapKind.UNREADABLE, file.name, detail, size_bytes=left), number
            return
        if not data:
            return
        passed += len(data)


def _exchange(file: CaptureFile, pair: _Pair, exchanges: InOrder, number: int) -> Iterator[Exchange | Gap]:
    where = f"{file.name}, item {number}"
    if pair.request is None or not pair.request.text:
        yield Gap(GapKind.NOT_RECORDED, where, "an item without its request")
        return

    def read(_: object, source: Source) -> Iterator[Exchange | Gap]:
        assert pair.request
        request = split_message(pair.request.data())
        answer, damage = _answer(pair.response, responses=file.responses)
        about = pair.about
        asked = asked_of(request, _base(about))
        exchange = exchange_of(
            request,
            answer,
            asked,
            source,
            started_ns=_time(about["time"].text) if "time" in about else None,
            server_address=(about["host"].ip, asked.url.port)
            if "host" in about and about["host"].ip
            else None,
            responses=file.responses,
        )
        yield exchange
        yield from lost(request, exchange, where, answer)
        if damage:
            yield Gap(
                GapKind.UNREADABLE, where, f"its answer: {damage}", exchange=exchange.id, host=exchange.host
            )

    yield from exchanges.read(read, None, where)


def _answer(response: _Element | None, *, responses: bool) -> tuple[RawMessage | None, str]:
    """An answer, or why there is none to read."""
    if response is None or not response.text:
        return None, ""
    try:
        return split_answer(response.data(), responses=responses), ""
    except ValueError as err:
        return None, str(err)


def _base(about: dict[str, _Element]) -> str:
    """Scheme, host and port of an item or an issue; empty if it says none."""
    host = about["host"].text.strip() if "host" in about else ""
    if "://" in host:
        return host.rstrip("/")
    protocol = about["protocol"].text.strip().lower() if "protocol" in about else ""
    if not host or not protocol:
        return ""
    port = about["port"].text.strip() if "port" in about else ""
    host = f"[{host}]" if ":" in host else host
    return f"{protocol}://{host}:{port}" if port else f"{protocol}://{host}"


def _time(text: str) -> int | None:
    """``Sun Mar 31 19:58:09 CDT 2019``, as Java writes it, in nanoseconds since the epoch."""
    found = _JAVA_TIME.match(text.strip())
    if found is None or found[5].upper() not in ZONES:
        return None
    try:
        moment = datetime.strptime(
            f"{found[2]} {found[3]} {found[4]} {found[6]} +0000", "%b %d %H:%M:%S %Y %z"
        )
    except ValueError:
        return None
    seconds = int(moment.timestamp()) - ZONES[found[5].upper()] * 3600
    return seconds * 1_000_000_000


def _sniff(start: Start) -> bool:
    return start.text.startswith(b"<") and _ROOT.search(start.head) is not None


BURP = Reader("Burp Suite XML", (".xml",), _sniff, read_burp)
