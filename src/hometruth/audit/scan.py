"""The scan: canaries in recordings, as rows and totals. A fold over examined exchanges."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import log2
from pathlib import Path
from typing import BinaryIO

from hometruth.audit.crew import Crew
from hometruth.audit.examine import Examined
from hometruth.audit.scanner import EVERYBODY, Scanner
from hometruth.canaries import Across, Words, chance_of_short, is_first_party, is_short, load_canaries, weigh
from hometruth.capture import (
    RemoteCapture,
    captures_in,
    captures_named,
    open_capture,
    read_capture,
    read_connections,
)
from hometruth.capture.connections import connections_file, scope_in_words
from hometruth.model import (
    LET_THROUGH,
    Canary,
    Gap,
    GapKind,
    OpaqueBytes,
    Receipt,
    ScanKnown,
    Scanned,
    ScanPiece,
    ScanRow,
    Sighting,
    Totals,
)
from hometruth.peel import LAYERS, Budget, Layer
from hometruth.recipients import receiver_of

UNREAD = LET_THROUGH | {GapKind.OPAQUE}
"""Gaps that are bytes which nobody could read."""

Capture = Path | bytes | BinaryIO | RemoteCapture
"""A path, the bytes of a recording, an open stream, or an address that is opened when it is read."""


def scan(
    *captures: Capture | str,
    canaries: Path | str | Iterable[Canary],
    salts: Iterable[str] = (),
    seed: int | None = None,
    layers: Iterable[Layer] = LAYERS,
    budget: Budget | None = None,
    jobs: int | None = None,
    keys: Path | None = None,
    answers: bool = False,
) -> Scanned:
    """Find canaries in recordings: what ``hometruth scan --json`` prints.

    Args:
        captures: Paths, folders, bytes or open streams.
        canaries: What to look for, or the path of a file that says it.
        salts: Digests with these are looked for, too.
        seed: What the phantoms are drawn from; the operating system's randomness by default.
        layers: Formats that are tried, in order.
        budget: Limits on examining one exchange.
        jobs: Processes; as many as there are cores by default.
        keys: A TLS key log, for packet captures.
        answers: Search answers, too: what one holds unasked, its sender knew.

    Raises:
        CanaryError: The file of canaries cannot be read, or makes no sense.
        CaptureError: A recording cannot be read.
    """
    if isinstance(canaries, (str, Path)):
        loaded = load_canaries(Path(canaries))
        canaries, salts = loaded.canaries, (*loaded.salts, *salts)
    scanner = Scanner(
        tuple(canaries),
        tuple(salts),
        layers=tuple(layers),
        budget=budget or Budget(),
        answers_of=EVERYBODY if answers else frozenset(),
    )
    if seed is not None:
        scanner = replace(scanner, seed=seed)
    tally = Tally(scanner, answers=answers)
    with Crew(scanner, jobs=jobs) as crew:
        for capture in captures_of(captures):
            for item in items_of(capture, crew, keys=keys, answers=answers):
                tally.take(item)
    return tally.scanned()


def captures_of(
    captures: Iterable[Capture | str], scopes: dict[str, tuple[str, ...]] | None = None
) -> Iterator[Capture | Gap]:
    """Captures given, and those in folders, in order; a gap for each file of a folder passed over.

    A text may also be a pattern (``*.har``), an address (``s3://…``), or ``-`` for standard input.

    Args:
        scopes: Gets what the recorder of a capture was told to look into, where that was noted beside it.
    """
    for capture in _each(captures):
        if scopes is not None and isinstance(capture, Path) and (scope := scope_in_words(capture)):
            scopes[str(capture)] = scope
        yield capture


def _each(captures: Iterable[Capture | str]) -> Iterator[Capture | Gap]:
    for capture in captures:
        if isinstance(capture, str):
            yield from captures_named(capture)
        elif isinstance(capture, Path) and capture.is_dir():
            yield from captures_in(capture)
        else:
            yield capture


def items_of(
    capture: Capture | Gap,
    crew: Crew,
    *,
    keys: Path | None = None,
    answers: bool = False,
    beside: list[Path] | None = None,
    every_word: bool = False,
) -> Iterator[Examined | Gap]:
    """Every exchange of a capture examined, and its gaps.

    Args:
        keys: A TLS key log, for a packet capture.
        answers: Read them, too.
        beside: Gets the files beside the capture that were read with it.
        every_word: Take any word of a canary for a piece of it, however many requests it stands in. Else
            what is common is counted beforehand, which reads a file twice; what is no file is read once.

    Raises:
        CaptureError: It cannot be read.
    """
    if isinstance(capture, Gap):
        yield capture
        return
    if isinstance(capture, Path):
        yield from read_connections(capture)  # what the recorder could not open, noted beside the file
    reading = open_capture(capture, responses=answers, keys=keys)
    common: Words = frozenset()
    if isinstance(capture, Path) and capture.is_file() and not every_word:
        count = crew.count_words(lambda: read_capture(capture, responses=False, keys=keys))
        common = count.common()
        yield from count.gaps(str(capture))
    yield from crew.examine(reading.items, common=common)
    if beside is not None and isinstance(capture, Path):
        notes = connections_file(capture)
        beside += [notes] if notes.exists() else []
        beside += [capture.parent / name for name in sorted(reading.kept_apart)]


class Tally:
    """Adds up what was examined; tallies of parts of a recording, made anywhere, add up to that of the whole.

    Args:
        scanner: What is looked for.
        keep: False to keep no rows, which are then those that `take` and `finish` give.
        answers: True if answers are looked into.
    """

    def __init__(self, scanner: Scanner, *, keep: bool = True, answers: bool = False) -> None:
        self._scanner = scanner
        self.totals = Totals()
        self.gaps: list[Gap] = []
        self.phantoms: list[ScanRow] = []
        self._keep = keep
        self._rows: list[ScanRow] = []
        self._short: dict[str, Canary] = {}
        """Canaries of which a digest of 32 bits was seen, by id."""
        self._across = Across(receiver_of, scanner.wanted)
        self.known: tuple[ScanKnown, ...] = ()
        """What answers hold that no request had carried there; known once it is finished."""
        self._answers = answers
        self._told: list[Sighting] = []
        """What requests hold, kept where answers are looked into."""
        self._held: list[Sighting] = []
        """What answers hold."""
        self._answer_bytes = 0

    def take(self, item: Examined | Gap) -> list[ScanRow]:
        """Count one exchange, or a gap; return what was found, weighed by what was searched until then."""
        if isinstance(item, Gap):
            self._miss([item])
            return []
        self._miss(item.gaps)
        self.totals += Totals(exchanges=1, searched_bytes=item.searched_bytes)
        self._across.add(item.parts, item.n_values)
        self._across.add_characters(item.characters, item.exchange)
        if self._answers:
            self._told += item.sightings
            self._held += item.answers
            self._answer_bytes += item.answer_bytes
        return self._count(item.sightings)

    def finish(self) -> list[ScanRow]:
        """Count what only several exchanges tell together; return it. To be called once, at the end."""
        across = self._across.sightings()
        rows = self._count(across)
        if self._held:
            # Imported late: a scan of requests does not pay for the table of organisations.
            from hometruth.audit.known import receipts_of  # noqa: PLC0415

            self._know(receipts_of(self._held, [*self._told, *across], self._answer_bytes))
            self._held = []
        self._miss(self._across.gaps())
        self._across = Across(receiver_of, self._scanner.wanted)
        return rows

    def update(self, other: "Tally") -> None:
        """Add what another tally counted, of exchanges after these; its pieces go with those of this one."""
        self.totals += other.totals
        self.gaps += other.gaps
        self.phantoms += other.phantoms
        self._rows += other._rows
        self._short |= other._short
        self._across.update(other._across)
        self._told += other._told
        self._held += other._held
        self._answer_bytes += other._answer_bytes

    def scanned(self) -> Scanned:
        """Everything, weighed by all that was searched."""
        self.finish()
        return Scanned(
            tuple(map(self.weighed, self._rows)),
            tuple(self.phantoms),
            tuple(self.gaps),
            self.totals,
            self._answers,
            self.known,
        )

    def weighed(self, row: ScanRow) -> ScanRow:
        """A row with its evidence in all that was searched until now."""
        searched = self.totals.searched_bytes
        chance = chance_of_short(self._short[row.canary], searched) if row.chance is not None else None
        return replace(row, evidence_bits=row.matched_bits - log2(max(1, searched)), chance=chance)

    @property
    def chance(self) -> float:
        """Most likely chance that a digest of 32 bits of what was found is none; 0 if there is none."""
        searched = self.totals.searched_bytes
        return max((chance_of_short(each, searched) for each in self._short.values()), default=0.0)

    def _know(self, receipts: Iterable[Receipt]) -> None:
        for receipt in receipts:
            first = replace(receipt.sightings[0], evidence_bits=receipt.evidence_bits)
            if receipt.canary.phantom:
                self.phantoms += [self._row(each) for each in receipt.sightings]
            elif not is_first_party(first):
                self.known += (ScanKnown(self._row(first), len(receipt.sightings)),)

    def _miss(self, gaps: Iterable[Gap]) -> None:
        for gap in gaps:
            self.gaps.append(gap)
            opaque = {}
            if gap.kind in UNREAD and gap.size_bytes:
                opaque[gap.host or "unknown"] = OpaqueBytes(1, gap.size_bytes)
            self.totals += Totals(gaps=1, opaque=opaque)

    def _count(self, sightings: Iterable[Sighting]) -> list[ScanRow]:
        rows, before = [], len(self.phantoms)
        for sighting in weigh(sightings, self.totals.searched_bytes):
            if is_short(sighting.form) and not sighting.canary.phantom:
                self._short[sighting.canary.id] = sighting.canary
            row = self._row(sighting)
            if sighting.canary.phantom:
                self.phantoms.append(row)
            else:
                rows.append(row)
        n_phantoms = len(self.phantoms) - before
        self.totals += Totals(sightings=len(rows), phantoms_sighted=n_phantoms)
        if self._keep:
            self._rows += rows
        return rows

    def _row(self, sighting: Sighting) -> ScanRow:
        exchange, value, searched = sighting.exchange, sighting.value, self.totals.searched_bytes
        short = is_short(sighting.form)
        return ScanRow(
            capture=exchange.source.file,
            entry=exchange.source.index,
            canary=sighting.canary.id,
            part=str(value.part),
            path=value.path,
            chain=value.chain,
            form=sighting.form.name,
            recipient=exchange.host,
            expected=is_first_party(sighting),
            delivered=exchange.delivered,
            evidence_bits=sighting.evidence_bits,
            matched_bits=sighting.evidence_bits + log2(max(1, searched)),
            chance=chance_of_short(sighting.canary, searched) if short else None,
            pieces=tuple(
                ScanPiece(
                    piece.exchange,
                    str(piece.value.part),
                    piece.value.path,
                    piece.value.chain,
                    piece.start,
                    piece.end,
                )
                for piece in sighting.fragments
            ),
            is_secret=sighting.canary.personal and sighting.canary.id == sighting.canary.value,
            tells=sighting.form.tells,
        )
