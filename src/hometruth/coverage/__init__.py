"""What was read, opaque, dropped, never seen: a table per recipient and condition, not a ledger."""

from hometruth.coverage.table import CoverageTable

__all__ = ["CoverageTable"]
