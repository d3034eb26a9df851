"""`hometruth scan`: find canaries in recordings, or list what known endpoints were sent."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import log2
from pathlib import Path

import click

from hometruth.audit.crew import Crew
from hometruth.audit.scanner import EVERYBODY, Scanner
from hometruth.canaries import Across, chance_of_short, is_first_party, is_short, load_canaries, weigh
from hometruth.capture import captures_in, read_capture, read_connections
from hometruth.cli import EXIT_FOUND, EXIT_OK, EXIT_UNABLE, print_error
from hometruth.cli.budget_option import budget_option
from hometruth.cli.keys_option import keys_option
from hometruth.cli.scan_table import Place, Standing, print_findings, print_gaps, print_known, print_phantoms
from hometruth.errors import CaptureError
from hometruth.model import DECIDING_BITS, Canary, Fragment, Gap, Receipt, Sighting
from hometruth.peel import Budget
from hometruth.recipients import receiver_of


@dataclass
class _Scan:
    """What was found, while captures go by."""

    crew: Crew
    answers: bool
    """Look into answers, too."""
    show: bool
    """Print each finding as it is found."""
    keep: bool
    """Keep each finding for one document at the end."""
    searched_bytes: int = 0
    n_exchanges: int = 0
    places: Counter[Place] = field(default_factory=Counter)
    best: dict[Place, float] = field(default_factory=dict)
    """Most evidence at each place, before the places searched are taken off."""
    phantoms: Counter[Place] = field(default_factory=Counter)
    gaps: list[Gap] = field(default_factory=list)
    rows: list[dict[str, object]] = field(default_factory=list)
    bits: list[float] = field(default_factory=list)
    """Evidence of each row before the places searched are taken off, which are known at the end only."""
    short: dict[str, Canary] = field(default_factory=dict)
    """Canaries of which a digest of 32 bits was seen, by id."""
    unreadable: int = 0
    keys: Path | None = None
    across: Across = field(default_factory=lambda: Across(receiver_of))
    requests: list[Sighting] = field(default_factory=list)
    """What requests hold, kept where answers are looked into."""
    held: list[Sighting] = field(default_factory=list)
    """What answers hold."""
    answer_bytes: int = 0
    known: tuple[Receipt, ...] = ()
    """What answers hold that no request carried there before."""

    def read(self, path: Path | Gap) -> None:
        """Search one capture; one that cannot be read is named, and the others go on."""
        if isinstance(path, Gap):
            self.gaps.append(path)
            return
        try:
            self.gaps += read_connections(path)  # what the recorder could not open, noted beside the file
            for item in self.crew.examine(read_capture(path, responses=self.answers, keys=self.keys)):
                if isinstance(item, Gap):
                    self.gaps.append(item)
                    continue
                self.n_exchanges += 1
                self.gaps += item.gaps
                self.searched_bytes += item.searched_bytes
                self.across.add(item.parts, item.n_values)
                if self.answers:
                    self.requests += item.sightings
                    self.held += item.answers
                    self.answer_bytes += item.answer_bytes
                for sighting in weigh(item.sightings, self.searched_bytes):
                    self._count(sighting)
        except CaptureError as err:
            self.unreadable += 1
            print_error(err)

    def finish(self) -> None:
        """Count what only several exchanges tell together."""
        for sighting in weigh(self.across.sightings(), self.searched_bytes):
            self._count(sighting)
        self.gaps += self.across.gaps()
        if self.held:
            # Imported late: a scan of requests does not pay for the table of organisations.
            from hometruth.audit.known import receipts_of  # noqa: PLC0415

            self.requests += self.across.sightings()
            self._know(receipts_of(self.held, self.requests, self.answer_bytes))
        for row, bits in zip(self.rows, self.bits, strict=True):
            row["evidence_bits"] = round(bits - log2(max(1, self.searched_bytes)), 1)
            if "chance" in row:
                row["chance"] = _chance(self.short[str(row["canary"])], self.searched_bytes)

    def _know(self, receipts: Iterable[Receipt]) -> None:
        for receipt in receipts:
            first = receipt.sightings[0]
            if receipt.canary.phantom:
                self.phantoms[Place.of(first, expected=False)] += len(receipt.sightings)
            elif not is_first_party(first):
                self.known += (receipt,)

    def chance(self) -> float:
        """Most likely chance that a digest of 32 bits of what was found is none; 0 if there is none."""
        return max((chance_of_short(each, self.searched_bytes) for each in self.short.values()), default=0.0)

    def _count(self, sighting: Sighting) -> None:
        expected = is_first_party(sighting)
        place = Place.of(sighting, expected=expected)
        if sighting.canary.phantom:
            self.phantoms[place] += 1
            return
        self.places[place] += 1
        before = sighting.evidence_bits + log2(max(1, self.searched_bytes))
        self.best[place] = max(before, self.best.get(place, before))
        if is_short(sighting.form):
            self.short[sighting.canary.id] = sighting.canary
        if self.show or self.keep:
            row = _row(sighting, self.searched_bytes, expected=expected)
            if self.show:
                click.echo(json.dumps(row))
            if self.keep:
                self.rows.append(row)
                self.bits.append(before)

    def standings(self) -> dict[Standing, dict[Place, int]]:
        """The places by what they prove, each with how often it was seen; those that prove most first."""
        searched = log2(max(1, self.searched_bytes))
        sorted_out: dict[Standing, dict[Place, int]] = {standing: {} for standing in Standing}
        for place, times in self.places.items():
            sorted_out[Standing.of(place, self.best[place] - searched)][place] = times
        return sorted_out

    def exit_code(self, fail_on: Collection[str]) -> int:
        """2 if something could not be done or the search invented something, 1 if something was found.

        Args:
            fail_on: Standings that count as found besides `Standing.FOUND`.
        """
        if self.unreadable or self.phantoms:
            return EXIT_UNABLE
        standings = self.standings()
        if any(receipt.evidence_bits >= DECIDING_BITS for receipt in self.known):
            return EXIT_FOUND
        return (
            EXIT_FOUND if any(standings[Standing(name)] for name in (Standing.FOUND, *fail_on)) else EXIT_OK
        )


@click.command("scan")
@click.argument("captures", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="CAPTURE...")
@click.option("--canaries", type=click.Path(path_type=Path), help="Values to look for: JSON or TOML.")
@click.option("--jsonl", is_flag=True, help="Print one finding a line, as JSON, while reading.")
@click.option("--json", "as_json", is_flag=True, help="Print findings and gaps as one JSON document.")
@click.option("--quiet", is_flag=True, help="Print no table and no gaps.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes that search; as many as there are cores by default.",
)
@click.option(
    "--fail-on",
    type=click.Choice([Standing.WEAK.value, Standing.ATTEMPT.value]),
    multiple=True,
    help="Exit with 1 for findings of less than 40 bits, or for what was only tried to send, too.",
)
@click.option("--answers", is_flag=True, help="Search answers, too: what one holds unasked, its sender knew.")
@budget_option
@keys_option
@click.option("--reveal", is_flag=True, help="Without --canaries: show values instead of masking them.")
def command(  # noqa: PLR0913, PLR0917 - one argument an option
    captures: tuple[Path, ...],
    canaries: Path | None,
    jsonl: bool,
    as_json: bool,
    quiet: bool,
    jobs: int | None,
    fail_on: tuple[str, ...],
    answers: bool,
    budget: Budget,
    keys: Path | None,
    reveal: bool,
) -> int:
    """Find canaries in recordings: HAR, mitmproxy flows, or folders of them.

    Every wrapping is taken off what was sent, and every value inside is searched for the canaries and their
    digests. Exits with 1 if something unexpected was delivered, with evidence of 40 bits or more; with 0 if
    not, 2 if it could not be done. Weaker findings, and what was only tried to send, stand apart.

    Without --canaries: list what known endpoints of trackers were sent, and why we believe that. This is
    information, no finding: it exits with 0, or 2 if it could not be done.
    """
    if jsonl and as_json:
        raise click.UsageError("--jsonl and --json exclude each other.")
    if canaries is None:
        # Imported late: a search for canaries does not pay for what is known of endpoints.
        from hometruth.cli.known_fields import list_known_fields  # noqa: PLC0415

        return list_known_fields(
            _files(captures), jsonl=jsonl, as_json=as_json, quiet=quiet, reveal=reveal, keys=keys
        )
    if reveal:
        raise click.UsageError("--reveal and --canaries exclude each other.")
    loaded = load_canaries(canaries)
    answers_of = EVERYBODY if answers else ""
    scanner = Scanner(loaded.canaries, loaded.salts, budget=budget, answers_of=answers_of)
    with Crew(scanner, jobs=jobs) as crew:
        scan = _Scan(crew, answers, show=jsonl, keep=as_json, keys=keys)
        for found in _files(captures):
            scan.read(found)
    scan.finish()
    if jsonl:
        for receipt in scan.known:
            click.echo(json.dumps(_known_row(receipt)))
    if as_json:
        click.echo(json.dumps(_document(scan), indent=1))
    if not (quiet or jsonl or as_json) and (scan.n_exchanges or not scan.unreadable):
        print_findings(scan.standings(), scan.n_exchanges, scan.chance())
        print_known(scan.known, searched=answers)
    if not quiet and not as_json:
        print_gaps(scan.gaps)
    print_phantoms(scan.phantoms)
    return scan.exit_code(fail_on)


def _files(captures: Sequence[Path]) -> Iterator[Path | Gap]:
    """Captures named, and those in folders named, in order; a gap for each file of a folder passed over."""
    for path in captures:
        if path.is_dir():
            yield from captures_in(path)
        else:
            yield path


def _row(sighting: Sighting, searched_bytes: int, *, expected: bool) -> dict[str, object]:
    """One finding, as other programs read it."""
    row: dict[str, object] = {
        "capture": sighting.exchange.source.file,
        "entry": sighting.exchange.source.index,
        "canary": sighting.canary.id,
        "part": str(sighting.value.part),
        "path": sighting.value.path,
        "chain": list(sighting.value.chain),
        "form": sighting.form.name,
        "recipient": sighting.exchange.host,
        "expected": expected,
        "delivered": str(sighting.exchange.delivered),
        "evidence_bits": round(sighting.evidence_bits, 1),
    }
    if is_short(sighting.form):
        row["chance"] = _chance(sighting.canary, searched_bytes)
    if sighting.fragments:
        row["pieces"] = [_piece(piece) for piece in sighting.fragments]
    return row


def _known_row(receipt: Receipt) -> dict[str, object]:
    """What an answer holds although no request carried it there, as other programs read it."""
    first = receipt.sightings[0]
    row = _row(first, 0, expected=False)
    del row["recipient"], row["delivered"]
    return {**row, "sender": first.exchange.host, "evidence_bits": round(receipt.evidence_bits, 1)}


def _chance(canary: Canary, searched_bytes: int) -> float:
    return float(f"{chance_of_short(canary, searched_bytes):.2g}")


def _piece(piece: Fragment) -> dict[str, object]:
    """Where one piece of a value stands, and which bytes of the value it holds."""
    return {
        "exchange": piece.exchange,
        "part": str(piece.value.part),
        "path": piece.value.path,
        "chain": list(piece.value.chain),
        "bytes": [piece.start, piece.end],
    }


def _document(scan: _Scan) -> dict[str, object]:
    return {
        "exchanges": scan.n_exchanges,
        "findings": scan.rows,
        "answers_searched": scan.answers,
        "known_to_receiver": [_known_row(receipt) for receipt in scan.known],
        "phantoms_sighted": sum(scan.phantoms.values()),
        "gaps": [_gap_row(gap) for gap in scan.gaps],
    }


def _gap_row(gap: Gap) -> dict[str, object]:
    return {"kind": str(gap.kind), "where": gap.where, "host": gap.host, "detail": gap.detail}
