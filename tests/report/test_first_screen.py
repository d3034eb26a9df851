"""The first screen: what it says is true of the audit, whatever the audit is."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

import hometruth
from hometruth.bounds import upper_bound_percent
from hometruth.claims import bundled_text, parse_claims
from hometruth.experiment import Plan, bundled_plan
from hometruth.experiment.browser_plan import UNSEEN
from hometruth.model import (
    ActionRecord,
    Attestation,
    Audit,
    Canary,
    CanaryKind,
    Condition,
    Delivery,
    Gap,
    GapKind,
    Initiator,
    InitiatorKind,
    Reason,
    ReasonKind,
    Recipient,
    Subject,
    TrialStatus,
    Verdict,
    VerdictKind,
)
from hometruth.report.condition_words import condition_words, setting_words, settings_of
from hometruth.report.first_screen import first_screen, stamp
from hometruth.report.matrix import CellMark, matrix_of
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


@pytest.mark.parametrize(
    ("service", "called"), [(None, "Other"), ("language-model provider", "Other, a language-model provider")]
)
def test_others_that_got_something_are_named(audit: Audit, service: str | None, called: str) -> None:
    finding = next(one for one in audit.findings if not one.expected)
    other = replace(
        finding.recipient, host="t.example", organisation="Other", vendor_controlled=False, service=service
    )
    screen = first_screen(replace(audit, findings=(*audit.findings, replace(finding, recipient=other))))

    assert screen.lead[1] == f"Others got some of it: {called} (page visited)."


def test_a_page_that_is_asked_for_once_more_later_is_told_to_nobody(audit: Audit) -> None:
    """Firefox does, of itself, in the next session of a profile."""
    finding = next(one for one in audit.findings if not one.expected and one.canary.kind is CanaryKind.PAGE)
    own = f"{finding.canary.value}.sites.example"
    again = replace(finding, recipient=Recipient(own, own))
    other = replace(
        finding, recipient=Recipient(f"x.{own}", own), canary=replace(finding.canary, value="kxx")
    )

    assert first_screen(replace(audit, findings=(*audit.findings, again))).lead == first_screen(audit).lead
    assert first_screen(replace(audit, findings=(*audit.findings, other))).lead[1].startswith("Others got")


def test_where_little_could_be_read_the_first_sentences_say_so(audit: Audit) -> None:
    screen = first_screen(replace(honest(audit), gaps=audit.gaps))

    assert screen.lead[1:] == ("Of the bytes recorded, only 90.5 % could be read.",)


def test_an_honest_subject_is_told_as_one(audit: Audit) -> None:
    screen = first_screen(honest(audit))

    assert screen.lead[0] == (
        "In none of 180 sessions of Mint Browser 3.4.0 or 3.4.3 was this simulated Redmi Note 8 seen to send "
        "the page visited or the words searched to the simulated servers of Xiaomi."
    )
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
    doubted = replace(audit, doubts=(Reason.of(ReasonKind.UNFINISHED),))

    assert quiet.label == "3.4.3, incognito, switch off"
    assert [cell.run for cell in quiet.cells] == [PER_CELL, PER_CELL]
    assert quiet.cells[0].bound_percent == pytest.approx(upper_bound_percent(0, PER_CELL))
    for changed in (replace(audit, trials=one_lost), doubted):
        column = next(column for column in matrix_of(changed).columns if not column.has_sent)
        assert column.cells[0].bound_percent is None
    assert "† silence proves nothing yet: the case has no MANIFEST" in " ".join(printed(doubted).split())


def test_what_was_unread_in_one_condition_takes_the_bound_from_silence_there_only(audit: Audit) -> None:
    other = CONDITIONS[3]
    quiet = without(audit, other)
    opaque = Reason.of(ReasonKind.OPAQUE_BYTES, percent=1.61)
    here, there = (
        {name: one.cells[0] for one in matrix_of(changed).columns for name in one.setting.conditions}
        for changed in (quiet, replace(quiet, doubts_at=((other, opaque),)))
    )
    told = drawn(replace(quiet, doubts_at=((other, opaque),)))["matrix-whole"]
    rows = {row[0]: row[1] for row in told.rows}

    assert here[other].bound_percent is not None
    assert there[other].bound_percent is None
    assert there[QUIET].bound_percent == here[QUIET].bound_percent
    assert (
        "silence proves nothing yet: 1.7 % of the bytes sent to the vendor"
        in rows["3.4.3, normal window, switch off"]
    )
    assert "0 of 30†" in told.svg and "0 of 30*" in told.svg


def drawn(audit: Audit) -> dict[str, Picture]:
    return {one.name: one for one in pictures_of(audit, first_screen(audit), str)}


def quiet_id(audit: Audit) -> str:
    return next(trial.id for trial in audit.trials if trial.condition == QUIET)


@pytest.mark.parametrize("n", [1, 2, 5, 29, 30, 60, 1000])
def test_the_share_in_plain_words_is_missed_with_less_than_5_percent(n: int) -> None:
    bound = upper_bound_percent(0, n)
    told = plain_bound(bound, "sessions")
    share = re.search(r"more than 1 of (\d+) sessions", told)

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


def test_sessions_without_a_level_are_not_called_all(audit: Audit) -> None:
    both = [Condition.of({}), Condition.of({"mode": "incognito"})]
    settings = settings_of({both[1]: 1, both[0]: 0}, set())

    assert [setting_words(one, both, audit.subject) for one in settings] == ["incognito", "mode not set"]
    assert setting_words(settings_of({both[0]: 0}, set())[0], both[:1], audit.subject) == "all sessions"


def test_warnings_come_before_everything(audit: Audit) -> None:
    altered = replace(audit, doubts=(Reason.of(ReasonKind.ALTERED, how="cut"),))

    assert "Do not rely on this: of 1,000 values that were never planted, 2 were found" in " ".join(
        printed(replace(audit, phantoms_sighted=2)).split()
    )
    assert "not as its run left it" in printed(altered).splitlines()[1]


def test_claims_without_a_session_are_a_count(audit: Audit) -> None:
    text = printed(audit)

    assert "aggregated" not in text
    assert re.search(r"\nNot shown here: .*1\s+not\s+tested", text, re.DOTALL)


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


def without(audit: Audit, *conditions: Condition) -> Audit:
    """The same, but that nothing beyond the action itself was sent in these conditions."""
    kept = tuple(one for one in audit.findings if one.expected or one.condition not in conditions)
    return replace(audit, findings=kept)


def test_the_window_is_named_where_private_ones_are_silent(audit: Audit) -> None:
    private = [one for one in CONDITIONS if one.get("mode") == "incognito"]
    lead = first_screen(without(audit, *private)).lead[0]

    assert lead.startswith("In all 60 sessions of Mint Browser 3.4.3 (normal window), ")


def test_none_names_the_window_where_no_other_counts(audit: Audit) -> None:
    trials = tuple(
        replace(one, status=TrialStatus.LOST) if one.condition.get("mode") == "normal" else one
        for one in audit.trials
    )
    lead = first_screen(honest(replace(audit, trials=trials))).lead[0]

    assert lead.startswith("In none of 90 private sessions that count of Mint Browser 3.4.0 or 3.4.3 was ")


def test_what_the_action_itself_tells_the_vendor_is_excepted(audit: Audit) -> None:
    """A search engine gets the query: that nothing was sent *beyond* it is all that can be said."""
    to_vendor = tuple(
        replace(one, recipient=replace(one.recipient, organisation="Xiaomi", vendor_controlled=True))
        if one.expected
        else one
        for one in audit.findings
    )
    own = replace(audit, findings=to_vendor)

    for changed in (own, honest(own)):
        screen = first_screen(changed)
        assert screen.lead[0].endswith("of Xiaomi, beyond the action itself.")
        assert "beyond the action itself" in drawn(changed)["matrix-whole"].title
        assert "\n  beyond the action: " in printed(changed)
    assert "beyond the action" not in printed(audit)


def test_a_sign_stands_beside_silence_only_with_its_explanation(audit: Audit) -> None:
    """A star leads to a bound, a dagger to the reason why there is none."""
    lost_one = replace(
        audit,
        trials=tuple(
            replace(one, status=TrialStatus.LOST) if one.id == quiet_id(audit) else one
            for one in audit.trials
        ),
    )
    verdicts = tuple(replace(row, bound_percent=None) for row in audit.verdicts)
    text = printed(replace(lost_one, verdicts=verdicts))

    assert "· 0/30*" in printed(audit) and "\n* if it happened in more than" in printed(audit)
    assert "· 0/29†" in text and "*" not in text
    assert "† no bound: sessions were lost, or nothing shows that it would have been noticed" in " ".join(
        text.split()
    )


def test_only_what_was_sent_in_the_same_sessions_is_told_together(audit: Audit) -> None:
    """29 of 30 and 29 of 30 are not 29 sessions with both."""
    first, second = [one.id for one in audit.trials if one.condition == CONDITIONS[1]][:2]
    kept = tuple(
        one
        for one in audit.findings
        if one.expected
        or (one.canary.kind, one.canary.cell) not in {(CanaryKind.PAGE, first), (CanaryKind.SEARCH, second)}
    )
    lead = first_screen(replace(audit, findings=kept)).lead[0]

    assert lead.startswith("In 29 of 30 private sessions of Mint Browser 3.4.0, ")
    assert "sent the page visited to the" in lead


def test_recipients_are_those_of_the_setting_that_is_told(audit: Audit) -> None:
    """What another recipient got elsewhere is not said to have gone there."""
    elsewhere = tuple(
        replace(one, recipient=replace(one.recipient, host="o.example", organisation="Other"))
        if not one.expected and one.condition == CONDITIONS[0]
        else one
        for one in audit.findings
    )
    subject = replace(audit.subject, recipients=("Other",))
    screen = first_screen(replace(audit, findings=elsewhere, subject=subject))

    assert screen.lead[0].endswith("to the simulated servers of Xiaomi.")
    assert screen.lead[1] == "Others got some of it: Other (page visited, words searched)."


def test_all_means_the_sessions_that_count_and_the_terminal_says_how_many_do_not(audit: Audit) -> None:
    away = {one.condition: one.id for one in audit.trials}.values()
    trials = tuple(
        replace(one, status=TrialStatus.LOST, attested=()) if one.id in away else one for one in audit.trials
    )
    changed = replace(audit, trials=trials)

    assert first_screen(changed).lead[0].startswith("In all 29 private sessions that count of Mint")
    assert "; 6 sessions not counted. Report:" in " ".join(printed(changed).split())


def test_nothing_planted_nothing_done_and_nothing_sent_are_three_things(audit: Audit) -> None:
    idle = tuple(replace(one, actions=()) for one in audit.trials)
    nobody = replace(honest(audit), trials=idle, findings=())
    known = Canary("phone-android-id", CanaryKind.KNOWN, "9f3c1ab27de04456", 64, None, personal=True)

    assert first_screen(nobody).lead[0].startswith("Nothing can be said: in no session that ran to its end")
    assert first_screen(replace(nobody, canaries=(), n_canaries=0)).lead == (
        "Nothing was planted in these sessions, so nothing that was done could be recognised.",
    )
    assert (
        first_screen(replace(nobody, canaries=(known,), n_canaries=0))
        .lead[0]
        .endswith(
            "was this simulated Redmi Note 8 seen to send its Android ID to the simulated servers of Xiaomi."
        )
    )


def test_things_that_have_no_column_are_counted(audit: Audit) -> None:
    kinds = (CanaryKind.SONG, CanaryKind.FOLDER, CanaryKind.ITEM)
    page = next(one for one in audit.findings if not one.expected)
    more = tuple(replace(page, canary=replace(page.canary, id=f"c-{kind}", kind=kind)) for kind in kinds)

    assert re.search(
        r"^Not shown here: .*3 kinds of data",
        printed(replace(audit, findings=(*audit.findings, *more))),
        re.M,
    )


def test_limits_are_never_left_out_and_what_is_left_out_is_counted(audit: Audit) -> None:
    many = replace(
        audit,
        subject=replace(
            audit.subject, unseen=tuple(f"what comes by the way number {n} and further" for n in range(30))
        ),
        phantoms_sighted=2,
        doubts=(Reason.of(ReasonKind.ALTERED, how="cut " * 200), Reason.of(ReasonKind.UNFINISHED)),
    )
    text = printed(many, 50)

    assert len(text.splitlines()) <= 23
    assert re.search(r"(\d+) more \(in the report\)\.", " ".join(text.split()))
    assert re.search(r"^… \d+ lines are left out here; the report has them\.$", text, re.MULTILINE)
    assert "Not seen: what came later or past the recorder." in " ".join(text.split())


def test_a_digest_is_not_called_the_value(audit: Audit) -> None:
    proof = audit.proofs[0]
    digest = replace(proof.sighting.form, name="sha256", is_digest=True)
    hashed = tuple(
        one
        if one.expected
        else replace(one, sightings=tuple(replace(each, form=digest) for each in one.sightings))
        for one in audit.findings
    )
    screen = first_screen(
        replace(
            audit, findings=hashed, proofs=(replace(proof, sighting=replace(proof.sighting, form=digest)),)
        )
    )

    assert "sent a digest of the page visited and a digest of the words searched to" in screen.lead[0]
    assert screen.proof_told.endswith("holds a digest of the page visited")


LONG_HOST = "a-host-with-an-unusually-long-name.collector.of.telemetry.example-vendor-international.com"
PLANS = sorted(file.stem for file in (Path(hometruth.__file__).parent / "data" / "plans").glob("*.toml"))


def audit_of(plan: Plan, host: str) -> Audit:
    """What an audit of *plan* may look like: every other condition sends, statements have every verdict."""
    base = build_audit()
    cells = dict.fromkeys(one for part in plan.series for cell in part.cells for one in cell.conditions)
    trials, findings = [], []
    proof = base.proofs[0]
    recipient = replace(
        proof.finding.recipient, host=host, organisation=plan.subject.vendor, vendor_controlled=True
    )
    for place, condition in enumerate(cells):
        attested = tuple(Attestation(factor, level, "the test") for factor, level in condition.levels)
        for kind in (CanaryKind.PAGE, CanaryKind.SEARCH, CanaryKind.TYPED, CanaryKind.SONG, CanaryKind.ITEM):
            canary = replace(proof.sighting.canary, id=f"c-{place}-{kind}", kind=kind, cell=f"t{place}")
            sighting = replace(proof.sighting, canary=canary)
            findings.append(
                replace(
                    proof.finding,
                    canary=canary,
                    condition=condition,
                    sightings=(sighting,),
                    trials=(f"t{place}",),
                    recipient=recipient,
                    expected=bool(place % 2),
                )
            )
        actions = tuple(ActionRecord("do", one.canary.id, 0, happened=True) for one in findings[-5:])
        trials.append(
            replace(base.trials[0], id=f"t{place}", condition=condition, attested=attested, actions=actions)
        )
    claims = parse_claims(bundled_text(plan.claims.partition(":")[2]), plan.claims)
    kinds = list(VerdictKind)
    verdicts = tuple(
        Verdict(
            claim=claim.id,
            proposition=claim.readings[0].propositions[0].id,
            reading=claim.readings[0].kind,
            condition=Condition(()),
            verdict=kinds[place % len(kinds)],
            why="",
            reasons=(Reason.of(ReasonKind.CONTENT_SENT, n=1, of=1, what="x", data="page"),),
            subject_kind=plan.subject.kind,
            in_scope=True,
            bound_percent=9.5,
            findings=1,
            trials=1,
            proof=proof.sighting.exchange.id,
        )
        for place, claim in enumerate(claims)
    )
    return replace(
        base,
        subject=replace(plan.subject, unseen=UNSEEN if plan.subject.kind == "real" else ()),
        claims=claims,
        verdicts=verdicts,
        trials=tuple(trials),
        findings=tuple(findings),
        proofs=(replace(proof, finding=replace(proof.finding, recipient=recipient)),),
        canaries=tuple(one.canary for one in findings),
        doubts=(Reason.of(ReasonKind.CONNECTIONS_UNOPENED, n=3, host=host),),
    )


@pytest.mark.parametrize("host", ["t.example", "sa.api.intl.miui.com", LONG_HOST])
@pytest.mark.parametrize("name", PLANS)
def test_every_bundled_plan_fits_a_screen_of_80_by_24(name: str, host: str) -> None:
    audit = audit_of(bundled_plan(name), host)
    out = io.StringIO()
    case = Path("cases") / "of-november" / name
    print_first_screen(
        audit, Console(file=out, width=80, color_system=None), case=case, report=case / "data" / "report.html"
    )
    lines = out.getvalue().splitlines()

    assert len(lines) <= 23, "the prompt has the last of 24"
    assert max(map(len, lines)) <= 80
    assert not any(line.strip() in ("in", "in:") for line in lines), "a word that wraps alone"
    assert re.search(r"● \d+/\d+", out.getvalue())
    assert "What was said (" in out.getvalue() or host == LONG_HOST


def test_a_device_named_with_its_product_is_named_once() -> None:
    audit = build_audit()
    subject = replace(audit.subject, kind="real", name="phone with Chrome", product="Chrome", device="phone")

    assert stamp(replace(audit, subject=subject)).startswith("phone with Chrome, ")
