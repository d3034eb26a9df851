"""The first screen: what it says is true of the audit, whatever the audit is."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from hometruth.claims.bounds import upper_bound_percent
from hometruth.model import (
    Audit,
    CanaryKind,
    Condition,
    Delivery,
    Effect,
    Gap,
    GapKind,
    Initiator,
    InitiatorKind,
    Reason,
    ReasonKind,
    Rung,
    Subject,
    TrialStatus,
    VerdictKind,
)
from hometruth.report.condition_words import condition_words, setting_words, settings_of
from hometruth.report.first_screen import first_screen
from hometruth.report.matrix import CellMark, matrix_of, silence_percent
from hometruth.report.pictures import pictures_of
from hometruth.report.screen_text import print_first_screen
from hometruth.report.sentences import plain_bound
from hometruth.report.svg import Picture
from tests.report.audits import CONDITIONS, PER_CELL, QUIET, build_audit, reported_by_sdk

EVIL = "\x1b]0;owned\x07\x1b[2J[red]m[/red] \u202etxt\x00\nfake line"


def printed(audit: Audit, width: int = 80, *, terminal: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=terminal, color_system=None)
    print_first_screen(audit, console, case=Path("a case"), report=Path("a case/report.html"))
    return out.getvalue()


def lost(audit: Audit) -> Audit:
    """The same plan, of which nothing was run."""
    trials = tuple(replace(trial, status=TrialStatus.LOST, attested=(), actions=()) for trial in audit.trials)
    return replace(audit, trials=trials, findings=(), proofs=(), verdicts=())


def honest(audit: Audit) -> Audit:
    """The same sessions, in which nothing but the action itself was sent."""
    return replace(
        audit, findings=tuple(f for f in audit.findings if f.expected), proofs=(), verdicts=(), gaps=()
    )


@pytest.mark.parametrize("kind", ["simulated", "real"])
@pytest.mark.parametrize(
    "change", [lambda audit: audit, lost, honest], ids=["leaky", "nothing run", "honest"]
)
def test_it_is_one_screen_whatever_was_audited(kind: str, change: object) -> None:
    text = printed(change(build_audit(kind=kind)))  # type: ignore[operator]
    lines = text.splitlines()

    assert len(lines) <= 23, "the prompt has the last of 24"
    assert max(map(len, lines)) <= 80
    assert all(line == line.rstrip() for line in lines)
    assert ("It says nothing about a real phone" in " ".join(text.split())) is (kind == "simulated")
    assert lines[-1].startswith("All:    hometruth judge 'a case' --all")


def test_the_first_sentence_says_how_often_what_was_sent_to_whom(audit: Audit) -> None:
    (sentence,) = first_screen(audit).lead

    assert sentence == (
        "In all 30 private sessions of Mint Browser 3.4.0, this simulated Redmi Note 8 sent the page visited "
        "and the words searched to the simulated servers of Xiaomi."
    )
    assert "to servers of Xiaomi" in first_screen(build_audit(kind="real")).lead[0]


def test_one_session_without_a_finding_and_it_is_not_all(audit: Audit) -> None:
    spared = next(trial.id for trial in audit.trials if trial.condition == CONDITIONS[1])
    kept = tuple(f for f in audit.findings if f.expected or f.canary.cell != spared)
    screen = first_screen(replace(audit, findings=kept))

    assert screen.lead[0].startswith("In 29 of 30 private sessions of Mint Browser 3.4.0, ")
    assert screen.matrix.columns[0].cells[0].mark is CellMark.SOME


def test_nothing_run_and_nothing_attested_are_said() -> None:
    audit = build_audit()
    unattested = replace(audit, trials=tuple(replace(trial, attested=()) for trial in audit.trials))

    assert first_screen(lost(audit)).lead == ("Nothing was tested: no session was run to its end.",)
    assert first_screen(unattested).lead == (
        "Nothing can be said: in none of 180 sessions were the settings confirmed.",
    )
    assert not any(column.has_sent for column in first_screen(unattested).matrix.columns)


def test_the_visit_of_a_session_that_broke_off_is_held_against_nobody(audit: Audit) -> None:
    broken = {trial.id for trial in audit.trials if trial.condition == QUIET}
    trials = tuple(
        replace(trial, status=TrialStatus.LOST, attested=(), actions=()) if trial.id in broken else trial
        for trial in audit.trials
    )
    findings = tuple(
        replace(one, expected=False) if one.canary.cell in broken else one for one in audit.findings
    )
    changed = replace(audit, trials=trials, findings=findings)

    assert first_screen(changed).lead == first_screen(audit).lead
    assert "{canary}.canary.example" not in {row[0] for row in drawn(changed)["recipients"].rows}


def test_others_that_got_something_are_named(audit: Audit) -> None:
    finding = next(one for one in audit.findings if not one.expected)
    other = replace(finding.recipient, host="t.example", organisation="Other", vendor_controlled=False)
    screen = first_screen(replace(audit, findings=(*audit.findings, replace(finding, recipient=other))))

    assert screen.lead[1] == "Others got some of it: Other (page visited)."


def test_where_little_could_be_read_the_first_sentences_say_so(audit: Audit) -> None:
    barcode = {"barcode_p": 1e-18, "barcode_level": 1e-5, "barcode_trial": "t100", "treated_bytes": 9}
    effect = Effect(
        endpoint="t.example",
        condition=CONDITIONS[1],
        rung=next(iter(Rung)),
        pairs=3,
        planned_pairs=3,
        wins=3,
        untied=3,
        e_value=1.0,
        threshold=9.0,
        per_planted_byte=None,
        room=(),
        lost_treated=0,
        lost_control=0,
        **barcode,  # type: ignore[arg-type]
    )
    rows = tuple(
        replace(row, effects=(effect,), proof=None, reasons=(Reason.of(ReasonKind.LENGTHS_REPEATED),))
        if row.claim == "x03" and row.verdict is VerdictKind.CONTRADICTED
        else row
        for row in audit.verdicts
    )
    screen = first_screen(replace(honest(audit), verdicts=rows, gaps=audit.gaps))

    assert screen.lead[1:] == (
        "Of the bytes it sent, only 90.6 % could be read.",
        "Part of what it sent cannot be read, yet depends on what was visited: that contradicts 1 statement.",
    )
    assert "unread, but repeats the lengths" in [item.seen for item in screen.headlines]


def test_an_honest_subject_is_told_as_one(audit: Audit) -> None:
    screen = first_screen(honest(audit))

    assert screen.lead[0].startswith("In none of 180 sessions was this simulated Redmi Note 8 seen to send")
    assert {cell.mark for column in screen.matrix.columns for cell in column.cells} == {CellMark.SILENT}
    assert all(cell.bound_percent is None for column in screen.matrix.columns for cell in column.cells), (
        "nothing shows that it would have been noticed"
    )


def test_what_was_only_tried_or_done_by_a_page_is_not_called_sent(audit: Audit) -> None:
    tried = tuple(f if f.expected else replace(f, delivered=Delivery.BLOCKED) for f in audit.findings)
    by_page = tuple(
        f if f.expected else replace(f, initiator=Initiator(InitiatorKind.PAGE, "embedded"))
        for f in audit.findings
    )

    assert "tried to send the page visited" in first_screen(replace(audit, findings=tried)).lead[0]
    assert not any(column.has_sent for column in matrix_of(replace(audit, findings=tried)).columns)
    assert "In none of 180 sessions" in first_screen(replace(audit, findings=by_page)).lead[0]


def test_silence_gets_a_bound_only_where_it_would_have_been_noticed(audit: Audit) -> None:
    quiet = next(column for column in matrix_of(audit).columns if not column.has_sent)
    one_lost = tuple(
        replace(trial, status=TrialStatus.LOST) if trial.id == quiet_id(audit) else trial
        for trial in audit.trials
    )
    doubted = tuple(
        replace(row, reasons=(Reason.of(ReasonKind.UNFINISHED), *row.reasons)) for row in audit.verdicts
    )

    assert quiet.label == "3.4.3, incognito, switch off"
    assert [cell.run for cell in quiet.cells] == [PER_CELL, PER_CELL]
    assert quiet.cells[0].bound_percent == pytest.approx(upper_bound_percent(0, PER_CELL))
    for changed in (replace(audit, trials=one_lost), replace(audit, verdicts=doubted)):
        column = next(column for column in matrix_of(changed).columns if not column.has_sent)
        assert column.cells[0].bound_percent is None
    assert "silence proves nothing yet: the case has no MANIFEST" in " ".join(
        printed(replace(audit, verdicts=doubted)).split()
    )


def drawn(audit: Audit) -> dict[str, Picture]:
    return {one.name: one for one in pictures_of(audit, first_screen(audit), str)}


def quiet_id(audit: Audit) -> str:
    return next(trial.id for trial in audit.trials if trial.condition == QUIET)


@pytest.mark.parametrize("n", [1, 2, 5, 29, 30, 60, 1000])
def test_the_share_in_plain_words_is_missed_with_less_than_5_percent(n: int) -> None:
    bound = silence_percent(n)
    told = plain_bound(bound, "sessions")
    share = re.search(r"more than 1 of (\d+) sessions", told)

    assert bound == pytest.approx(upper_bound_percent(0, n))
    if bound > 50:
        assert told == "so few sessions that it may happen in most of them without our having seen it"
    else:
        assert share
        assert (1 - 1 / int(share[1])) ** n < 0.05 + 1e-12


def test_conditions_become_words_and_alike_ones_become_one() -> None:
    subject = Subject("simulated", "Phone", "Acme", "Acme Browser", "phone")
    three = [
        Condition.of({"version": "1", "mode": m, "consent": c})
        for m, c in (("normal", "none"), ("normal", "withdrawn"), ("incognito", "given"))
    ]
    settings = settings_of({three[0]: 0, three[1]: 0, three[2]: 1}, {three[2]})

    assert condition_words(three[2], subject) == "Acme Browser 1, incognito, consent given"
    assert [setting_words(one, three, subject) for one in settings] == [
        "1, normal window, without consent",
        "1, incognito, consent given",
    ]
    assert sorted(one for setting in settings for one in setting.conditions) == sorted(three)


def test_warnings_come_before_everything(audit: Audit) -> None:
    altered = tuple(
        replace(row, reasons=(Reason.of(ReasonKind.ALTERED_CASE, how=("cut",)),)) for row in audit.verdicts
    )

    assert "Do not rely on this: of 1,000 values that were never planted, 2 were found" in " ".join(
        printed(replace(audit, phantoms_sighted=2)).split()
    )
    assert "not as its run left it" in printed(replace(audit, verdicts=altered)).splitlines()[1]


def test_claims_without_a_session_are_a_count(audit: Audit) -> None:
    text = printed(audit)

    assert "aggregated" not in text
    assert re.search(r"^More: .*1 not tested", text, re.MULTILINE)


def test_captured_text_does_nothing_to_a_terminal(audit: Audit) -> None:
    claims = tuple(replace(claim, statement=EVIL, short="", who=EVIL) for claim in audit.claims)
    subject = replace(audit.subject, name=EVIL, product=EVIL, vendor=EVIL)
    gap = Gap(GapKind.OPAQUE, EVIL, EVIL, 1, host=EVIL)
    huge = "w" * 10_000_000
    finding, proof = reported_by_sdk(EVIL, CanaryKind.SEARCH, CONDITIONS[0], 1)
    proof = replace(proof, finding=replace(finding, recipient=replace(finding.recipient, host=huge)))
    hostile = replace(audit, claims=claims, subject=subject, gaps=(gap,), proofs=(proof,))
    text = printed(hostile, terminal=True)

    assert not set("\x1b\x07\x00\u202e") & set(text)
    assert len(text.splitlines()) <= 24 and len(text) < 4_000
    assert not any(line.startswith("fake line") for line in text.splitlines())


def test_personal_values_are_masked() -> None:
    email = "anna.miller@example.org"
    audit = build_audit(reported_by_sdk(email, CanaryKind.KNOWN, CONDITIONS[0], 1, personal=True))
    claims = tuple(replace(claim, short=f"It sends {email}") for claim in audit.claims)

    assert email not in printed(replace(audit, claims=claims))
