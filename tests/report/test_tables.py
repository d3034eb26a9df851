from dataclasses import replace

from hometruth.model import Audit, CanaryKind, CoverageRow, GapKind
from hometruth.report.matrix import ToldAs
from hometruth.report.tables import (
    MOST_COVERAGE,
    MOST_GAPS,
    SeenShare,
    coverage_rows,
    coverage_shown,
    coverage_total,
    gap_groups,
    gaps_shown,
    identifier_rows,
    recipient_tables,
)
from tests.report.audits import CONDITIONS, PER_CELL, QUIET


def test_sessions_are_counted_per_condition_and_kind_with_silent_cells_as_zero(audit: Audit) -> None:
    (table,) = recipient_tables(audit, ToldAs.SENT)

    assert table.kinds == (CanaryKind.PAGE, CanaryKind.SEARCH)
    cells = dict(table.rows)
    assert cells[CONDITIONS[1]] == (SeenShare(PER_CELL, PER_CELL), SeenShare(PER_CELL, PER_CELL))
    assert cells[QUIET] == (SeenShare(0, PER_CELL), SeenShare(0, PER_CELL))


def test_the_sites_of_all_canaries_are_one_recipient(audit: Audit) -> None:
    (table,) = recipient_tables(audit, ToldAs.EXPECTED)

    assert table.host == "{canary}.canary.example"
    assert all(row == (SeenShare(PER_CELL, PER_CELL),) for _, row in table.rows)


def test_a_session_counts_once_however_late_or_often_its_value_was_sent(audit: Audit) -> None:
    page = next(finding for finding in audit.findings if not finding.expected)
    late = replace(page, trials=("t0", "t1", "t2"))
    (table,) = recipient_tables(replace(audit, findings=(page, late)), ToldAs.SENT)

    assert dict(table.rows)[page.condition] == (SeenShare(1, PER_CELL),)


def test_an_identifier_says_where_it_was_the_same(audit: Audit) -> None:
    device, installation = identifier_rows(audit)

    assert (device.kind, device.n_trials, device.n_installations) == ("device", 150, 3)
    assert "incognito, normal window" in device.levels
    assert installation.n_trials == 60


def test_gap_counts_and_sizes_add_up(audit: Audit) -> None:
    groups = gap_groups(audit.gaps)

    assert sum(group.n for group in groups) == len(audit.gaps)
    assert (groups[0].kind, groups[0].n, groups[0].size_bytes) == (GapKind.OPAQUE, 30, 96_000)
    assert groups[1].size_bytes is None


def test_of_many_gaps_the_rarest_are_one_row_a_kind_and_none_is_lost(audit: Audit) -> None:
    (gap, *_rest) = audit.gaps
    many = tuple(replace(gap, host=f"h{n}.example") for n in range(2 * MOST_GAPS))
    shown = gaps_shown((*many, many[0], *audit.gaps))

    assert shown[:MOST_GAPS] == gap_groups((*many, many[0], *audit.gaps))[:MOST_GAPS]
    assert sum(group.n for group in shown) == len(many) + 1 + len(audit.gaps)
    assert len(shown) == MOST_GAPS + len({group.kind for group in shown[MOST_GAPS:]})
    assert all("more host" in group.host for group in shown[MOST_GAPS:])
    assert gaps_shown(audit.gaps) == gap_groups(audit.gaps)


def test_of_many_rows_of_coverage_the_least_read_are_shown_and_the_others_added_up(audit: Audit) -> None:
    (row, *_rest) = audit.coverage
    many = tuple(
        replace(row, host=f"h{n:04}.example", opaque_bytes=n if n % 100 == 0 else 0, exchanges=1)
        for n in range(MOST_COVERAGE + 200)
    )
    shown, rest = coverage_shown(many)

    assert rest is not None
    assert len(shown) == MOST_COVERAGE
    assert list(shown) == sorted(shown, key=lambda each: each.host)
    assert rest.opaque_bytes == 0
    assert coverage_total(shown).exchanges + rest.exchanges == coverage_total(many).exchanges
    assert coverage_shown(many[:MOST_COVERAGE]) == (many[:MOST_COVERAGE], None)


def test_coverage_keeps_every_byte_when_it_joins_hosts(audit: Audit) -> None:
    sites = tuple(
        CoverageRow(finding.recipient.host, finding.condition, 1, 700, 0, 0, 0)
        for finding in audit.findings
        if finding.expected
    )
    rows = coverage_rows(replace(audit, coverage=sites))

    assert [row.host for row in rows] == ["{canary}.canary.example"] * len(CONDITIONS)
    assert coverage_total(rows) == coverage_total(sites)
    assert coverage_total(audit.coverage).read_percent == 100 * 922_500 / 1_018_500
    assert coverage_total(()).read_percent is None
