"""Codes that an installation keeps, and whose name nobody had to know."""

from collections import defaultdict

from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.base import Violation
from hometruth.claims.kinds.controls import option_texts
from hometruth.claims.told_apart import attested
from hometruth.model import Proposition, Reason, ReasonKind


def asks_for_others(proposition: Proposition) -> bool:
    """True if codes count, too, that the proposition does not name."""
    return proposition.options.get("others") is True


def kept_codes(cell: Cell, evidence: Evidence) -> list[Violation]:
    """A violation for each session of the cell in which a code was sent that the installation keeps."""
    return [
        Violation(
            trial.id,
            item.bits,
            Reason.of(ReasonKind.CODE_KEPT, host=item.recipient, field=item.field),
            lasts=True,
        )
        for item in evidence.own_codes
        for trial in cell.sending(item)
    ]


def comparison_doubts(cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt unless two installations on one device of the cell had two sessions each: then a code shows."""
    sessions: dict[tuple[str, str], int] = defaultdict(int)
    for trial in evidence.attested.values():
        sessions[trial.device, trial.installation] += 1
    for device in sorted({trial.device for trial in cell.attested}):
        if sum(n > 1 for (name, _), n in sessions.items() if name == device) < 2:
            return [Reason.of(ReasonKind.CODES_NOT_COMPARABLE, device=device)]
    return []


def account_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt where installations share an unknown code in a field asked for: it may be the account's."""
    fields, ids = option_texts(proposition, "fields"), {trial.id for trial in cell.attested}
    return [
        Reason.of(ReasonKind.CODE_OF_ACCOUNT, field=item.field, host=item.recipient)
        for item in evidence.identifiers
        if item.field in fields
        and not item.is_own
        and ids.intersection(item.trials)
        and len({trial.installation for trial in attested(item, evidence.attested)}) > 1
    ]


def lookalike_doubts(cell: Cell, evidence: Evidence) -> list[Reason]:
    """Doubt where all installations on the only device sent a code that nobody explains."""
    ids = {trial.id for trial in cell.attested}
    return [
        Reason.of(ReasonKind.CODE_LOOKALIKE, field=item.field, host=item.recipient)
        for item in evidence.lookalikes
        if item.recipient in evidence.vendor_hosts and ids.intersection(item.trials)
    ]
