"""What a gate says to people: one line a transfer, one sentence for each reason why it did not pass."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from hometruth.model import (
    DECIDING_BITS,
    Gated,
    GateOutcome,
    Obstacle,
    ObstacleKind,
    Ruling,
    Standing,
    Transfer,
)
from hometruth.report.catalogue import _
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
                _(
                    "… and {part} more: --json, --sarif or --markdown FILE has all",
                    part=len(transfers) - LINES_SHOWN,
                ),
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
    told += _(", under {condition}", condition=transfer.condition) if transfer.condition.levels else ""
    return escape_terminal("; ".join(filter(None, (told, reservation(transfer), transfer.why))))


def reservation(transfer: Transfer) -> str:
    """What keeps it from being said that the recipient got it; empty if nothing does."""
    told = [_("only tried: nothing shows that anybody received it")] if transfer.delivered.is_attempt else []
    if transfer.evidence_bits < DECIDING_BITS:
        told.append(
            _(
                "weak: {evidence_bits:.0f} bits of evidence, and {DECIDING_BITS:.0f} decide",
                evidence_bits=transfer.evidence_bits,
                DECIDING_BITS=DECIDING_BITS,
            )
        )
    elif transfer.standing is Standing.WEAK:
        told.append(_("weak: values that were never planted were found, too"))
    return "; ".join(told)


def receiver(transfer: Transfer) -> str:
    """Host, and who that is."""
    return f"{transfer.recipient} ({transfer.organisation})" if transfer.organisation else transfer.recipient


def place(transfer: Transfer) -> str:
    """Recording and request, counted from 1."""
    return _("{capture} request {part}", capture=transfer.capture, part=transfer.entry + 1)


def headline(gated: Gated) -> str:
    """The outcome in one sentence."""
    match gated.outcome:
        case GateOutcome.PASSED:
            excused = ", ".join(
                f"{len(transfers)} {word}"
                for word, transfers in (
                    ("known", gated.ruled(Ruling.IN_BASELINE)),
                    ("waived", gated.ruled(Ruling.WAIVED)),
                    (_("at own hosts, not examined"), gated.ruled(Ruling.OWN_HOST)),
                )
                if transfers
            )
            passed, other = (
                (_("PASSED but for {excused}", excused=excused), _("other ")) if excused else ("PASSED", "")
            )
            seen = _(
                "{canaries} in {requests}",
                canaries=_canaries(gated),
                requests=count(gated.sight.exchanges, "request"),
            )
            return _(
                "{passed}: {seen}, and no {other}leak in what could be read.",
                passed=passed,
                seen=seen,
                other=other,
            )
        case GateOutcome.LEAKED:
            found = sum(each.standing is Standing.FOUND for each in gated.leaks)
            uncertain = len(gated.leaks) - found
            also = _(
                "{transfers} only tried or weak, which the policy takes for a leak",
                transfers=count(uncertain, "transfer"),
            )
            told = [count(found, "leak")] * bool(found) + [also] * bool(uncertain)
            return _("NOT PASSED: {listed} that nothing allows.", listed=_(" and ").join(told))
    if gated.sight.phantoms:
        return _("NOT PASSED: what was found cannot be trusted.")
    return _("NOT PASSED: no leak was found, and it cannot be said that there is none.")


def summary(gated: Gated) -> Iterator[str]:
    """The outcome, its reasons, and how much was seen; a sentence each."""
    yield headline(gated)
    for obstacle in gated.obstacles:
        yield f"  {sentence(obstacle)}"
    for control in gated.controls:
        if control.seen_at:
            what = "a canary" if control.canary == "*" else control.canary
            yield escape_terminal(
                _("  Control: {what} arrived at {some}.", what=what, some=_some(control.seen_at))
            )
    if own := sorted({each.recipient for each in gated.ruled(Ruling.OWN_HOST)}):
        yield escape_terminal(
            _("  Not examined: what {some} got, by first_party in the file of canaries.", some=_some(own))
        )
    if gated.never_seen:
        yield escape_terminal(
            _(
                "  In no request: {some}: whether it was planted, a recording cannot tell.",
                some=_some(gated.never_seen),
            )
        )
    if gated.baseline:
        yield _("  Baseline: {counted_down}.", counted_down=_counted_down(gated))
    sight = gated.sight
    sent = f"{count(sight.exchanges, 'request')}, {count(sight.sent_bytes, 'byte')}"
    media = (
        _("; {bytes} of media were not looked into", bytes=count(sight.media_bytes, "byte"))
        if sight.media_bytes
        else ""
    )
    yield _(
        "  Seen: {sent}, of which {opaque_share:.1%} could not be read{media}.",
        sent=sent,
        opaque_share=sight.opaque_share,
        media=media,
    )
    if sight.empty:
        yield escape_terminal(
            _("  Empty: {some}: nothing can be said of what ran there.", some=_some(sight.empty))
        )
    if sight.gaps:
        told = ", ".join(f"{number} {kind}" for kind, number in sorted(sight.gaps.items()))
        yield _("  Not seen: gaps: {told}; `hometruth scan` lists them.", told=told)


def _counted_down(gated: Gated) -> str:
    n = len(gated.baseline)
    there = {each.fingerprint for each in gated.transfers}
    told = _(
        "{sum} of {n} known leaks were seen again",
        sum=sum(each.fingerprint in there for each in gated.baseline),
        n=n,
    )
    if not gated.has_seen_enough:
        return _("{told}; too little was seen to say that others are gone", told=told)
    return (
        _("{told}; {len} are gone: take them out with --write-baseline", told=told, len=len(gated.gone))
        if gated.gone
        else told
    )


def sentence(obstacle: Obstacle) -> str:
    """Why it did not pass, and what to do."""
    return escape_terminal(_sentence(obstacle))


def _sentence(obstacle: Obstacle) -> str:
    about, seen, limit, detail = obstacle.about, obstacle.seen, obstacle.limit, obstacle.detail
    under = _(" under {under}", under=obstacle.under) if obstacle.under.levels else ""
    match obstacle.kind:
        case ObstacleKind.EMPTY if under:
            return _(
                "No request was recorded{under}: a condition that saw nothing does not pass.", under=under
            )
        case ObstacleKind.EMPTY:
            told = _(
                "{requests} recorded, and the policy asks for {limit:.0f}",
                requests=count(int(seen), "request"),
                limit=limit,
            )
            return _("{told}: a gate that saw nothing does not pass.", told=told)
        case ObstacleKind.UNREADABLE:
            return detail if detail.startswith(about) else f"{about}: {detail}"
        case ObstacleKind.OPAQUE:
            told = _(
                "{seen:.1%} of what was sent could not be read, more than {limit:.1%}", seen=seen, limit=limit
            )
            return _("{told} ([limits] opaque_share): `hometruth scan` lists the hosts.", told=told)
        case ObstacleKind.GAPS:
            told = _(
                "{gaps} of kind {about}, more than {limit:.0f}",
                gaps=count(int(seen), "gap"),
                about=about,
                limit=limit,
            )
            return _("{told} ([limits.gaps] {about}): `hometruth scan` lists them.", told=told, about=about)
        case ObstacleKind.NO_CONTROL:
            what = _("no canary was") if about == "*" else _("{about} was not", about=about)
            told = _(
                "Control: {what} seen to arrive at {part}{under}",
                what=what,
                part="anybody" if detail == "*" else detail,
                under=under,
            )
            return _("{told}: nothing shows that a leak would have been seen.", told=told)
        case ObstacleKind.EXPIRED:
            return _(
                "The waiver for {about} ({detail}) is over: renew it, or take it out of the policy.",
                about=about,
                detail=detail,
            )
        case ObstacleKind.ATTEMPT:
            told = _(
                "{transfers} tried, and nobody saw whether anything arrived",
                transfers=count(int(seen), "transfer"),
            )
            return _("{told} (on_attempt): let the servers answer, or say what an attempt is.", told=told)
        case ObstacleKind.WEAK:
            told = _(
                "{transfers} with less than {DECIDING_BITS:.0f} bits of evidence",
                transfers=count(int(seen), "transfer"),
                DECIDING_BITS=DECIDING_BITS,
            )
            return _(
                "{told} (on_weak): plant longer values (`hometruth plant`), or say what such evidence is.",
                told=told,
            )
        case ObstacleKind.PHANTOM:
            told = _("{seen:.0f} values that were never planted were found", seen=seen)
            return _("{told}: no row can be trusted. Please report it.", told=told)


def _canaries(gated: Gated) -> str:
    return _("{canarys} looked for", canarys=count(len(gated.canaries), "canary", "canaries"))


def _some(hosts: Iterable[str]) -> str:
    first, *others = hosts
    return _("{first} and {len} more", first=first, len=len(others)) if others else first


def _print(console: Console, line: str, style: str = "") -> None:
    console.print(Text(line, style), soft_wrap=True)
