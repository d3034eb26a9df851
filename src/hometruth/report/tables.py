"""The tables behind the verdicts: conditions x data x recipients, identifiers, coverage, gaps."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hometruth.model import (
    Audit,
    CanaryKind,
    Condition,
    CoverageRow,
    Finding,
    Gap,
    GapKind,
    Identifier,
    Recipient,
    TrialStatus,
)
from hometruth.report.condition_words import levels_words
from hometruth.report.matrix import ToldAs, counted_findings
from hometruth.report.words import count

ANY_CANARY = "{canary}"
"""Stands in a host name for the planted value: every visit to a canary's own site has a host of its own."""


MOST_COVERAGE = 500
"""Rows of the coverage table on the page: with 40,000 a browser takes ten seconds to open it."""
MOST_GAPS = 300
"""Groups of gaps on the page, likewise."""


@dataclass(frozen=True, slots=True)
class SeenShare:
    """Sessions whose data was seen, of sessions run under the condition."""

    seen: int
    run: int


@dataclass(frozen=True, slots=True)
class RecipientTable:
    """What one recipient got: a row per condition, a column per kind of data."""

    host: str
    recipient: Recipient
    counted: ToldAs
    kinds: tuple[CanaryKind, ...]
    rows: tuple[tuple[Condition, tuple[SeenShare, ...]], ...]

    @property
    def total(self) -> int:
        """Sessions seen over all cells, to put the fullest table first."""
        return sum(cell.seen for _, row in self.rows for cell in row)


@dataclass(frozen=True, slots=True)
class IdentifierRow:
    """One identifier with everywhere it was read."""

    value: str
    kind: str
    fields: tuple[str, ...]
    recipients: tuple[str, ...]
    sources: tuple[str, ...]
    n_trials: int
    n_installations: int
    levels: str
    """Levels of the factors that varied among its sessions: ``mode: normal, incognito``."""


@dataclass(frozen=True, slots=True)
class GapGroup:
    """Gaps of one kind at one host."""

    kind: GapKind
    host: str
    n: int
    size_bytes: int | None
    """Sum of the known sizes; None if none is known."""
    details: tuple[tuple[str, int], ...]
    """Each different detail with how often."""
    first_where: str


@dataclass(frozen=True, slots=True)
class CoverageTotal:
    """The coverage table in one row."""

    exchanges: int
    read_bytes: int
    opaque_bytes: int
    dropped: int
    never_seen: int
    passed: int = 0
    passed_received_bytes: int = 0

    @property
    def read_percent(self) -> float | None:
        """Share of the recorded bytes that was read; None if nothing was recorded."""
        recorded = self.read_bytes + self.opaque_bytes
        return 100 * self.read_bytes / recorded if recorded else None


def recipient_tables(audit: Audit, wanted: ToldAs) -> tuple[RecipientTable, ...]:
    """One table per recipient of what counts as *wanted*, the fullest first."""
    conditions = conditions_of(audit)
    n_run = _sessions_run(audit)
    by_host: dict[str, list[tuple[Finding, frozenset[str]]]] = defaultdict(list)
    values = minted_values(audit)
    for finding, counted, sessions in counted_findings(audit):
        if counted is wanted:
            by_host[general_host(finding.recipient.host, values)].append((finding, sessions))
    tables = (_table(host, wanted, findings, conditions, n_run) for host, findings in by_host.items())
    return tuple(sorted(tables, key=lambda table: (-table.total, table.host)))


def conditions_of(audit: Audit) -> tuple[Condition, ...]:
    """Every condition that was run or found, in a stable order."""
    found = {finding.condition for finding in audit.findings}
    return tuple(sorted(found | {trial.condition for trial in audit.trials}))


def identifier_rows(audit: Audit) -> tuple[IdentifierRow, ...]:
    """One row per identifier, the one in most sessions first."""
    by_value: dict[tuple[str, str], list[Identifier]] = defaultdict(list)
    for identifier in audit.identifiers:
        by_value[identifier.kind, identifier.value].append(identifier)
    rows = (_identifier_row(audit, same) for same in by_value.values())
    return tuple(sorted(rows, key=lambda row: (-row.n_trials, row.kind, row.value)))


def gap_groups(gaps: Sequence[Gap]) -> tuple[GapGroup, ...]:
    """Gaps by kind and host, the most frequent first. None is left out: the counts add up."""
    groups: dict[tuple[GapKind, str], list[Gap]] = defaultdict(list)
    for gap in gaps:
        groups[gap.kind, gap.host or ""].append(gap)
    summed = (_gap_group(kind, host, same) for (kind, host), same in groups.items())
    return tuple(sorted(summed, key=lambda group: (-group.n, group.kind, group.host)))


def gaps_shown(gaps: Sequence[Gap]) -> tuple[GapGroup, ...]:
    """The groups that a page can hold; of the others one for each kind, so that the counts still add up."""
    groups = gap_groups(gaps)
    shown, rest = groups[:MOST_GAPS], groups[MOST_GAPS:]
    left: dict[GapKind, list[GapGroup]] = defaultdict(list)
    for group in rest:
        left[group.kind].append(group)
    return (*shown, *(_together(kind, same) for kind, same in left.items()))


def _together(kind: GapKind, groups: Sequence[GapGroup]) -> GapGroup:
    sizes = [group.size_bytes for group in groups if group.size_bytes is not None]
    return GapGroup(
        kind=kind,
        host=count(len(groups), "more host"),
        n=sum(group.n for group in groups),
        size_bytes=sum(sizes) if sizes else None,
        details=(),
        first_where=groups[0].first_where,
    )


def coverage_rows(audit: Audit) -> tuple[CoverageRow, ...]:
    """The coverage table with the canaries' own sites joined into one host, sorted by host and condition."""
    values = minted_values(audit)
    joined: dict[tuple[str, Condition], list[CoverageRow]] = defaultdict(list)
    for row in audit.coverage:
        joined[general_host(row.host, values), row.condition].append(row)
    return tuple(
        CoverageRow(
            host=host,
            condition=condition,
            exchanges=sum(row.exchanges for row in same),
            read_bytes=sum(row.read_bytes for row in same),
            opaque_bytes=sum(row.opaque_bytes for row in same),
            dropped=sum(row.dropped for row in same),
            never_seen=sum(row.never_seen for row in same),
            passed=sum(row.passed for row in same),
            passed_received_bytes=sum(row.passed_received_bytes for row in same),
        )
        for (host, condition), same in sorted(joined.items())
    )


def coverage_shown(rows: Sequence[CoverageRow]) -> tuple[tuple[CoverageRow, ...], CoverageTotal | None]:
    """As many rows as a page can hold, in their order, and the sum of the others; None if all are shown.

    Those of which most was not read or never seen go before those with most requests.
    """
    if len(rows) <= MOST_COVERAGE:
        return tuple(rows), None

    def weight(row: CoverageRow) -> tuple[int, int, int]:
        return row.opaque_bytes, row.dropped + row.never_seen + row.passed, row.exchanges

    ranked = sorted(range(len(rows)), key=lambda place: weight(rows[place]), reverse=True)
    shown = sorted(ranked[:MOST_COVERAGE])
    return tuple(rows[place] for place in shown), coverage_total(
        rows[place] for place in ranked[MOST_COVERAGE:]
    )


def coverage_total(rows: Iterable[CoverageRow]) -> CoverageTotal:
    """Sum over hosts and conditions."""
    rows = tuple(rows)
    return CoverageTotal(
        exchanges=sum(row.exchanges for row in rows),
        read_bytes=sum(row.read_bytes for row in rows),
        opaque_bytes=sum(row.opaque_bytes for row in rows),
        dropped=sum(row.dropped for row in rows),
        never_seen=sum(row.never_seen for row in rows),
        passed=sum(row.passed for row in rows),
        passed_received_bytes=sum(row.passed_received_bytes for row in rows),
    )


def _table(
    host: str,
    counted: ToldAs,
    findings: Sequence[tuple[Finding, frozenset[str]]],
    conditions: Sequence[Condition],
    n_run: Mapping[Condition, int],
) -> RecipientTable:
    kinds = tuple(kind for kind in CanaryKind if any(one.canary.kind is kind for one, _ in findings))
    seen: dict[tuple[Condition, CanaryKind], set[str]] = defaultdict(set)
    run = dict(n_run)
    for finding, sessions in findings:
        seen[finding.condition, finding.canary.kind].update(sessions)
        run[finding.condition] = max(run.get(finding.condition, 0), finding.n_trials)
    rows = tuple(
        (condition, tuple(SeenShare(len(seen[condition, kind]), run.get(condition, 0)) for kind in kinds))
        for condition in conditions
    )
    return RecipientTable(host, findings[0][0].recipient, counted, kinds, rows)


def minted_values(audit: Audit) -> frozenset[str]:
    """Planted values that were found, lower case."""
    return frozenset(
        finding.canary.value.lower() for finding in audit.findings if not finding.canary.personal
    )


def general_host(host: str, values: frozenset[str]) -> str:
    """The host with planted values as `ANY_CANARY`, and ``*`` for random labels before the first of them."""
    labels = host.split(".")
    first = next((place for place, label in enumerate(labels) if label in values), 0)
    general = [ANY_CANARY if label in values else label for label in labels[first:]]
    return ".".join(["*", *general] if first else general)


def _sessions_run(audit: Audit) -> dict[Condition, int]:
    run: dict[Condition, int] = defaultdict(int)
    for trial in audit.trials:
        run[trial.condition] += trial.status is TrialStatus.DONE
    return run


def _identifier_row(audit: Audit, same: Sequence[Identifier]) -> IdentifierRow:
    ids = {trial for identifier in same for trial in identifier.trials}
    trials = [trial for trial in audit.trials if trial.id in ids]
    levels: dict[str, list[str]] = defaultdict(list)
    for factor, level in (pair for trial in trials for pair in audit.subject.named(trial.condition).levels):
        if level not in levels[factor]:
            levels[factor].append(level)
    varied = "; ".join(
        levels_words((factor, level) for level in sorted(of)) for factor, of in levels.items() if len(of) > 1
    )
    return IdentifierRow(
        value=same[0].value,
        kind=same[0].kind,
        fields=tuple(sorted({identifier.field for identifier in same})),
        recipients=tuple(sorted({identifier.recipient for identifier in same})),
        sources=tuple(sorted({identifier.source for identifier in same})),
        n_trials=len(ids),
        n_installations=len({trial.installation for trial in trials}),
        levels=varied,
    )


def _gap_group(kind: GapKind, host: str, gaps: Sequence[Gap]) -> GapGroup:
    sizes = [gap.size_bytes for gap in gaps if gap.size_bytes is not None]
    details: dict[str, int] = defaultdict(int)
    for gap in gaps:
        details[gap.detail] += 1
    return GapGroup(
        kind=kind,
        host=host,
        n=len(gaps),
        size_bytes=sum(sizes) if sizes else None,
        details=tuple(sorted(details.items(), key=lambda item: (-item[1], item[0]))),
        first_where=gaps[0].where,
    )
