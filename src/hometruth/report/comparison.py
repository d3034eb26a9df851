"""A comparison for a terminal: what changed, what could not be settled, what is still sent."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from hometruth.model import (
    CanaryKind,
    Change,
    Comparison,
    Direction,
    Side,
    Signal,
    SignalKind,
    Verdict,
)
from hometruth.report.text import clip, escape_terminal
from hometruth.report.words import KIND_NAMES, count, percent, size

SIGN = {
    Direction.APPEARED: "+",
    Direction.DISAPPEARED: "−",
    Direction.MORE: "↑",
    Direction.LESS: "↓",
    Direction.SAME: "=",
}
MAX_LINES = 25
"""Lines of one list on a terminal; `--json` has all of them."""
MAX_NAME = 120
_ORDER = list(SignalKind)


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print what differs, how surely, what is still sent in B, and what could not be compared."""
    _line(console, "   ", f"A  {_side(comparison.a)}")
    _line(console, "   ", f"B  {_side(comparison.b)}")
    _line(console, "", _care(comparison), "italic")
    changes = comparison.changes
    differing = [change for change in changes if change.direction is not Direction.SAME]
    settled = [change for change in differing if change.settled]
    error = f"at most {comparison.alpha:.1%} in all {count(comparison.n_tests, 'comparison')} together"
    _heading(console, f"Changed: {count(len(settled), 'difference')} (false alarm: {error})")
    _changes(console, settled)
    unsettled = [change for change in differing if not change.settled]
    if unsettled:
        _heading(
            console, f"Not settled: {count(len(unsettled), 'difference')}; more sessions would settle them"
        )
        _changes(console, unsettled)
    _heading(console, f"The same in both: {len(changes) - len(differing):,}")
    _heading(console, "Still sent in B")
    _changes(
        console, [change for change in changes if change.seen_b and _is_told(change.signal)], share_of_b=True
    )
    if comparison.verdicts:
        _heading(console, "Verdicts that differ")
        for old, new in comparison.verdicts:
            _line(console, "  ", f"  {new.proposition} ({new.reading}): {_verdict(old)} → {_verdict(new)}")
    for name, conditions in (("A", comparison.only_a), ("B", comparison.only_b)):
        if conditions:
            _heading(console, f"Only in {name}, so not compared")
            for condition in conditions[:MAX_LINES]:
                _line(console, "    ", f"  {condition}")
            _left_out(console, len(conditions) - MAX_LINES)


def _is_told(signal: Signal) -> bool:
    """What is still sent is told by content, event and endpoint; fields would be hundreds of lines."""
    return signal.kind in (SignalKind.CONTENT, SignalKind.EVENT, SignalKind.ENDPOINT)


def _side(side: Side) -> str:
    where = f", {side.where}" if side.where.levels else ""
    lost = f"; {side.lost} more without a valid result, left out" if side.lost else ""
    total = side.read_bytes + side.opaque_bytes
    read = (
        f"; {percent(100 * side.read_bytes / total)} of {size(total)} read" if total else "; nothing was sent"
    )
    return f"{side.name}: {side.subject}{where}; {count(side.sessions, 'session')}{lost}{read}"


def _care(comparison: Comparison) -> str:
    if comparison.bare or comparison.labelled_by:
        by = comparison.labelled_by
        told = f"What was which was said afterwards, by {by}" if by else "Nobody said what was recorded"
        if comparison.bare:
            told = "A recording counts as one session, and one a side settles nothing. " + told
        return (
            f"{told}, and no order was random: a difference may be due to anything (how long each was, what "
            "was done in it, time, server, network). One run with both settings in random order would tell."
        )
    if comparison.same_run:
        return "Both sides are of one run in random order: a difference is due to the setting."
    return (
        "Two runs: a difference may be due to what is compared, or to anything else that changed between "
        "them (time, server, network). One run with both settings in random order would tell."
    )


def _changes(console: Console, changes: Sequence[Change], *, share_of_b: bool = False) -> None:
    if not changes:
        _line(console, "  ", "  nothing")
    groups: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        groups[f"{change.series}: {change.condition}"].append(change)
    room = MAX_LINES
    for name, group in groups.items():
        told, implied = _told(group)
        if room > 0:
            _line(console, "    ", f"  {name}", "bold")
        for change in told[: max(room, 0)]:
            _line(console, "      ", f"    {_change_text(change, share_of_b=share_of_b)}")
        if room > 0 and implied:
            _line(console, "      ", f"    and {count(implied, 'field')} of these requests", "dim")
        room -= len(told)
    _left_out(console, -room)


def _told(changes: Sequence[Change]) -> tuple[list[Change], int]:
    """What to tell, what was planted first; and how many fields changed just as the requests they are in."""
    whole = {
        (change.signal.recipient, change.direction, change.seen_a, change.seen_b)
        for change in changes
        if change.signal.kind is SignalKind.ENDPOINT
    }
    told = [
        change
        for change in changes
        if change.signal.kind is not SignalKind.FIELD
        or (change.signal.recipient, change.direction, change.seen_a, change.seen_b) not in whole
    ]
    return _sorted(told), len(changes) - len(told)


def _change_text(change: Change, *, share_of_b: bool) -> str:
    b = f"{change.seen_b} of {change.n_b}"
    if share_of_b:
        return f"· {signal_text(change.signal)}  {b}"
    a = f"{change.seen_a} of {change.n_a}"
    return f"{SIGN[change.direction]} {signal_text(change.signal)}  {a} → {b}"


def _sorted(changes: Iterable[Change]) -> list[Change]:
    """What was planted first, then events, and by how many."""
    return sorted(changes, key=lambda item: (_ORDER.index(item.signal.kind), -abs(_gap(item)), item.signal))


def _gap(change: Change) -> float:
    return change.seen_b / change.n_b - change.seen_a / change.n_a


def _left_out(console: Console, n: int) -> None:
    if n > 0:
        _line(console, "    ", f"    … {n:,} more (--json has all of them)", "dim")


def signal_text(signal: Signal) -> str:
    """A signal in words, without masking: it holds names, never captured values."""
    what = clip(signal.what, MAX_NAME)
    match signal.kind:
        case SignalKind.CONTENT:
            return f"{KIND_NAMES[CanaryKind(what)]} → {signal.recipient}"
        case SignalKind.ENDPOINT:
            return f"request to {signal.recipient}{what}"
        case SignalKind.UNREADABLE:
            return f"{what} → {signal.recipient}"
        case _:
            return f"{signal.kind} {what} → {signal.recipient}"


def _verdict(verdict: Verdict) -> str:
    bound = f" ≤ {percent(verdict.bound_percent)}" if verdict.bound_percent is not None else ""
    return f"{verdict.verdict}{bound}"


def _heading(console: Console, text: str) -> None:
    console.print()
    _line(console, "", text, "bold")


def _line(console: Console, hanging: str, text: str, style: str = "") -> None:
    """Print *text*, wrapped lines under *hanging*."""
    shown = Text(escape_terminal(text), style, overflow="fold")
    for place, line in enumerate(shown.wrap(console, max(console.width - len(hanging), 1))):
        line.rstrip()
        console.print(Text(hanging if place else "") + line)
