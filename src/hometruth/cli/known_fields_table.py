"""What `hometruth scan` without canaries shows to people. Captured text is escaped."""

from collections.abc import Mapping
from typing import NamedTuple

from rich.table import Table
from rich.text import Text

from hometruth.model import Exchange
from hometruth.peel.adapters import Adapter, Known
from hometruth.report import escape_terminal
from hometruth.report.text import clip
from hometruth.report.width import console_of, print_whole

ROWS_SHOWN = 200
"""Lines of the table; a person wants the file or `--jsonl` beyond that."""
VALUE_UNBROKEN = 36
"""Characters of a value that stand in one line: as long as the identifiers of a phone."""
VALUE_ROOM = 60
"""Characters of a revealed value that are shown; `--jsonl` has all."""


class Row(NamedTuple):
    """Fields that a person takes for one: same kind, same value, same spot of the same endpoint."""

    company: str
    endpoint: str
    kind: str
    spot: str
    value: str
    reason: str

    @classmethod
    def of(cls, exchange: Exchange, adapter: Adapter, known: Known, shown: str) -> "Row":
        """The line for one field; *shown* is its value, masked or not."""
        path = exchange.target.partition(b"?")[0].decode("utf-8", "backslashreplace")
        return cls(
            company=adapter.company,
            endpoint=f"{exchange.host}{path}",
            kind=known.field.kind,
            spot=f"{known.value.part} {known.path}".strip(),
            value=clip(shown, VALUE_ROOM),
            reason=known.field.reason,
        )


def print_known_fields(rows: Mapping[Row, int], n_exchanges: int, n_known: int) -> None:
    """The table of fields, by company and endpoint, and how much was not looked into."""
    console = console_of()
    if rows:
        table = Table(
            title=f"What known endpoints were sent in {n_exchanges} exchanges", title_justify="left"
        )
        longest = max(len(row.value) for row in rows)
        for column in ("sent to", "kind", "value", "where"):
            needed = min(longest, VALUE_UNBROKEN) if column == "value" else None
            table.add_column(column, overflow="fold", min_width=needed)
        table.add_column("times", justify="right")
        table.add_column("why we believe it", overflow="fold")
        ranked = sorted(rows.items())
        told = ""
        for row, times in ranked[:ROWS_SHOWN]:
            endpoint = f"{escape_terminal(row.company)}\n{escape_terminal(row.endpoint)}"
            texts = [escape_terminal(text) for text in (row.kind, row.value, row.spot)]
            cells = [Text(text) for text in ("" if endpoint == told else endpoint, *texts)]
            table.add_row(*cells, str(times), Text(escape_terminal(row.reason)))
            told = endpoint
        print_whole(console, table)
        if len(ranked) > ROWS_SHOWN:
            console.print(f"{len(ranked) - ROWS_SHOWN} more lines; --jsonl lists all.")
    else:
        console.print(f"Nothing that is known was sent in {n_exchanges} exchanges.")
    console.print(
        f"{n_known} of {n_exchanges} exchanges went to endpoints that are known; "
        "the others were not looked into."
    )
