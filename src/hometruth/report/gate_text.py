"""What a gate says to people: one line a transfer, one sentence for each reason why it did not pass."""

from collections import Counter
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from hometruth.model import (
    DECIDING_BITS,
    Clue,
    Gated,
    GateOutcome,
    Obstacle,
    ObstacleKind,
    Party,
    PersonalKind,
    Ruling,
    SentField,
    Standing,
    Transfer,
    Unnamed,
)
from hometruth.report.catalogue import _
from hometruth.report.text import escape_terminal
from hometruth.report.width import console_of
from hometruth.report.words import count

STYLES = {
    Ruling.LEAK: "bold red",
    Ruling.ATTEMPT: "yellow",
    Ruling.WEAK: "yellow",
    Ruling.UNNAMED: "yellow",
}
KIND_WORDS = {
    PersonalKind.EMAIL: _("an e-mail address"),
    PersonalKind.TELEPHONE: _("a telephone number"),
    PersonalKind.POSTAL_ADDRESS: _("a postal address"),
    PersonalKind.IBAN: _("an IBAN"),
    PersonalKind.PAYMENT_CARD: _("a payment card"),
    PersonalKind.TAX_NUMBER_DE: _("a German tax number"),
    PersonalKind.INSURANCE_NUMBER_DE: _("a German health insurance number"),
    PersonalKind.CITIZEN_NUMBER_NL: _("a Dutch citizen number"),
    PersonalKind.INSURANCE_NUMBER_FR: _("a French insurance number"),
    PersonalKind.TAX_CODE_IT: _("an Italian tax code"),
    PersonalKind.IDENTITY_NUMBER_ES: _("a Spanish identity number"),
    PersonalKind.CITIZEN_NUMBER_PL: _("a Polish citizen number"),
    PersonalKind.TAX_NUMBER_BR: _("a Brazilian tax number"),
    PersonalKind.RESIDENT_NUMBER_IN: _("an Indian resident number"),
    PersonalKind.SOCIAL_SECURITY_NUMBER_US: _("a US social security number"),
    PersonalKind.DIAGNOSIS: _("something about health"),
    PersonalKind.NAME: _("a person's name"),
    PersonalKind.BIRTH_DATE: _("a date of birth"),
    PersonalKind.LOCATION: _("a precise location"),
    PersonalKind.IP_ADDRESS: _("an IP address"),
    PersonalKind.PASSWORD: _("a password"),
    PersonalKind.CONNECTION: _("address and browser of who sends it"),
}
CLUE_WORDS = {
    Clue.CHECK_DIGITS: _("check digits that fit"),
    Clue.COUNTRY: _("length and characters of its country"),
    Clue.ISSUER: _("first digits of a card issuer"),
    Clue.SYNTAX: _("its form"),
    Clue.FIELD: _("name of the field"),
    Clue.GROUPS: _("groups of digits"),
    Clue.WHOLE: _("the whole field"),
    Clue.RECIPIENT: _("any request tells it"),
}
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
    _print_unnamed(console, gated)
    for line in summary(gated):
        _print(console, line, "bold red" if line == headline(gated) and not gated.passed else "")


def _print_unnamed(console: Console, gated: Gated) -> None:
    """What nobody named, but for what is allowed or stays at home: that is counted."""
    shown = [each for each in gated.unnamed if each.ruling not in (Ruling.ALLOWED, Ruling.OWN_HOST)]
    for each in shown[:LINES_SHOWN]:
        _print(console, f"{each.ruling.upper():<12} {line_of_unnamed(each)}", STYLES.get(each.ruling, ""))
    if len(shown) > LINES_SHOWN:
        more = _(
            "… and {part} more: --json, --sarif or --markdown FILE has all", part=len(shown) - LINES_SHOWN
        )
        _print(console, more)


def line_of_transfer(transfer: Transfer) -> str:
    """``email → tracker.example, query u (base64, sha256), phone.har request 3``."""
    return _line(transfer, transfer.canary, () if transfer.form == "plain" else (transfer.form,))


def line_of_unnamed(unnamed: Unnamed) -> str:
    """``an IBAN, nobody named it → tracker.example, body iban (json), …: check digits that fit``."""
    return _line(unnamed, what_looks(unnamed), ()) + _(": {clues}", clues=clues_of(unnamed))


def clues_of(unnamed: Unnamed) -> str:
    """What speaks for it, in words."""
    return ", ".join(str(CLUE_WORDS[each]) for each in unnamed.clues)


def what_looks(unnamed: Unnamed) -> str:
    """``looks like an IBAN (DE•••••00)``."""
    kind = KIND_WORDS[unnamed.kind]
    if unnamed.kind is PersonalKind.CONNECTION:
        return _("contacted: {kind}", kind=kind)
    told = _("looks like {kind} ({shown})", kind=kind, shown=unnamed.shown)
    return told if unnamed.values < 2 else _("{told} and {n} others", told=told, n=unnamed.values - 1)


def _line(sent: SentField, what: str, forms: Iterable[str]) -> str:
    wrapping = ", ".join((*sent.chain, *forms))
    told = ", ".join(filter(None, (f"{what} → {receiver(sent)}", sent.field)))
    told += f" ({wrapping})" if wrapping else ""
    told += f", {sent.times} times" if sent.times > 1 else ""
    told += f", {place(sent)}"
    told += _(", without TLS") if sent.is_clear else ""
    told += _(", under {condition}", condition=sent.condition) if sent.condition.levels else ""
    return escape_terminal("; ".join(filter(None, (told, reservation(sent), sent.why))))


def reservation(sent: SentField) -> str:
    """What keeps it from being said that the recipient got it; empty if nothing does."""
    told = [_("only tried: nothing shows that anybody received it")] if sent.delivered.is_attempt else []
    if not isinstance(sent, Transfer):
        return "".join(told)
    transfer = sent
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


def receiver(transfer: SentField) -> str:
    """Host, and who that is."""
    return f"{transfer.recipient} ({transfer.organisation})" if transfer.organisation else transfer.recipient


def place(transfer: SentField) -> str:
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
                    (_("that nobody named"), [each for each in gated.unnamed if each.ruling in EXCUSED]),
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
            if gated.unnamed_leaks:
                told.append(
                    _(
                        "{unnamed} of what looks personal and nobody named",
                        unnamed=count(len(gated.unnamed_leaks), "transfer"),
                    )
                )
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
    yield from _about_unnamed(gated)
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


EXCUSED = (Ruling.UNNAMED, Ruling.IN_BASELINE, Ruling.WAIVED)
"""Of what nobody named: it does not fail, and a pass says so."""


def _about_unnamed(gated: Gated) -> Iterator[str]:
    """Who was contacted, and how much of what nobody named went to others and to one's own hosts."""
    by_party = Counter(each.party for each in gated.recipients)
    if gated.recipients:
        parts = [_("{n} third parties", n=by_party[Party.THIRD])] if by_party[Party.THIRD] else []
        parts += [_("{n} unknown whose", n=by_party[Party.UNKNOWN])] if by_party[Party.UNKNOWN] else []
        told = ", ".join(parts) or _("no third party")
        own = sorted({each.domain for each in gated.recipients if each.party is Party.OWN})
        told += _("; one's own: {own}", own=_some(own)) if own else ""
        hosts = count(len(gated.recipients), "host")
        yield escape_terminal(_("  Contacted: {hosts}, {told}.", hosts=hosts, told=told))
    if not gated.sought:
        yield _("  Personal data that nobody named was not looked for (on_unnamed).")
        return
    at_home = sum(each.party is Party.OWN for each in gated.unnamed)
    yield _(
        "  Named by nobody, and personal by its looks: {elsewhere} at others, {at_home} at own hosts.",
        elsewhere=count(len(gated.unnamed) - at_home, "field"),
        at_home=at_home,
    )


def _counted_down(gated: Gated) -> str:
    n = len(gated.baseline)
    there = {each.fingerprint for each in gated.everything}
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
        case ObstacleKind.UNNAMED:
            told = _(
                "{transfers} of what looks personal and nobody named", transfers=count(int(seen), "transfer")
            )
            return _("{told} (on_unnamed): stop it, allow it, or say what it is.", told=told)
        case ObstacleKind.PHANTOM:
            told = _("{seen:.0f} values that were never planted were found", seen=seen)
            return _("{told}: no row can be trusted. Please report it.", told=told)


def _canaries(gated: Gated) -> str:
    if not gated.canaries:
        return _("no canary, only what looks personal, looked for")
    return _("{canarys} looked for", canarys=count(len(gated.canaries), "canary", "canaries"))


def _some(hosts: Iterable[str]) -> str:
    first, *others = hosts
    return _("{first} and {len} more", first=first, len=len(others)) if others else first


def _print(console: Console, line: str, style: str = "") -> None:
    console.print(Text(line, style), soft_wrap=True)
