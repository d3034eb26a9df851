"""Propositions of presence: what a researcher saw is there, or is there under some condition only."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hometruth.claims.bounds import lower_bound_percent
from hometruth.claims.evidence import Cell, Evidence
from hometruth.claims.kinds.base import OBSERVED, Kind, Presence, Violation
from hometruth.claims.kinds.content import ABSENT, found_kinds
from hometruth.claims.kinds.controls import option_kinds, option_levels, telemetry_controls
from hometruth.model import DECIDING_BITS, Proposition, Trial


def _actions(proposition: Proposition) -> tuple[str, ...]:
    """Option ``actions``: only what these planted counts, and each of them is asked for."""
    actions = proposition.options.get("actions", ())
    assert isinstance(actions, Sequence)
    return tuple(str(action) for action in actions)


def _asked(proposition: Proposition) -> tuple[str, ...]:
    """What has to be seen: every action, else every kind of canary, else readable telemetry as such."""
    return _actions(proposition) or tuple(sorted(option_kinds(proposition))) or ("readable telemetry",)


def _seen(proposition: Proposition, cell: Cell, evidence: Evidence) -> Iterator[tuple[str, Violation]]:
    """What was seen of what is asked for, with an exhibit for each session."""
    if not option_kinds(proposition):
        for trial in cell.attested:
            for contact in evidence.telemetry.get(trial.id, ()):
                if contact.records:
                    text = f"telemetry that can be read without any key was sent to {contact.endpoint}"
                    yield "readable telemetry", Violation(trial.id, OBSERVED, text, contact.exchange)
                    break
        return
    actions = _actions(proposition)
    by = {record.canary: record.action for trial in cell.attested for record in trial.actions}
    for item in found_kinds(proposition, cell, evidence):
        assert item.finding is not None
        if item.bits < DECIDING_BITS:
            continue
        if not actions:
            yield item.finding.canary.kind, item
        elif (action := by.get(item.finding.canary.id)) in actions:
            yield str(action), item


def _shown(proposition: Proposition, cell: Cell, evidence: Evidence) -> Presence:
    sessions: dict[str, set[str]] = {what: set() for what in _asked(proposition)}
    exhibits: list[Violation] = []
    for what, item in _seen(proposition, cell, evidence):
        sessions[what].add(item.trial)
        exhibits.append(item)
    missing = [what for what, trials in sessions.items() if not trials]
    if missing:
        return Presence(None, f"{', '.join(missing)} was said to be sent, but was not seen at the vendor")
    n = len(_did(proposition, cell.attested))
    rarest = min(len(trials) for trials in sessions.values())
    best = min(exhibits, key=_length)
    each = "" if len(sessions) == 1 else f", each of {', '.join(sessions)}"
    share = (
        f"in at least {rarest} of {n} sessions{each} (at 95 % confidence, in more than "
        f"{lower_bound_percent(rarest, n):.1f} % of such sessions); for example {best.text}"
    )
    return Presence(share, exhibit=best)


def _length(item: Violation) -> tuple[int, str]:
    return (len(item.sighting.value.steps) if item.sighting else 0, item.exchange or "")


def _nothing(_proposition: Proposition, _cell: Cell, _evidence: Evidence) -> list[Violation]:
    return []


def _speaks(proposition: Proposition, cell: Cell, evidence: Evidence) -> bool:
    """Readable telemetry is asked for only where there is some: silence is neither."""
    if not option_kinds(proposition):
        return any(trial.id in evidence.telemetry for trial in cell.attested)
    return bool(_did(proposition, cell.attested))


def _did(proposition: Proposition, trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """Sessions in which every action asked for was done: what was never done cannot be missing."""
    asked = set(_actions(proposition))
    return tuple(trial for trial in trials if asked <= {record.action for record in trial.actions})


def _sessions_that_did(proposition: Proposition, cell: Cell, _evidence: Evidence) -> Cell:
    """The cell without valid sessions of other actions."""
    valid = {trial.id for trial in cell.valid}
    did = {trial.id for trial in _did(proposition, cell.planned)}
    return replace(
        cell,
        planned=tuple(trial for trial in cell.planned if trial.id in did or trial.id not in valid),
        valid=tuple(trial for trial in cell.valid if trial.id in did),
        attested=tuple(trial for trial in cell.attested if trial.id in did),
    )


def _outside(proposition: Proposition, cell: Cell, _evidence: Evidence) -> bool:
    """True where the condition says that ``when`` does not hold; one that is silent about it says nothing."""
    when = option_levels(proposition, "when")
    return not cell.condition.matches(when) and any(
        cell.condition.get(factor) not in (None, *levels) for factor, levels in when.items()
    )


PRESENT = Kind(
    violations=_nothing,
    silence="in {n} {unit} it was not seen",
    speaks_to=_speaks,
    presence=_shown,
    narrow=_sessions_that_did,
    controls=telemetry_controls,
    needs=frozenset({"kinds", "control"}),
    takes=frozenset({"actions"}),
)
"""What is named reaches the vendor: shown once, it is CONSISTENT; its absence has to be earned."""

ONLY_WHEN = Kind(
    violations=found_kinds,
    silence="in {n} {unit} none of it was sent to the vendor",
    speaks_to=_outside,
    controls=ABSENT.controls,
    doubts=ABSENT.doubts,
    needs=frozenset({"kinds", "when", "control"}),
)
"""These kinds of canary reach the vendor under the condition ``when`` only; that they do is not said."""
