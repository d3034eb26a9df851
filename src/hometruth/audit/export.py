"""Recordings as one table of exchanges, read once."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from hometruth.audit.scan import Capture, captures_of
from hometruth.capture import numbered, read_capture, read_connections
from hometruth.capture.exchange_table import write_exchanges
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap, GapKind


def export(
    captures: Iterable[Capture | str],
    table: Path,
    *,
    keys: Path | None = None,
    responses: bool = True,
    unreadable: Callable[[CaptureError], None],
) -> tuple[int, int]:
    """Write what recordings hold as a new Parquet file; return how many exchanges and gaps that is.

    Args:
        keys: A TLS key log, for packet captures.
        responses: False to leave out what came back.
        unreadable: Told of each recording that cannot be read; the others go on.

    Raises:
        CaseError: The table exists already, or cannot be written.
    """

    def items() -> Iterator[Exchange | Gap]:
        for nth, capture in enumerate(captures_of(captures)):
            if isinstance(capture, Gap):
                yield capture
                continue
            try:
                if isinstance(capture, Path):
                    yield from read_connections(capture)
                yield from numbered(nth, read_capture(capture, keys=keys, responses=responses))
            except CaptureError as err:
                unreadable(err)
                yield Gap(GapKind.UNREADABLE, str(capture), str(err))

    return write_exchanges(items(), table, responses=responses)
