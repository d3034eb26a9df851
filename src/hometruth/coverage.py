"""Collect the coverage table while exchanges go by."""

from collections import defaultdict
from dataclasses import dataclass

from hometruth.model import LET_THROUGH, Condition, CoverageRow, Gap


@dataclass(slots=True)
class _Sums:
    exchanges: int = 0
    read_bytes: int = 0
    opaque_bytes: int = 0
    dropped: int = 0
    never_seen: int = 0
    passed: int = 0
    passed_received_bytes: int = 0


class CoverageTable:
    """Request bytes per recipient host and condition."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, Condition], _Sums] = defaultdict(_Sums)

    def add_exchange(
        self, host: str, condition: Condition, *, read_bytes: int, opaque_bytes: int, dropped: int
    ) -> None:
        """Count one exchange; ``dropped`` is the number of its bodies that the recorder did not keep."""
        row = self._rows[host, condition]
        row.exchanges += 1
        row.read_bytes += read_bytes
        row.opaque_bytes += opaque_bytes
        row.dropped += dropped

    def add_never_seen(self, gap: Gap, condition: Condition) -> None:
        """Count one connection that could not be opened; one that was let through has opaque bytes."""
        row = self._rows[gap.host or "unknown", condition]
        if gap.kind in LET_THROUGH:
            row.passed += 1
            row.opaque_bytes += gap.size_bytes or 0
            row.passed_received_bytes += gap.received_bytes or 0
        else:
            row.never_seen += 1

    def rows(self) -> tuple[CoverageRow, ...]:
        """The table, sorted by host and condition."""
        return tuple(
            CoverageRow(
                host=host,
                condition=condition,
                exchanges=sums.exchanges,
                read_bytes=sums.read_bytes,
                opaque_bytes=sums.opaque_bytes,
                dropped=sums.dropped,
                never_seen=sums.never_seen,
                passed=sums.passed,
                passed_received_bytes=sums.passed_received_bytes,
            )
            for (host, condition), sums in sorted(self._rows.items())
        )
