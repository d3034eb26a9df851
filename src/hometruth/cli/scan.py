"""`hometruth scan`: find canaries in recordings, or list who was contacted."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hometruth.audit.contacts import ContactBook, note_contact
from hometruth.audit.crew import Crew, has_core
from hometruth.audit.examine import Examined
from hometruth.audit.kept import KeptBatches
from hometruth.audit.scan import Capture, Tally, captures_of, items_of
from hometruth.audit.scanner import EVERYBODY, Scanner
from hometruth.canaries import load_canaries
from hometruth.cli import EXIT_FOUND, EXIT_OK, EXIT_UNABLE, print_error
from hometruth.cli.options import budget_option, keys_option
from hometruth.errors import CaptureError
from hometruth.model import DECIDING_BITS, Budget, Contacts, Gap, HostPattern, KnownField, ScanRow, Standing
from hometruth.model.scanned import gap_as_json
from hometruth.report.contacts_text import KnownLine, line_of, print_contacts, shown
from hometruth.report.scan_text import (
    Places,
    print_findings,
    print_gaps,
    print_known,
    print_phantoms,
    print_scopes,
)

if TYPE_CHECKING:
    from hometruth.model.outputs import AskedLineJson, ContactedLineJson, ContactsJson, SummaryLineJson


@click.command("scan")
@click.argument("captures", nargs=-1, required=True, type=click.Path(), metavar="CAPTURE...")
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
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With --canaries: keep in FILE what was examined, and go on from there after a kill.",
)
@click.option("--answers", is_flag=True, help="Search answers, too: what one holds unasked, its sender knew.")
@budget_option
@keys_option
@click.option("--reveal", is_flag=True, help="Without --canaries: show values instead of masking them.")
@click.option(
    "--own",
    multiple=True,
    metavar="HOST",
    help="Without --canaries: a host of your own; *.HOST for those below.",
)
def command(  # noqa: PLR0913, PLR0917 - one argument an option
    captures: tuple[str, ...],
    canaries: Path | None,
    jsonl: bool,
    as_json: bool,
    quiet: bool,
    jobs: int | None,
    fail_on: tuple[str, ...],
    resume: Path | None,
    answers: bool,
    budget: Budget,
    keys: Path | None,
    reveal: bool,
    own: tuple[str, ...],
) -> int:
    """Find canaries in recordings of any format that is read, in folders of them, patterns, or - for input.

    Every wrapping is taken off what was sent, and every value inside is searched for the canaries and their
    digests. Exits with 1 if something unexpected was delivered, with evidence of 40 bits or more; with 0 if
    not, 2 if it could not be done. Weaker findings, and what was only tried to send, stand apart.

    Without --canaries: list who was contacted, and what known endpoints of trackers were sent, and why we
    believe that. This is information, no finding: it exits with 0, or 2 if it could not be done.
    """
    if jsonl and as_json:
        raise click.UsageError("--jsonl and --json exclude each other.")
    if resume and canaries is None:
        raise click.UsageError("--resume is for a search: give --canaries.")
    scopes: dict[str, tuple[str, ...]] = {}
    if canaries is None:
        return _list_contacts(
            captures_of(captures, scopes),
            scopes=scopes,
            jsonl=jsonl,
            as_json=as_json,
            quiet=quiet,
            reveal=reveal,
            keys=keys,
            budget=budget,
            jobs=jobs,
            own=own,
        )
    if reveal or own:
        option = "--reveal" if reveal else "--own"
        raise click.UsageError(f"{option} and --canaries exclude each other.")
    loaded = load_canaries(canaries)
    places = Places()
    _say_if_slow(captures)

    def found(rows: Sequence[ScanRow]) -> None:
        places.add(rows)
        for row in rows if jsonl else ():
            click.echo(json.dumps(row.as_json()))

    answers_of = EVERYBODY if answers else frozenset()
    scanner = Scanner(
        loaded.canaries,
        loaded.salts,
        budget=budget,
        answers_of=answers_of,
    )
    kept = KeptBatches(resume, scanner) if resume else None
    scanner = replace(scanner, seed=kept.seed) if kept else scanner
    tally = Tally(scanner, keep=as_json, answers=answers)
    with kept or nullcontext(), Crew(scanner, jobs=jobs, kept=kept) as crew:
        items = (
            items_of(capture, crew, keys=keys, answers=answers) for capture in captures_of(captures, scopes)
        )
        unreadable = sum(not _read(each, tally, found) for each in items)
    found(tally.finish())
    for known in tally.known if jsonl else ():
        click.echo(json.dumps(known.as_json()))
    if jsonl and not quiet:
        summary: SummaryLineJson = {"summary": tally.totals.as_json()}
        click.echo(json.dumps(summary))
    standings = places.standings(tally.totals.searched_bytes)
    if as_json:
        click.echo(json.dumps(tally.scanned().as_json(), indent=1))
    if not (quiet or jsonl or as_json) and (tally.totals.exchanges or not unreadable):
        print_findings(standings, tally.totals, tally.chance, gaps_follow=not quiet)
        print_known(tally.known, searched=answers)
    if not quiet and not as_json:
        print_scopes(scopes)
        print_gaps(tally.gaps)
    print_phantoms(tally.phantoms)
    if unreadable or tally.phantoms:
        return EXIT_UNABLE
    known_for_sure = any(each.row.evidence_bits >= DECIDING_BITS for each in tally.known)
    return EXIT_FOUND if known_for_sure else _exit_code(standings, fail_on)


def _read(items: Iterable[Examined | Gap], tally: Tally, found: Callable[[Sequence[ScanRow]], None]) -> bool:
    """Scan one capture; False if it cannot be read, which is said, and the others go on."""
    try:
        for item in items:
            found(tally.take(item))
    except CaptureError as err:
        print_error(err)
        return False
    return True


def _exit_code(standings: Mapping[Standing, Collection[object]], fail_on: Collection[str]) -> int:
    """1 if something was found, or stands as *fail_on* says, else 0."""
    found = any(standings[Standing(name)] for name in (Standing.FOUND, *fail_on))
    return EXIT_FOUND if found else EXIT_OK


LARGE = 50 << 20
"""Bytes of files from which on the compiled core saves minutes."""


def _say_if_slow(captures: Collection[str]) -> None:
    """Tell whoever waits at a terminal what would make it faster."""
    if not sys.stderr.isatty() or has_core():
        return
    files = [Path(name) for name in captures]
    if sum(file.stat().st_size for file in files if file.is_file()) >= LARGE:
        print_error(
            "scanning without the compiled core, which takes longer: "
            "with a C compiler, run python -m hometruth.peel.sieve.core"
        )


def _list_contacts(  # noqa: PLR0913 - one argument an option
    captures: Iterable[Capture | Gap],
    *,
    scopes: Mapping[str, Sequence[str]],
    jsonl: bool,
    as_json: bool,
    quiet: bool,
    reveal: bool,
    keys: Path | None,
    budget: Budget,
    jobs: int | None,
    own: Iterable[str],
) -> int:
    """Print who was contacted; return the exit code: 0, or 2 if a capture cannot be read."""
    book = ContactBook([HostPattern(each) for each in own])
    fields: list[KnownField] = []
    lines: Counter[KnownLine] = Counter()
    unreadable = 0
    with Crew(Scanner(budget=budget), note=note_contact, jobs=jobs) as crew:
        for capture in captures:
            try:
                for item in items_of(capture, crew, keys=keys):
                    for known in book.take(item):
                        if jsonl:
                            click.echo(json.dumps(known.as_json(shown(known, reveal=reveal))))
                        elif as_json:
                            fields.append(known)
                        else:
                            lines[line_of(known, reveal=reveal)] += 1
            except CaptureError as err:
                unreadable += 1
                print_error(err)
    contacts = book.contacts(fields)
    if jsonl:
        rows: list[ContactedLineJson] = [{"contacted": row.as_json()} for row in contacts.recipients]
        asked: list[AskedLineJson] = [{"asked": each.as_json()} for each in contacts.names]
        for line in (*rows, *asked):
            click.echo(json.dumps(line))
    elif as_json:
        click.echo(json.dumps(_document(contacts, reveal=reveal), indent=1))
    elif not quiet and (contacts.exchanges or not unreadable):
        print_contacts(contacts, lines, gaps_follow=True)
    if not quiet and not as_json:
        print_scopes(scopes)
        print_gaps(contacts.gaps)
    return EXIT_UNABLE if unreadable else EXIT_OK


def _document(contacts: Contacts, *, reveal: bool) -> "ContactsJson":
    return {
        "exchanges": contacts.exchanges,
        "exchanges_known": contacts.exchanges_known,
        "recipients": [row.as_json() for row in contacts.recipients],
        "fields": [each.as_json(shown(each, reveal=reveal)) for each in contacts.fields],
        "names": [each.as_json() for each in contacts.names],
        "gaps": [gap_as_json(gap) for gap in contacts.gaps],
    }
