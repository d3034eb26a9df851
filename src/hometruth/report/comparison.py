"""A comparison for a terminal, or as JSON: what changed, what could not be settled, what is still sent."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

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
from hometruth.report.catalogue import _
from hometruth.report.condition_words import levels_words
from hometruth.report.text import clip, escape_terminal
from hometruth.report.verdicts_json import verdict_row
from hometruth.report.words import KIND_NAMES, at_least, at_most, count, size

if TYPE_CHECKING:
    from hometruth.model.outputs import ChangeJson, ComparisonJson, SideJson

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
    error = _(
        "at most {alpha:.1%} in all {comparisons} together",
        alpha=comparison.alpha,
        comparisons=count(comparison.n_tests, "comparison"),
    )
    _heading(
        console,
        _(
            "Changed: {differences} (false alarm: {error})",
            differences=count(len(settled), "difference"),
            error=error,
        ),
    )
    _changes(console, settled)
    unsettled = [change for change in differing if not change.settled]
    if unsettled:
        _heading(
            console,
            _(
                "Not settled: {differences}; more sessions would settle them",
                differences=count(len(unsettled), "difference"),
            ),
        )
        _changes(console, unsettled)
    _heading(console, _("The same in both: {part:,}", part=len(changes) - len(differing)))
    _heading(console, _("Still sent in B"))
    _changes(
        console, [change for change in changes if change.seen_b and _is_told(change.signal)], share_of_b=True
    )
    if comparison.verdicts:
        _heading(console, _("Verdicts that differ"))
        for old, new in comparison.verdicts:
            _line(console, "  ", f"  {new.proposition} ({new.reading}): {_verdict(old)} → {_verdict(new)}")
    for name, conditions in (("A", comparison.only_a), ("B", comparison.only_b)):
        if conditions:
            _heading(console, _("Only in {name}, so not compared", name=name))
            for condition in conditions[:MAX_LINES]:
                _line(console, "    ", f"  {condition}")
            _left_out(console, len(conditions) - MAX_LINES)


def _is_told(signal: Signal) -> bool:
    """What is still sent is told by content, event and endpoint; fields would be hundreds of lines."""
    return signal.kind in (SignalKind.CONTENT, SignalKind.EVENT, SignalKind.ENDPOINT)


def _side(side: Side) -> str:
    where = f", {levels_words(side.where.levels)}" if side.where.levels else ""
    lost = _("; {lost} more without a valid result, left out", lost=side.lost) if side.lost else ""
    total = side.read_bytes + side.opaque_bytes
    read = (
        _("; {at_least} of {size} read", at_least=at_least(100 * side.read_bytes / total), size=size(total))
        if total
        else _("; nothing was sent")
    )
    return _(
        "{name}: {subject}{where}; {sessions}{lost}{read}",
        name=side.name,
        subject=side.subject,
        where=where,
        sessions=count(side.sessions, "session"),
        lost=lost,
        read=read,
    )


def _care(comparison: Comparison) -> str:
    if comparison.bare or comparison.labelled_by:
        by = comparison.labelled_by
        told = (
            _("What was which was said afterwards, by {by}", by=by)
            if by
            else _("Nobody said what was recorded")
        )
        if comparison.bare:
            told = _("A recording counts as one session, and one a side settles nothing. ") + told
        return _(
            "{told}, and no order was random: a difference may be due to anything (how long each was, what "
            "was done in it, time, server, network). One run with both settings in random order would tell.",
            told=told,
        )
    if comparison.same_run:
        return _("Both sides are of one run in random order: a difference is due to the setting.")
    return _(
        "Two runs: a difference may be due to what is compared, or to anything else that changed between "
        "them (time, server, network). One run with both settings in random order would tell."
    )


def _changes(console: Console, changes: Sequence[Change], *, share_of_b: bool = False) -> None:
    if not changes:
        _line(console, "  ", "  nothing")
    groups: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        groups[f"{change.series}: {levels_words(change.condition.levels)}"].append(change)
    room = MAX_LINES
    for name, group in groups.items():
        told, implied = _told(group)
        if room > 0:
            _line(console, "    ", f"  {name}", "bold")
        for change in told[: max(room, 0)]:
            _line(console, "      ", f"    {_change_text(change, share_of_b=share_of_b)}")
        if room > 0 and implied:
            _line(
                console,
                "      ",
                _("    and {fields} of these requests", fields=count(implied, "field")),
                "dim",
            )
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
    b = _("{seen_b} of {n_b}", seen_b=change.seen_b, n_b=change.n_b)
    if share_of_b:
        return f"· {signal_text(change.signal)}  {b}"
    a = _("{seen_a} of {n_a}", seen_a=change.seen_a, n_a=change.n_a)
    return f"{SIGN[change.direction]} {signal_text(change.signal)}  {a} → {b}"


def _sorted(changes: Iterable[Change]) -> list[Change]:
    """What was planted first, then events, and by how many."""
    return sorted(changes, key=lambda item: (_ORDER.index(item.signal.kind), -abs(_gap(item)), item.signal))


def _gap(change: Change) -> float:
    return change.seen_b / change.n_b - change.seen_a / change.n_a


def _left_out(console: Console, n: int) -> None:
    if n > 0:
        _line(console, "    ", _("    … {n:,} more (--json has all of them)", n=n), "dim")


def signal_text(signal: Signal) -> str:
    """A signal in words, without masking: it holds names, never captured values."""
    what = clip(signal.what, MAX_NAME)
    match signal.kind:
        case SignalKind.CONTENT:
            return f"{KIND_NAMES[CanaryKind(what)]} → {signal.recipient}"
        case SignalKind.ENDPOINT:
            return _("request to {recipient}{what}", recipient=signal.recipient, what=what)
        case SignalKind.UNREADABLE:
            return f"{what} → {signal.recipient}"
        case _:
            return f"{signal.kind} {what} → {signal.recipient}"


def _verdict(verdict: Verdict) -> str:
    bound = f" ≤ {at_most(verdict.bound_percent)}" if verdict.bound_percent is not None else ""
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


def comparison_json(found: Comparison) -> str:
    """All that was compared, as JSON text."""
    document: ComparisonJson = {
        "a": _side_json(found.a),
        "b": _side_json(found.b),
        "same_run": found.same_run,
        "alpha": found.alpha,
        "n_tests": found.n_tests,
        "changes": [_change_json(change) for change in found.changes],
        "only_a": list(found.only_a),
        "only_b": list(found.only_b),
        "bare": found.bare,
        "labelled_by": found.labelled_by,
        "verdicts": [{"a": verdict_row(a), "b": verdict_row(b)} for a, b in found.verdicts],
    }
    return json.dumps(document, indent=1)


def _side_json(side: Side) -> "SideJson":
    return {
        "name": side.name,
        "subject": side.subject,
        "where": side.where.as_dict(),
        "sessions": side.sessions,
        "lost": side.lost,
        "read_bytes": side.read_bytes,
        "opaque_bytes": side.opaque_bytes,
    }


def _change_json(change: Change) -> "ChangeJson":
    signal = change.signal
    return {
        "signal": {"kind": signal.kind, "recipient": signal.recipient, "what": signal.what},
        "direction": change.direction,
        "series": change.series,
        "condition": change.condition.as_dict(),
        "seen_a": change.seen_a,
        "n_a": change.n_a,
        "seen_b": change.seen_b,
        "n_b": change.n_b,
        "p_value": float(f"{change.p_value:.6g}"),
        "settled": change.settled,
    }
