"""Every byte is counted once, in one row."""

from hometruth.coverage import CoverageTable
from hometruth.model import Condition, Gap, GapKind

WHERE = Condition.of({"mode": "normal"})


def test_rows_add_up() -> None:
    table = CoverageTable()
    table.add_exchange("b.example", WHERE, read_bytes=10, opaque_bytes=5, dropped=0)
    table.add_exchange("b.example", WHERE, read_bytes=1, opaque_bytes=0, dropped=1)
    table.add_never_seen(Gap(GapKind.REFUSED_TLS, "x", "pinned", host="a.example"), WHERE)

    first, second = table.rows()

    assert (first.host, first.never_seen, first.exchanges) == ("a.example", 1, 0)
    assert (second.read_bytes, second.opaque_bytes, second.dropped, second.exchanges) == (11, 5, 1, 2)
