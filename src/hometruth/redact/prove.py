"""The proof: the twin is searched for every form of every removed value, through every layer there is."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hometruth.audit.crew import Crew
from hometruth.audit.examine import Examined
from hometruth.audit.scan import Tally
from hometruth.audit.scanner import EVERYBODY, Scanner
from hometruth.capture import read_capture
from hometruth.model import Canary, Exchange, Gap, GapKind, Part, Sighting, Source

CHUNK_BYTES = 1 << 16
"""Of a text that is no recording, searched at a time; the next begins a little before the end of it."""
OVERLAP_BYTES = 1 << 10


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


def prove(
    items: Iterable[Exchange | Gap],
    sought: Sequence[Canary],
    salts: Sequence[str],
    *,
    jobs: int | None = None,
) -> Searched:
    """Search exchanges, answers too."""
    tally = Tally()
    remains: list[Remains] = []
    answers: list[Sighting] = []
    scanner = Scanner(tuple(sought), tuple(salts), answers_of=EVERYBODY)
    with Crew(scanner, jobs=jobs) as crew:
        for item in crew.examine(items):
            tally.take(item)
            answers += item.answers if isinstance(item, Examined) else ()
    scanned = tally.scanned()
    for row in scanned.rows:
        remains.append(Remains(row.canary, row.capture, row.entry, Part(row.part), row.path, row.form))
        remains += (
            Remains(
                row.canary,
                row.capture,
                int(piece.exchange.split(":")[0]),
                Part(piece.part),
                piece.path,
                "in pieces",
            )
            for piece in row.pieces
        )
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
        scanned.totals.exchanges,
        scanned.totals.searched_bytes,
    )


def exchanges_in(data: bytes, name: str) -> Iterator[Exchange | Gap]:
    """What a twin holds, as every command reads it."""
    return read_capture(data, name=name) if data else iter(())


def text_exchanges(data: bytes, name: str) -> Iterator[Exchange]:
    """A text that is no recording, as if it had been sent in bodies, piece by piece."""
    for index, start in enumerate(range(0, max(1, len(data)), CHUNK_BYTES - OVERLAP_BYTES)):
        yield Exchange(
            id=f"{name}:{index}",
            source=Source(name, index),
            method="POST",
            scheme="https",
            host="twin.example",
            port=443,
            target=b"/",
            request_headers=(),
            request_body=data[start : start + CHUNK_BYTES],
        )


_INSIDE = re.compile(r"[.\[\s?]")


def header_of(remains: Remains) -> str:
    """Name of the header that it stands in; empty elsewhere."""
    return _INSIDE.split(remains.path)[0] if remains.part is Part.HEADER else ""
