"""What was done x condition: what of it was sent to the vendor, how often, and how sure silence is.

ToldAs by the rules that verdicts are made by: sessions whose settings were confirmed, values that certainly
are the planted ones, not what the action itself needs, nothing that a page caused, and nothing that was only
tried. Silence gets a bound only where the same thing was seen elsewhere in the run, so that it would have
been noticed, and where nothing was left unread that could hold it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hometruth.bounds import upper_bound_percent
from hometruth.model import (
    DECIDING_BITS,
    TESTERS_MARK,
    Arm,
    Audit,
    Canary,
    CanaryKind,
    Condition,
    Effect,
    Finding,
    InitiatorKind,
    Trial,
    TrialStatus,
)
from hometruth.report.catalogue import _
from hometruth.report.condition_words import Setting, setting_words, settings_of
from hometruth.report.effects import effects_asked, shown_first
from hometruth.report.reasons import sentence_of
from hometruth.report.words import KIND_NAMES, known_name


class ToldAs(StrEnum):
    """What a finding is told as, everywhere: in the matrix, in pictures and in tables."""

    EXPECTED = "expected"
    """The action itself: what was declared to be needed for it."""
    SENT = "sent"
    TRIED = "tried"
    """Nobody answered, or something stopped it."""
    UNCOUNTED = "uncounted"
    """A page caused it, the evidence is too little, or no session of it had its settings confirmed."""


class CellMark(StrEnum):
    """What one cell shows."""

    SENT = "sent"
    """In every session that counts."""
    SOME = "some"
    TRIED = "tried"
    """Only tried: nobody answered, or something stopped it."""
    FOLLOWS = "follows"
    """It cannot be read, and depends on what was done."""
    SILENT = "silent"
    UNTESTED = "untested"


@dataclass(frozen=True, slots=True)
class Datum:
    """A row of the matrix: something that was done, or a value that the device has."""

    key: str
    label: str


UNREAD = Datum("unread", _("follows, unread"))
"""Of sessions in pairs: what cannot be read, yet depends on what is done."""


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One thing in one setting."""

    mark: CellMark
    sent_in: frozenset[str]
    """Ids of the sessions in which it was sent, or tried."""
    run_in: frozenset[str]
    """Those of all sessions that count."""
    bound_percent: float | None = None
    """Of a silent cell: with 95 % confidence at most this share of such sessions sends it readably. That of
    the condition with the fewest sessions; None where silence proves nothing yet."""
    least: int = 0
    """Sessions of that condition."""
    doubt: str = ""
    """Why silence in it proves nothing yet, where something was unread or unseen; of a silent cell only."""
    pairs: tuple[int, int] | None = None
    """Of what follows what is done: in how many pairs of sessions, and of how many."""

    @property
    def sent(self) -> int:
        """In how many sessions it was sent, or tried; in how many pairs it follows."""
        return self.pairs[0] if self.pairs else len(self.sent_in)

    @property
    def run(self) -> int:
        """How many sessions, or pairs, count."""
        return self.pairs[1] if self.pairs else len(self.run_in)

    @property
    def is_sent(self) -> bool:
        """True if it was sent in any session."""
        return self.mark in (CellMark.SENT, CellMark.SOME)

    @property
    def tells(self) -> bool:
        """True if it was sent in any session, or follows what was done."""
        return self.is_sent or self.mark is CellMark.FOLLOWS


@dataclass(frozen=True, slots=True)
class MatrixColumn:
    """One setting with a cell for each datum."""

    setting: Setting
    label: str
    cells: tuple[MatrixCell, ...]
    uncounted: int
    """Sessions that were planned and do not count: lost, or their settings not confirmed."""

    @property
    def run(self) -> int:
        """Most sessions that count for any of its cells."""
        return max((cell.run for cell in self.cells), default=0)

    @property
    def has_sent(self) -> bool:
        """True if anything was sent in any of its sessions."""
        return any(cell.is_sent for cell in self.cells)

    @property
    def tells(self) -> bool:
        """True if anything was sent in any of its sessions, or follows what was done in them."""
        return any(cell.tells for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Everything that was done, under every setting; settings that gave the same picture are joined."""

    data: tuple[Datum, ...]
    columns: tuple[MatrixColumn, ...]
    never_seen: tuple[Datum, ...]
    """Known values that were looked for in every session and sent in none."""
    doubt: str
    """Why silence proves nothing anywhere in this run; empty if it may."""
    beside_action: bool
    """True if the action itself tells the recipient something as well, which is counted nowhere here."""


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
    doubt = sentence_of(audit.doubts[0]) if audit.doubts else ""
    doubts = {condition: doubt or sentence_of(reason) for condition, reason in audit.doubts_at}
    by_condition: dict[Condition, list[Trial]] = defaultdict(list)
    for trial in audit.trials:
        if trial.status is not TrialStatus.NOT_NEEDED:
            by_condition[trial.condition].append(trial)
    cells = {
        condition: tuple(_cell(item, trials, tallies, doubts.get(condition, doubt)) for item in shown)
        for condition, trials in sorted(by_condition.items())
    }
    if asked := effects_asked(audit):
        shown += (UNREAD,)
        cells = {
            condition: (*row, _unread(audit, by_condition[condition], asked.get(condition, ())))
            for condition, row in cells.items()
        }
    settings = settings_of(
        {condition: _picture(row) for condition, row in cells.items()},
        {condition for condition, row in cells.items() if any(cell.tells for cell in row)},
    )
    columns = (
        MatrixColumn(
            setting,
            setting_words(setting, by_condition, audit.subject),
            tuple(map(_together, zip(*(cells[one] for one in setting.conditions), strict=True))),
            _uncounted(setting, by_condition, cells),
        )
        for setting in settings
    )
    return Matrix(
        shown,
        tuple(sorted(columns, key=_as_read)),
        tuple(item for item in data if item not in shown and tallies.tested[item.key]),
        doubt,
        any(finding.expected and finding.recipient.vendor_controlled for finding in audit.findings),
    )


def counted_findings(audit: Audit) -> Iterator[tuple[Finding, ToldAs, frozenset[str]]]:
    """Every finding, as what it counts, and the sessions that it is from.

    What was sent, or tried, is told of sessions whose settings were confirmed only: in one that broke off,
    nobody noted what was done, so that the action itself would look like something else.
    """
    attested = {trial.id for trial in audit.trials if trial.is_attested()}
    for finding in audit.findings:
        cell = finding.canary.cell
        # A minted value says which session it comes from, however late it was sent.
        sessions = frozenset((cell,) if cell is not None else finding.trials)
        if finding.expected:
            yield finding, ToldAs.EXPECTED, sessions
        elif (
            finding.initiator.kind is InitiatorKind.PAGE
            or finding.evidence_bits < DECIDING_BITS
            or not sessions & attested
        ):
            yield finding, ToldAs.UNCOUNTED, sessions
        else:
            counted = ToldAs.TRIED if finding.delivered.is_attempt else ToldAs.SENT
            yield finding, counted, sessions & attested


def sent_findings(audit: Audit) -> Iterator[tuple[Finding, frozenset[str]]]:
    """What was certainly sent beyond what the action itself needs, each with its sessions."""
    return ((finding, ids) for finding, counted, ids in counted_findings(audit) if counted is ToldAs.SENT)


def datum_of(canary: Canary) -> Datum:
    """What a canary is called in pictures: its kind, or which known value it is."""
    if not canary.personal or canary.kind is CanaryKind.ACCOUNT:
        return Datum(canary.kind.value, KIND_NAMES[canary.kind])
    named = known_name(canary.id)
    return Datum(f"known:{named or canary.id}", named or _("known value “{id}”", id=canary.id))


def _data(audit: Audit) -> list[Datum]:
    """What was planted or is known, in the order of the kinds; known values by name."""
    order = list(CanaryKind)
    marks = marks_of_the_tester(audit)
    planted = (canary for canary in audit.canaries if canary.id not in marks)
    told = (each.canary for each in audit.findings if not each.expected or each.canary.id not in marks)
    by_kind = sorted({*planted, *told}, key=lambda canary: (order.index(canary.kind), canary.id))
    return list(dict.fromkeys(map(datum_of, by_kind)))


def marks_of_the_tester(audit: Audit) -> frozenset[str]:
    """Ids of canaries that the subject was never told: this computer notes with them what a coin decided."""
    marked = {
        trial.series
        for trial in audit.trials
        if any(record.action == TESTERS_MARK for record in trial.actions)
    }
    there = {trial.id for trial in audit.trials if trial.series in marked}
    return frozenset(canary.id for canary in audit.canaries if canary.cell in there)


def _tallies(audit: Audit, data: Iterable[Datum]) -> _Tallies:
    attested = {trial.id: trial for trial in audit.trials if trial.is_attested()}
    tested: dict[str, set[str]] = {item.key: set() for item in data}
    sent: dict[str, set[str]] = {item.key: set() for item in data}
    tried: dict[str, set[str]] = {item.key: set() for item in data}
    acted = {action.canary for trial in attested.values() for action in trial.actions if action.happened}
    whole = {name for name, trial in attested.items() if trial.status is TrialStatus.DONE}
    marks = marks_of_the_tester(audit)
    for canary in audit.canaries:
        if canary.id in marks:
            continue
        sessions = {canary.cell} if canary.cell is not None else whole
        if canary.kind is CanaryKind.ACCOUNT:
            sessions = {name for name in sessions if name in attested and _is_signed_in(attested[name])}
        if canary.personal or canary.id in acted:
            tested[datum_of(canary).key] |= sessions & whole
    for finding, counted, ids in counted_findings(audit):
        into = {ToldAs.SENT: sent, ToldAs.TRIED: tried}.get(counted)
        if into is not None and finding.recipient.vendor_controlled:
            into[datum_of(finding.canary).key] |= ids
    return _Tallies(*({key: frozenset(ids) for key, ids in each.items()} for each in (tested, sent, tried)))


def _is_signed_in(trial: Trial) -> bool:
    """True unless the session's own account level says that nobody was."""
    return trial.condition.get("account") not in (None, "none")


def _cell(item: Datum, trials: Iterable[Trial], tallies: _Tallies, doubt: str) -> MatrixCell:
    ids = {trial.id for trial in trials}
    sent, tried = tallies.sent[item.key] & ids, tallies.tried[item.key] & ids
    run = (tallies.tested[item.key] | tallies.sent[item.key]) & ids
    if sent:
        return MatrixCell(CellMark.SENT if sent == run else CellMark.SOME, sent, run)
    if tried:
        return MatrixCell(CellMark.TRIED, tried, run | tried)
    if not run:
        return MatrixCell(CellMark.UNTESTED, sent, run)
    # A session that was lost may have been the one that sends, so only whole sets of sessions get a bound.
    would_show = bool(tallies.sent[item.key]) and not doubt and run == ids
    bound = upper_bound_percent(0, len(run)) if would_show else None
    return MatrixCell(CellMark.SILENT, sent, run, bound, len(run), doubt)


def _unread(audit: Audit, trials: Sequence[Trial], effects: Iterable[Effect]) -> MatrixCell:
    """Whether what cannot be read follows what was done, in the pairs of one condition.

    Silence is bounded where a statement was found CONSISTENT by it: what did not fit was not sent.
    """
    done = frozenset(trial.id for trial in trials if counts(trial) and trial.arm is Arm.CANARIES)
    shown = shown_first(effects)
    if shown is not None:
        pairs = (shown.leaning, shown.untied) if shown.by_coin else None
        return MatrixCell(CellMark.FOLLOWS, done, done, pairs=pairs)
    if not done:
        return MatrixCell(CellMark.UNTESTED, done, done)
    bounds = [
        row.bound_percent
        for row in audit.verdicts
        if row.effects and row.condition == trials[0].condition and row.bound_percent is not None
    ]
    return MatrixCell(CellMark.SILENT, frozenset(), done, max(bounds, default=None), len(done))


def _uncounted(
    setting: Setting,
    by_condition: Mapping[Condition, Iterable[Trial]],
    cells: Mapping[Condition, Iterable[MatrixCell]],
) -> int:
    """Sessions of the setting that were lost or not confirmed, but for those in which something was sent."""
    seen = {name for one in setting.conditions for cell in cells[one] for name in cell.run_in}
    planned = (trial for one in setting.conditions for trial in by_condition[one])
    return sum(not counts(trial) and trial.id not in seen for trial in planned)


def counts(trial: Trial) -> bool:
    """True if the session was run to its end under settings that were confirmed: silence in it is worth
    something."""
    return trial.status is TrialStatus.DONE and trial.is_attested()


def _picture(row: Iterable[MatrixCell]) -> tuple[object, ...]:
    """What two conditions must have in common to be told as one."""
    return tuple((cell.mark, cell.bound_percent is None) for cell in row)


def _together(cells: Iterable[MatrixCell]) -> MatrixCell:
    """Cells of one mark as one: sessions added up, and the bound of the shortest."""
    cells = tuple(cells)
    worst = min(cells, key=lambda cell: cell.run)
    pairs = [cell.pairs for cell in cells if cell.pairs]
    return MatrixCell(
        cells[0].mark,
        frozenset().union(*(cell.sent_in for cell in cells)),
        frozenset().union(*(cell.run_in for cell in cells)),
        worst.bound_percent,
        worst.run,
        next((cell.doubt for cell in cells if cell.doubt), ""),
        (sum(n for n, _ in pairs), sum(run for _, run in pairs)) if pairs else None,
    )


def _as_read(column: MatrixColumn) -> tuple[object, ...]:
    """Most is learnt from private windows in which something was sent; then what sent most, then silence."""
    shown = -sum(cell.is_sent for cell in column.cells)
    private, sent, tells = column.setting.is_private, column.has_sent, column.tells
    return (not (private and sent), not sent, not (private and tells), not tells, -column.run, shown)
