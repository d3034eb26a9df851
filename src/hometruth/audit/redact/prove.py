"""The proof: the twin is searched for every form of every removed value, through every layer there is."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hometruth.audit.crew import Crew
from hometruth.audit.examine import Examined
from hometruth.audit.redact.left_out import LeftOut
from hometruth.audit.scan import Tally
from hometruth.audit.scanner import EVERYBODY, Scanner
from hometruth.model import Canary, Exchange, Gap, GapKind, Part, Sighting, Source
from hometruth.peel import peel_answer, peel_exchange

CHUNK_BYTES = 1 << 16
"""Of a text that is no recording, searched at a time, to the end of a line; the next begins lines earlier."""
OVERLAP_BYTES = 1 << 10
BESIDE = "beside the requests"
"""Stands as the file of what no reader takes for an exchange."""
IN_PIECES = "a value in pieces"
"""Stands as the form of each of them."""
_JOINED = "messages of "
"""Stands before the file, where messages are searched as if they had been one."""
_NUMBER = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Remains:
    """A removed value that is still there."""

    canary: str
    file: str
    entry: int
    part: Part
    path: str
    form: str


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search of the twin came to."""

    remains: tuple[Remains, ...]
    phantoms: int
    """Sightings of values that nobody planted: then the search invents, and proves nothing."""
    limits: tuple[Gap, ...]
    """What limits of the search kept from being searched."""
    opaque_bytes: int
    """Bytes that no layer opens."""
    exchanges: int
    searched_bytes: int

    def plus(self, other: "Searched") -> "Searched":
        """Both searches as one."""
        return Searched(
            (*self.remains, *other.remains),
            self.phantoms + other.phantoms,
            (*self.limits, *other.limits),
            self.opaque_bytes + other.opaque_bytes,
            self.exchanges + other.exchanges,
            self.searched_bytes + other.searched_bytes,
        )


NOTHING_SEARCHED = Searched((), 0, (), 0, 0, 0)


def prove(
    items: Iterable[Exchange | Gap],
    sought: Sequence[Canary],
    salts: Sequence[str],
    *,
    jobs: int | None = None,
    short: bool = True,
) -> Searched:
    """Search exchanges, answers too.

    Args:
        short: Count digests of 32 bits. Thousands of values meet those by chance in a long text.
    """
    scanner = Scanner(tuple(sought), tuple(salts), answers_of=EVERYBODY)
    tally = Tally(scanner)
    remains: list[Remains] = []
    answers: list[Sighting] = []
    n_made = 0
    with Crew(scanner, jobs=jobs) as crew:
        for item in crew.examine(_with_joined(items)):
            tally.take(item)
            n_made += isinstance(item, Examined) and item.exchange.source.file.startswith((BESIDE, _JOINED))
            answers += item.answers if isinstance(item, Examined) else ()
    scanned = tally.scanned()
    whole = {(row.canary, row.capture, row.entry) for row in scanned.rows if not row.pieces}
    for row in scanned.rows:
        if row.chance is not None and not short:
            continue
        if row.capture.startswith(_JOINED):
            file = row.capture.removeprefix(_JOINED)
            if (row.canary, file, row.entry) not in whole:
                remains.append(Remains(row.canary, file, row.entry, Part.MESSAGE, "", IN_PIECES))
            continue
        form = IN_PIECES if row.pieces else row.form
        remains.append(Remains(row.canary, row.capture, row.entry, Part(row.part), row.path, form))
        for piece in row.pieces:
            number, _, of = piece.exchange.partition(":")
            file = BESIDE if of == BESIDE else row.capture
            remains.append(Remains(row.canary, file, int(number), Part(piece.part), piece.path, IN_PIECES))
    for seen in answers:
        source = seen.exchange.source
        if not seen.canary.phantom:
            remains.append(
                Remains(
                    seen.canary.id, source.file, source.index, Part.ANSWER, seen.value.path, seen.form.name
                )
            )
    return Searched(
        tuple(remains),
        len(scanned.phantoms) + sum(seen.canary.phantom for seen in answers),
        tuple(gap for gap in scanned.gaps if gap.kind is GapKind.BUDGET),
        sum(gap.size_bytes or 0 for gap in scanned.gaps if gap.kind is GapKind.OPAQUE),
        scanned.totals.exchanges - n_made,
        scanned.totals.searched_bytes,
    )


def _with_joined(items: Iterable[Exchange | Gap]) -> Iterator[Exchange | Gap]:
    """All of them, and after each exchange what its messages of one direction say together."""
    for item in items:
        yield item
        if isinstance(item, Exchange) and len(item.messages) > 1:
            for number, data in enumerate(_joined(item)):
                source = replace(item.source, file=f"{_JOINED}{item.source.file}")
                made = as_sent(data, source.file, number)
                yield replace(made, id=f"{item.source.index}:{number}:{source.file}", source=source)


def _joined(exchange: Exchange) -> Iterator[bytes]:
    """What stands at one place of message after message, through every wrapping, as one text: a value may be
    cut into several, before or after it was wrapped. Places are one if they differ in a number, too."""
    streams: dict[tuple[object, ...], list[bytes]] = defaultdict(list)
    for peeled in (peel_exchange(exchange), peel_answer(exchange)):
        for value in peeled.values:
            if value.part is Part.MESSAGE or value.name.startswith("message ["):
                way = tuple((step.layer, step.label) for step in value.steps)
                numbered = tuple((layer, _NUMBER.sub("", label)) for layer, label in way)
                for each in {way, numbered}:
                    streams[value.part, *each].append(value.data)
    for told in dict.fromkeys(b"".join(pieces) for pieces in streams.values() if len(pieces) > 1):
        yield from _in_chunks(told)


def _in_chunks(data: bytes) -> Iterator[bytes]:
    """The data in parts that can be opened at once; each begins a little before the end of the one before."""
    for start in range(0, len(data), CHUNK_BYTES - OVERLAP_BYTES):
        yield data[start : start + CHUNK_BYTES]


def text_exchanges(data: bytes, name: str) -> Iterator[Exchange]:
    """A text that is no recording, as if it had been sent in bodies: no line is cut, for it may be packed."""
    start = index = 0
    while start < len(data):
        end = data.find(b"\n", start + CHUNK_BYTES) + 1 or len(data)
        yield as_sent(data[start:end], name, index)
        earlier = data.rfind(b"\n", start, end - OVERLAP_BYTES) + 1
        start = end if end == len(data) or not earlier else earlier
        index += 1


def as_sent(data: bytes, name: str, index: int) -> Exchange:
    """Bytes as if they had been sent."""
    return Exchange(
        id=f"{index}:{name}",
        source=Source(name, index),
        method="POST",
        scheme="https",
        host="twin.example",
        port=443,
        target=b"/",
        request_headers=(),
        request_body=data,
    )


_INSIDE = re.compile(r"[.\[\s?]")


def sight(left: LeftOut, remains: Remains) -> bool:
    """Note where something removed still stands, so that it is left out; False if that was known."""
    if remains.file == BESIDE:
        return left.sight_beside(remains.entry)
    header = _INSIDE.split(remains.path)[0] if remains.part is Part.HEADER else ""
    return left.sight(remains.entry, remains.part, header)
