"""What pairs of sessions showed is the first sentence, in every way in which they can show it."""

from dataclasses import replace
from math import inf
from typing import Any

import pytest

from hometruth.model import (
    TESTERS_MARK,
    Arm,
    Audit,
    Condition,
    Effect,
    Reason,
    ReasonKind,
    Rung,
    VerdictKind,
)
from hometruth.report.first_screen import first_screen
from hometruth.report.letter import TO, letter_text
from hometruth.report.matrix import UNREAD, CellMark, matrix_of
from tests.report.audits import CONDITIONS, build_audit
from tests.report.test_first_screen import honest
from tests.report.test_letter import FACTS

PRIVATE, NORMAL = CONDITIONS[1], CONDITIONS[0]
WHERE = " of private sessions of Mint Browser 3.4.0"
PHONE, VENDOR = "this simulated Redmi Note 8", "the simulated servers of Xiaomi"


def an_effect(condition: Condition = PRIVATE, **facts: Any) -> Effect:
    """One of the coin, larger in 14 of 14 pairs, unless told otherwise."""
    told: dict[str, Any] = {
        "endpoint": "t.example",
        "condition": condition,
        "rung": Rung.CONTENT,
        "pairs": 14,
        "planned_pairs": 60,
        "wins": 14,
        "untied": 14,
        "e_value": 2449.0,
        "threshold": 2000.0,
        "barcode_p": 1.0,
        "barcode_level": 1e-5,
        "barcode_trial": None,
        "treated_bytes": 9,
        "per_planted_byte": None,
        "room": (),
        "lost_treated": 0,
        "lost_control": 0,
        "vendor": True,
    }
    return Effect(**told | facts)


NOTHING: dict[str, Any] = {"rung": Rung.NONE, "wins": 7, "e_value": 0.1}


def in_pairs(effects: tuple[Effect, ...], *, contradicts: ReasonKind | None = None) -> Audit:
    """Sessions in which nothing that can be read was sent, in pairs; the first effect contradicts x03."""
    leaky = build_audit()
    kind, endpoint = contradicts or ReasonKind.DEPENDS, effects[0].endpoint
    reason = Reason.of(kind, endpoint=endpoint, larger=14, pairs=14, once_in_audits=1000.0)
    rows = tuple(
        replace(row, effects=effects[:1], proof=None, reasons=(reason,))
        for row in leaky.verdicts
        if row.claim == "x03" and row.verdict is VerdictKind.CONTRADICTED
    )
    assert PRIVATE in {row.condition for row in rows}
    return replace(
        honest(leaky),
        verdicts=rows if contradicts else (),
        trials=tuple(replace(trial, arm=Arm.CANARIES) for trial in leaky.trials),
        effects=effects,
    )


@pytest.mark.parametrize(
    ("facts", "reason", "sentence"),
    [
        (
            {},
            ReasonKind.DEPENDS,
            f"In 14 of 14 pairs{WHERE}, {PHONE} sent more to {VENDOR} when addresses were visited than when "
            "none were; what it sent cannot be read.",
        ),
        (
            {"wins": 1, "e_value": inf},
            ReasonKind.DEPENDS,
            f"In 13 of 14 pairs{WHERE}, {PHONE} sent less to {VENDOR} when addresses were visited than when "
            "none were; what it sent cannot be read.",
        ),
        (
            {"vendor": False},
            ReasonKind.DEPENDS,
            f"In 14 of 14 pairs{WHERE}, {PHONE} sent more to t.example when addresses were visited than "
            "when none were; what it sent cannot be read.",
        ),
        (
            {"e_value": 1.0, "barcode_p": 1e-18, "barcode_trial": "t100"},
            ReasonKind.LENGTHS_REPEATED,
            f"What {PHONE} sent to {VENDOR} cannot be read, yet repeats the lengths of the addresses "
            "visited, in one of 14 private sessions of Mint Browser 3.4.0.",
        ),
        (
            {"e_value": 1.0, "content_pairs": 30},
            ReasonKind.LARGER_IF_RANDOM,
            f"What {PHONE} sent to {VENDOR} cannot be read, yet was the larger, the longer the random "
            f"addresses visited were, in 30 pairs{WHERE}.",
        ),
    ],
)
def test_what_contradicts_a_statement_is_said_first(
    facts: dict[str, Any], reason: ReasonKind, sentence: str
) -> None:
    audit = in_pairs((an_effect(**facts), an_effect(NORMAL)), contradicts=reason)

    assert first_screen(audit).lead[0] == sentence
    assert not any(told.startswith("In none of") for told in first_screen(audit).lead)


def test_what_follows_where_nobody_denied_it_stands_beside_what_was_not_seen() -> None:
    lead = first_screen(in_pairs((an_effect(NORMAL), an_effect(**NOTHING)))).lead

    assert lead[0].startswith("In none of 180 sessions")
    assert lead[1] == (
        f"In 14 of 14 pairs of sessions of Mint Browser 3.4.0 (normal window), more was sent to {VENDOR} "
        "when addresses were visited than when none were; what was sent cannot be read."
    )


def test_that_nothing_was_seen_to_follow_is_said_as_well() -> None:
    lead = first_screen(in_pairs((an_effect(**NOTHING),))).lead

    assert lead[1] == (
        "What was sent and cannot be read was not seen to depend on what was done, in 14 pairs of private "
        "sessions of Mint Browser 3.4.0."
    )


@pytest.mark.parametrize("why", [{"others": True}, {"loss": Reason.of(ReasonKind.SPREAD)}])
def test_what_may_be_another_s_or_come_of_losses_is_not_told_as_found(why: dict[str, Any]) -> None:
    audit = in_pairs((an_effect(**why),))

    assert "not seen to depend" in first_screen(audit).lead[1]
    assert all(column.cells[-1].mark is not CellMark.FOLLOWS for column in matrix_of(audit).columns)


def test_the_matrix_has_a_row_of_what_follows() -> None:
    matrix = matrix_of(in_pairs((an_effect(), an_effect(NORMAL, **NOTHING))))
    marks = {column.label: column.cells[-1] for column in matrix.columns}

    assert matrix.data[-1] == UNREAD
    assert matrix.columns[0].setting.conditions == (PRIVATE,)
    assert [(cell.mark, cell.sent, cell.run) for cell in list(marks.values())[:1]] == [
        (CellMark.FOLLOWS, 14, 14)
    ]
    assert CellMark.SILENT in {cell.mark for cell in marks.values()}


def test_marks_of_the_tester_are_nothing_that_the_subject_did() -> None:
    """A TV is told of nothing: the values that this computer writes into the recording are no visits."""
    audit = in_pairs((an_effect(vendor=False),), contradicts=ReasonKind.DEPENDS)
    trials = tuple(
        replace(trial, actions=tuple(replace(record, action=TESTERS_MARK) for record in trial.actions))
        for trial in audit.trials
    )
    subject = replace(audit.subject, vendor="", recipients=())
    canaries = tuple(finding.canary for finding in audit.findings)
    marked = replace(audit, trials=trials, subject=subject, canaries=canaries, n_canaries=0)
    screen = first_screen(marked)

    assert screen.matrix.data == (UNREAD,)
    assert screen.lead[0].endswith(
        "sent more to t.example when something was done than when nothing was; what it sent cannot be read."
    )
    assert "page visited" not in " ".join(screen.lead)


@pytest.mark.parametrize("to", TO)
def test_a_letter_names_no_vendor_where_none_is_named(to: str) -> None:
    audit = in_pairs((an_effect(vendor=False),), contradicts=ReasonKind.DEPENDS)
    text = letter_text(replace(audit, subject=replace(audit.subject, vendor="", recipients=())), FACTS, to=to)
    title = text.splitlines()[0]

    assert f"what {PHONE} sends".lower() in title.lower()
    assert " to " not in title
    assert "follows, unread: cannot be read, but follows what was done, in 14 of 14 pairs" in text
