"""What a gate says to people: one line a transfer, one sentence for each reason why it did not pass."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from hometruth.model import DECIDING_BITS, Gated, GateOutcome, Obstacle, ObstacleKind, Ruling, Transfer
from hometruth.report.text import escape_terminal
from hometruth.report.width import console_of
from hometruth.report.words import count

STYLES = {Ruling.LEAK: "bold red", Ruling.ATTEMPT: "yellow", Ruling.WEAK: "yellow"}
LINES_SHOWN = 200
"""Lines of one ruling; a person wants a file beyond that."""


def print_gate(gated: Gated) -> None:
    """Transfers that are not simply allowed, then the outcome and its reasons."""
    console = console_of()
    for ruling in Ruling:
        if ruling in (Ruling.ALLOWED, Ruling.OWN_HOST):
            continue
        transfers = gated.ruled(ruling)
        for transfer in transfers[:LINES_SHOWN]:
            _print(console, f"{ruling.upper():<12} {line_of_transfer(transfer)}", STYLES.get(ruling, ""))
        if len(transfers) > LINES_SHOWN:
            _print(
                console,
                f"… and {len(transfers) - LINES_SHOWN} more: --json, --sarif or --markdown FILE has all",
            )
    for line in summary(gated):
        _print(console, line, "bold red" if line == headline(gated) and not gated.passed else "")


def line_of_transfer(transfer: Transfer) -> str:
    """``email → tracker.example, query u (base64, sha256), phone.har request 3``."""
    wrapping = ", ".join((*transfer.chain, *([] if transfer.form == "plain" else [transfer.form])))
    told = f"{transfer.canary} → {receiver(transfer)}, {transfer.field}"
    told += f" ({wrapping})" if wrapping else ""
    told += f", {transfer.times} times" if transfer.times > 1 else ""
    told += f", {place(transfer)}"
    told += f", under {transfer.condition}" if transfer.condition.levels else ""
    return escape_terminal(told + (f"; {transfer.why}" if transfer.why else ""))


def receiver(transfer: Transfer) -> str:
    """Host, and who that is."""
    return f"{transfer.recipient} ({transfer.organisation})" if transfer.organisation else transfer.recipient


def place(transfer: Transfer) -> str:
    """Recording and request, counted from 1."""
    return f"{transfer.capture} request {transfer.entry + 1}"


def headline(gated: Gated) -> str:
    """The outcome in one sentence."""
    n = len(gated.leaks)
    match gated.outcome:
        case GateOutcome.PASSED:
            seen = f"{_canaries(gated)} in {count(gated.exchanges, 'request')}"
            return f"PASSED: {seen}, and no leak in what could be read."
        case GateOutcome.LEAKED:
            return f"NOT PASSED: {count(n, 'leak')} that nothing allows."
    if n:
        return "NOT PASSED: what was found cannot be trusted."
    return "NOT PASSED: no leak was found, and it cannot be said that there is none."


def summary(gated: Gated) -> Iterator[str]:
    """The outcome, its reasons, and how much was seen; a sentence each."""
    yield headline(gated)
    for obstacle in gated.obstacles:
        yield f"  {sentence(obstacle)}"
    for control in gated.controls:
        if control.seen_at:
            what = "a canary" if control.canary == "*" else control.canary
            yield escape_terminal(f"  Control: {what} arrived at {_some(control.seen_at)}.")
    if gated.baseline:
        left = len(gated.baseline) - len(gated.gone)
        gone = f"; {len(gated.gone)} are gone: take them out with --write-baseline" if gated.gone else ""
        yield f"  Baseline: {left} of {len(gated.baseline)} known leaks are still there{gone}."
    if waived := gated.ruled(Ruling.WAIVED):
        yield f"  Waived: {len(waived)}."
    sent = f"{count(gated.exchanges, 'request')}, {count(gated.sent_bytes, 'byte')}"
    yield f"  Seen: {sent}, of which {gated.opaque_share:.1%} could not be read."
    if gated.gaps:
        told = ", ".join(f"{number} {kind}" for kind, number in gated.gaps.items())
        yield f"  Not seen: gaps: {told}; `hometruth scan` lists them."


def sentence(obstacle: Obstacle) -> str:
    """Why it did not pass, and what to do."""
    return escape_terminal(_sentence(obstacle))


def _sentence(obstacle: Obstacle) -> str:
    about, seen, limit, detail = obstacle.about, obstacle.seen, obstacle.limit, obstacle.detail
    match obstacle.kind:
        case ObstacleKind.EMPTY:
            told = f"{count(int(seen), 'request')} recorded, and the policy asks for {limit:.0f}"
            return f"{told}: a gate that saw nothing does not pass."
        case ObstacleKind.UNREADABLE:
            return detail if detail.startswith(about) else f"{about}: {detail}"
        case ObstacleKind.OPAQUE:
            told = f"{seen:.1%} of what was sent could not be read, more than {limit:.1%}"
            return f"{told} ([limits] opaque_share): `hometruth scan` lists the hosts."
        case ObstacleKind.GAPS:
            told = f"{count(int(seen), 'gap')} of kind {about}, more than {limit:.0f}"
            return f"{told} ([limits.gaps] {about}): `hometruth scan` lists them."
        case ObstacleKind.NO_CONTROL:
            what = "no canary was" if about == "*" else f"{about} was not"
            told = f"Control: {what} seen to arrive at {'anybody' if detail == '*' else detail}"
            return f"{told}: nothing shows that a leak would have been seen."
        case ObstacleKind.EXPIRED:
            return f"The waiver for {about} ({detail}) is over: renew it, or take it out of the policy."
        case ObstacleKind.ATTEMPT:
            told = f"{count(int(seen), 'transfer')} tried, and nobody saw whether anything arrived"
            return f"{told} (on_attempt): let the servers answer, or say what an attempt is."
        case ObstacleKind.WEAK:
            told = f"{count(int(seen), 'transfer')} with less than {DECIDING_BITS:.0f} bits of evidence"
            return f"{told} (on_weak): plant longer values (`hometruth plant`), or say what such evidence is."
        case ObstacleKind.PHANTOM:
            told = f"{seen:.0f} values that were never planted were found"
            return f"{told}: no row can be trusted. Please report it."


def _canaries(gated: Gated) -> str:
    return f"{count(len(gated.canaries), 'canary', 'canaries')} looked for"


def _some(hosts: Iterable[str]) -> str:
    first, *others = hosts
    return f"{first} and {len(others)} more" if others else first


def _print(console: Console, line: str, style: str = "") -> None:
    console.print(Text(line, style), soft_wrap=True)
