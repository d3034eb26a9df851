"""`hometruth scan` without canaries: who was contacted, and what endpoints that are known were sent."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from hometruth.audit.contacts import ContactBook, note_contact
from hometruth.audit.crew import Crew
from hometruth.audit.scan import Capture, items_of
from hometruth.audit.scanner import Scanner
from hometruth.cli import EXIT_OK, EXIT_UNABLE, print_error
from hometruth.errors import CaptureError
from hometruth.model import Budget, Contacts, Gap, HostPattern, KnownField
from hometruth.model.scanned import gap_as_json
from hometruth.report.contacts_text import KnownLine, line_of, print_contacts, shown
from hometruth.report.scan_text import print_gaps


def list_contacts(  # noqa: PLR0913 - one argument an option
    captures: Iterable[Capture | Gap],
    *,
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
        rows = [{"contacted": row.as_json()} for row in contacts.recipients]
        for line in (*rows, *({"asked": asked.as_json()} for asked in contacts.names)):
            click.echo(json.dumps(line))
    elif as_json:
        click.echo(json.dumps(_document(contacts, reveal=reveal), indent=1))
    elif not quiet and (contacts.exchanges or not unreadable):
        print_contacts(contacts, lines, gaps_follow=True)
    if not quiet and not as_json:
        print_gaps(contacts.gaps)
    return EXIT_UNABLE if unreadable else EXIT_OK


def _document(contacts: Contacts, *, reveal: bool) -> dict[str, object]:
    return {
        "exchanges": contacts.exchanges,
        "exchanges_known": contacts.exchanges_known,
        "recipients": [row.as_json() for row in contacts.recipients],
        "fields": [each.as_json(shown(each, reveal=reveal)) for each in contacts.fields],
        "names": [each.as_json() for each in contacts.names],
        "gaps": [gap_as_json(gap) for gap in contacts.gaps],
    }
