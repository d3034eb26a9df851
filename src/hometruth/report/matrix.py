"""What was done x condition: what of it was sent to the vendor, how often, and how sure silence is.

Counted by the rules that verdicts are made by: sessions whose settings were confirmed, values that certainly
are the planted ones, not what the action itself needs, nothing that a page caused, and nothing that was only
tried. Silence gets a bound only where the same thing was seen elsewhere in the run, so that it would have
been noticed, and where nothing was left unread that could hold it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from hometruth.model import (
    DECIDING_BITS,
    Audit,
    Canary,
    CanaryKind,
    Condition,
    Finding,
    InitiatorKind,
    Reason,
    ReasonKind,
    Trial,
    TrialStatus,
)
from hometruth.report.condition_words import Setting, setting_words, settings_of
from hometruth.report.reasons import sentence_of
from hometruth.report.words import DATA_NAMES

SILENCE_DOUBTS = frozenset(
    {
        *(ReasonKind.ALTERED, ReasonKind.ALTERED_CASE, ReasonKind.UNFINISHED, ReasonKind.LABELLED),
        *(ReasonKind.PHANTOMS_SIGHTED, ReasonKind.SEARCH_INVENTS, ReasonKind.SINKHOLED),
        *(ReasonKind.DAMAGED_ENTRIES, ReasonKind.UNREAD_OUTSIDE, ReasonKind.BODIES_NOT_RECORDED),
        *(ReasonKind.CONNECTIONS_UNOPENED, ReasonKind.HALF_READ, ReasonKind.OPAQUE_BYTES),
        *(ReasonKind.OPAQUE_ROOM, ReasonKind.RECEIVER_KNOWS),
    }
)
"""Reasons of verdicts for which silence anywhere in the run proves nothing yet."""
CONFIDENCE = 0.95


class CellMark(StrEnum):
    """What one cell shows."""

    SENT = "sent"
    """In every session that counts."""
    SOME = "some"
    TRIED = "tried"
    """Only tried: nobody answered, or something stopped it."""
    SILENT = "silent"
    UNTESTED = "untested"


@dataclass(frozen=True, slots=True)
class Datum:
    """A row of the matrix: something that was done, or a value that the device has."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One thing in one setting."""

    mark: CellMark
    sent: int
    """Sessions in which it was sent, or tried."""
    run: int
    """Sessions that count."""
    bound_percent: float | None = None
    """Of a silent cell: with 95 % confidence at most this share of such sessions sends it readably. That of
    the condition with the fewest sessions; None where silence proves nothing yet."""
    least: int = 0
    """Sessions of that condition."""

    @property
    def is_sent(self) -> bool:
        """True if it was sent in any session."""
        return self.mark in (CellMark.SENT, CellMark.SOME)


@dataclass(frozen=True, slots=True)
class MatrixColumn:
    """One setting with a cell for each datum."""

    setting: Setting
    label: str
    cells: tuple[MatrixCell, ...]

    @property
    def run(self) -> int:
        """Most sessions that count for any of its cells."""
        return max((cell.run for cell in self.cells), default=0)

    @property
    def has_sent(self) -> bool:
        """True if anything was sent in any of its sessions."""
        return any(cell.is_sent for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Everything that was done, under every setting; settings that gave the same picture are joined."""

    data: tuple[Datum, ...]
    columns: tuple[MatrixColumn, ...]
    never_seen: tuple[Datum, ...]
    """Known values that were looked for in every session and sent in none."""
    doubt: str
    """Why silence proves nothing in this run; empty if it may."""


@dataclass(frozen=True, slots=True)
class _Tallies:
    """Ids of sessions, by datum."""

    tested: Mapping[str, frozenset[str]]
    sent: Mapping[str, frozenset[str]]
    tried: Mapping[str, frozenset[str]]


def matrix_of(audit: Audit) -> Matrix:
    """The matrix of one audit: no columns where nothing was run, no rows where nothing was planted."""
    data = tuple(_data(audit))
    tallies = _tallies(audit, data)
    shown = tuple(item for item in data if tallies.sent[item.key] or tallies.tried[item.key])
    shown += tuple(item for item in data if item not in shown and not item.key.startswith("known:"))
    doubt = silence_doubt(audit)
    by_condition: dict[Condition, list[Trial]] = defaultdict(list)
    for trial in audit.trials:
        if trial.status is not TrialStatus.NOT_NEEDED:
            by_condition[trial.condition].append(trial)
    cells = {
        condition: tuple(_cell(item, trials, tallies, doubt) for item in shown)
        for condition, trials in sorted(by_condition.items())
    }
    settings = settings_of(
        {condition: _picture(row) for condition, row in cells.items()},
        {condition for condition, row in cells.items() if any(cell.is_sent for cell in row)},
    )
    columns = (
        MatrixColumn(
            setting,
            setting_words(setting, by_condition, audit.subject),
            tuple(map(_together, zip(*(cells[one] for one in setting.conditions), strict=True))),
        )
        for setting in settings
    )
    return Matrix(
        shown,
        tuple(sorted(columns, key=_as_read)),
        tuple(item for item in data if item not in shown and tallies.tested[item.key]),
        doubt,
    )


def silence_doubt(audit: Audit) -> str:
    """The first reason why silence in this run proves nothing, in words; empty if there is none."""
    reasons = [reason for row in audit.verdicts if row.in_scope for reason in row.reasons]
    first = next((reason for reason in _unfolded(reasons) if reason.kind in SILENCE_DOUBTS), None)
    if first is not None:
        return sentence_of(first)
    if audit.phantoms_sighted:
        return sentence_of(Reason.of(ReasonKind.PHANTOMS_SIGHTED, n=audit.phantoms_sighted))
    if audit.gaps and all(row.bound_percent is None for row in audit.verdicts):
        return "not everything could be read"
    return ""


def silence_percent(n: int) -> float:
    """Largest share of sessions, in per cent, that *n* silent ones leave possible at 95 % confidence.

    Clopper-Pearson without a single hit: the share p at which (1 - p)^n is 0.05.
    """
    return 100 * (1 - float((1 - CONFIDENCE) ** (1 / n)))


def sent_findings(audit: Audit) -> Iterator[tuple[Finding, frozenset[str]]]:
    """What was certainly sent, or tried to, beyond what the action itself needs, each with its sessions.

    Only sessions whose settings were confirmed are among them: in one that broke off, nobody noted what was
    done, so that the action itself would look like something else.
    """
    attested = {trial.id for trial in audit.trials if trial.is_attested()}
    for finding in audit.findings:
        cell = finding.canary.cell
        sessions = frozenset((cell,) if cell is not None else finding.trials) & attested
        if sessions and _is_sent(finding):
            yield finding, sessions


def _is_sent(finding: Finding) -> bool:
    return (
        not finding.expected
        and finding.initiator.kind is not InitiatorKind.PAGE
        and finding.evidence_bits >= DECIDING_BITS
    )


def datum_of(canary: Canary) -> Datum:
    """What a canary is called in pictures: its kind, or which known value it is."""
    if not canary.personal or canary.kind is CanaryKind.ACCOUNT:
        return Datum(canary.kind.value, DATA_NAMES.get(canary.kind.value, canary.kind.value))
    named = next((name for key, name in DATA_NAMES.items() if canary.id.endswith(key)), None)
    return Datum(f"known:{named or canary.id}", named or f"known value “{canary.id}”")


def _unfolded(reasons: Iterable[Reason]) -> Iterator[Reason]:
    """Reasons and those within them."""
    for reason in reasons:
        yield reason
        for _, fact in reason.facts:
            inner = fact if isinstance(fact, tuple) else (fact,)
            yield from _unfolded(item for item in inner if isinstance(item, Reason))


def _data(audit: Audit) -> list[Datum]:
    """What was planted or is known, in the order of the kinds; known values by name."""
    order = list(CanaryKind)
    found = {*audit.canaries, *(finding.canary for finding in audit.findings)}
    by_kind = sorted(found, key=lambda canary: (order.index(canary.kind), canary.id))
    return list(dict.fromkeys(map(datum_of, by_kind)))


def _tallies(audit: Audit, data: Iterable[Datum]) -> _Tallies:
    attested = {trial.id: trial for trial in audit.trials if trial.is_attested()}
    tested: dict[str, set[str]] = {item.key: set() for item in data}
    sent: dict[str, set[str]] = {item.key: set() for item in data}
    tried: dict[str, set[str]] = {item.key: set() for item in data}
    acted = {action.canary for trial in attested.values() for action in trial.actions if action.happened}
    whole = {name for name, trial in attested.items() if trial.status is TrialStatus.DONE}
    for canary in audit.canaries:
        sessions = {canary.cell} if canary.cell is not None else whole
        if canary.kind is CanaryKind.ACCOUNT:
            sessions = {name for name in sessions if name in attested and _is_signed_in(attested[name])}
        if canary.personal or canary.id in acted:
            tested[datum_of(canary).key] |= sessions & whole
    for finding, ids in sent_findings(audit):
        if finding.recipient.vendor_controlled:
            told = tried if finding.delivered.is_attempt else sent
            told[datum_of(finding.canary).key] |= ids
    return _Tallies(*({key: frozenset(ids) for key, ids in each.items()} for each in (tested, sent, tried)))


def _is_signed_in(trial: Trial) -> bool:
    """True unless the session's own account level says that nobody was."""
    return trial.condition.get("account") not in (None, "none")


def _cell(item: Datum, trials: Iterable[Trial], tallies: _Tallies, doubt: str) -> MatrixCell:
    ids = {trial.id for trial in trials}
    sent, tried = tallies.sent[item.key] & ids, tallies.tried[item.key] & ids
    run = len((tallies.tested[item.key] | tallies.sent[item.key]) & ids)
    if sent:
        return MatrixCell(CellMark.SENT if len(sent) == run else CellMark.SOME, len(sent), run)
    if tried:
        return MatrixCell(CellMark.TRIED, len(tried), max(run, len(tried)))
    if not run:
        return MatrixCell(CellMark.UNTESTED, 0, 0)
    # A session that was lost may have been the one that sends, so only whole sets of sessions get a bound.
    would_show = bool(tallies.sent[item.key]) and not doubt and run == len(ids)
    return MatrixCell(CellMark.SILENT, 0, run, silence_percent(run) if would_show else None, run)


def _picture(row: Iterable[MatrixCell]) -> tuple[object, ...]:
    """What two conditions must have in common to be told as one."""
    return tuple((cell.mark, cell.bound_percent is None) for cell in row)


def _together(cells: Iterable[MatrixCell]) -> MatrixCell:
    """Cells of one mark as one: sessions added up, and the bound of the shortest."""
    cells = tuple(cells)
    worst = min(cells, key=lambda cell: cell.run)
    return MatrixCell(
        cells[0].mark,
        sum(cell.sent for cell in cells),
        sum(cell.run for cell in cells),
        worst.bound_percent,
        worst.run,
    )


def _as_read(column: MatrixColumn) -> tuple[object, ...]:
    """Most is learnt from private windows in which something was sent; then what sent most, then silence."""
    shown = -sum(cell.is_sent for cell in column.cells)
    return (not (column.setting.is_private and column.has_sent), not column.has_sent, -column.run, shown)
