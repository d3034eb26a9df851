"""`hometruth scan` without canaries: what endpoints that are known were sent, field by field."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import click

from hometruth.audit.scan import Capture
from hometruth.capture import read_capture, read_connections
from hometruth.cli import EXIT_OK, EXIT_UNABLE, print_error
from hometruth.cli.known_fields_table import Row, print_known_fields
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap
from hometruth.peel import Memo, peel_exchange
from hometruth.peel.adapters import Adapter, Known, explain, known_endpoints
from hometruth.report import mask
from hometruth.report.scan_text import print_gaps


@dataclass
class _Listing:
    """What was listed, while captures go by."""

    reveal: bool
    show: bool
    """Print each field as it is found."""
    keep: bool
    """Keep each field for one document at the end."""
    memo: Memo = field(default_factory=Memo)
    n_exchanges: int = 0
    n_known: int = 0
    lines: Counter[Row] = field(default_factory=Counter)
    rows: list[dict[str, object]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    unreadable: int = 0
    keys: Path | None = None

    def read(self, path: Capture | Gap) -> None:
        """List the fields of one capture; one that cannot be read is named, and the others go on."""
        if isinstance(path, Gap):
            self.gaps.append(path)
            return
        try:
            if isinstance(path, Path):
                self.gaps += read_connections(path)
            for item in read_capture(path, responses=False, keys=self.keys):
                if isinstance(item, Gap):
                    self.gaps.append(item)
                else:
                    self._exchange(path, item)
        except CaptureError as err:
            self.unreadable += 1
            print_error(err)

    def _exchange(self, path: object, exchange: Exchange) -> None:
        self.n_exchanges += 1
        if not known_endpoints().matching(exchange):
            return  # only what is known is peeled: of the rest nothing could be said
        self.n_known += 1
        peeled = peel_exchange(exchange, memo=self.memo)
        self.gaps += peeled.gaps
        explained = explain(exchange, peeled.values)
        assert explained is not None
        adapter, fields = explained
        for known in fields:
            self._known(path, exchange, adapter, known)

    def _known(self, path: object, exchange: Exchange, adapter: Adapter, known: Known) -> None:
        shown = known.text if self.reveal else mask(known.text)
        if not (self.show or self.keep):
            self.lines[Row.of(exchange, adapter, known, shown)] += 1
            return
        row = _row(path, exchange, adapter, known, shown)
        if self.show:
            click.echo(json.dumps(row))
        else:
            self.rows.append(row)


def list_known_fields(
    captures: Iterable[Capture | Gap],
    *,
    jsonl: bool,
    as_json: bool,
    quiet: bool,
    reveal: bool,
    keys: Path | None = None,
) -> int:
    """Print what known endpoints were sent; return the exit code: 0, or 2 if a capture cannot be read."""
    listing = _Listing(reveal, show=jsonl, keep=as_json, keys=keys)
    for path in captures:
        listing.read(path)
    if as_json:
        click.echo(json.dumps(_document(listing), indent=1))
    if not (quiet or jsonl or as_json) and (listing.n_exchanges or not listing.unreadable):
        print_known_fields(listing.lines, listing.n_exchanges, listing.n_known)
    if not quiet and not as_json:
        print_gaps(listing.gaps)
    return EXIT_UNABLE if listing.unreadable else EXIT_OK


def _row(path: object, exchange: Exchange, adapter: Adapter, known: Known, shown: str) -> dict[str, object]:
    """One known field, as other programs read it."""
    return {
        "capture": str(path),
        "entry": exchange.source.index,
        "adapter": adapter.slug,
        "company": adapter.company,
        "kind": known.field.kind,
        "part": str(known.value.part),
        "path": known.path,
        "value": shown,
        "reason": known.field.reason,
        "recipient": exchange.host,
    }


def _document(listing: _Listing) -> dict[str, object]:
    return {
        "exchanges": listing.n_exchanges,
        "exchanges_known": listing.n_known,
        "fields": listing.rows,
        "gaps": [
            {"kind": str(gap.kind), "where": gap.where, "host": gap.host, "detail": gap.detail}
            for gap in listing.gaps
        ],
    }
