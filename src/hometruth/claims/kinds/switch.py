"""Propositions about a switch: which of its positions stops sending?"""

from collections.abc import Mapping

from hometruth.claims.evidence import Cell, Evidence, cells_of
from hometruth.claims.kinds.base import Kind, Presence, Violation
from hometruth.claims.kinds.contact import silence_doubts, telemetry_sent
from hometruth.claims.kinds.controls import Control, telemetry_controls
from hometruth.model import Condition, Proposition, Reason, ReasonKind


def _expects_silence(proposition: Proposition, cell: Cell) -> bool:
    """Option ``silent`` lists the levels of the one cell that is said to be silent."""
    silent = proposition.options["silent"]
    assert isinstance(silent, Mapping)
    return cell.condition.matches({factor: tuple(levels) for factor, levels in silent.items()})


def _unexpected_sending(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    return telemetry_sent(proposition, cell, evidence) if _expects_silence(proposition, cell) else []


def _expected_sending(proposition: Proposition, cell: Cell, evidence: Evidence) -> Presence | None:
    if _expects_silence(proposition, cell):
        return None
    return Presence(_sent_in(cell, evidence), Reason.of(ReasonKind.NOTHING_SENT))


def _sent_in(cell: Cell, evidence: Evidence) -> Reason | None:
    sent = [trial.id for trial in cell.attested if trial.id in evidence.telemetry]
    if not sent:
        return None
    first = evidence.telemetry[sent[0]][0]
    return Reason.of(ReasonKind.SENDING_SHOWN, n=len(sent), of=len(cell.attested), endpoint=first.endpoint)


def _without_switch(condition: Condition) -> Condition:
    return Condition(tuple(item for item in condition.levels if item[0] != "switch"))


def _positions(cell: Cell) -> tuple[Cell, ...]:
    return cells_of(cell.planned)


def _no_silent_position(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Violation]:
    """Sending in every position contradicts the switch; one silent position is enough for it."""
    violations = [telemetry_sent(proposition, position, evidence) for position in _positions(cell)]
    return [item for items in violations for item in items] if all(violations) else []


def _switch_doubts(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Reason]:
    doubts = silence_doubts(proposition, _silent_position(proposition, cell, evidence), evidence)
    if not any(_sent_in(position, evidence) for position in _positions(cell)):
        doubts.append(Reason.of(ReasonKind.SWITCH_NOT_SEEN))
    return doubts


def _switch_controls(proposition: Proposition, cell: Cell, evidence: Evidence) -> list[Control]:
    """Readable telemetry in another position, or where sending is admitted."""
    silent = _silent_position(proposition, cell, evidence).condition
    others = [position for position in _positions(cell) if position.condition != silent]
    return telemetry_controls(proposition, others[0], evidence) if others else []


def _silent_position(_proposition: Proposition, cell: Cell, evidence: Evidence) -> Cell:
    """The position whose silence counts: the one that sent least, and of those the best watched."""
    return min(
        _positions(cell),
        key=lambda position: (
            sum(trial.id in evidence.telemetry for trial in position.attested),
            -len(position.valid),
        ),
    )


def _two_positions(_proposition: Proposition, cell: Cell, _evidence: Evidence) -> Reason | None:
    """Needs sessions in two positions of the switch."""
    attested = {trial.condition for trial in cell.attested}
    return None if len(attested) > 1 else Reason.of(ReasonKind.ONE_POSITION)


MATRIX = Kind(
    violations=_unexpected_sending,
    silence=ReasonKind.NO_TELEMETRY,
    presence=_expected_sending,
    controls=telemetry_controls,
    doubts=silence_doubts,
    needs=frozenset({"silent", "control"}),
)
"""Exactly the cells of option ``silent`` are silent; all others send."""

STOPS_WHEN = Kind(
    violations=_no_silent_position,
    silence=ReasonKind.ONE_POSITION_SILENT,
    pairs=_two_positions,
    controls=_switch_controls,
    doubts=_switch_doubts,
    project=_without_switch,
    narrow=_silent_position,
    needs=frozenset({"control"}),
)
"""One position of the switch stops all telemetry; which one is not said."""
