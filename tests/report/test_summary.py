from dataclasses import replace

from hometruth.model import Audit, ReadingKind, VerdictKind, Wording
from hometruth.report import Run, audit_markdown, in_words, letter_text, render_html
from hometruth.report.summary import chain_text, headline, in_plain_words, proof_of, rows_of, summaries
from tests.report.test_letter import FACTS
from tests.report.test_terminal import printed


def test_a_claim_is_no_better_than_its_worst_part(audit: Audit) -> None:
    claim = next(claim for claim in audit.claims if claim.id == "x02")
    verdict = headline(audit, claim)

    assert verdict is not None
    assert (verdict.proposition, verdict.verdict) == ("a", VerdictKind.CONTRADICTED)


def test_an_inferred_wording_is_never_a_headline(audit: Audit) -> None:
    judged = {(summary.claim.id, summary.reading.kind): summary for summary in summaries(audit)}

    assert judged["x12", ReadingKind.STRICT].verdict.verdict is VerdictKind.CONTRADICTED
    assert not judged["x12", ReadingKind.STRICT].is_headline
    claim = next(claim for claim in audit.claims if claim.id == "x12")
    verdict = headline(audit, claim)
    assert verdict is not None
    assert verdict.verdict is VerdictKind.INCONCLUSIVE


def test_a_claim_whose_ordinary_reading_is_inferred_has_no_headline(audit: Audit) -> None:
    claim = next(claim for claim in audit.claims if claim.id == "x12")
    inferred = replace(claim, readings=(replace(claim.readings[1], kind=ReadingKind.ORDINARY),))

    assert headline(replace(audit, claims=(inferred,)), inferred) is None


def test_a_question_of_the_testers_is_a_headline_and_nobody_is_told_to_have_said_it(audit: Audit) -> None:
    said = next(claim for claim in audit.claims if claim.id == "x03")
    readings = tuple(replace(reading, wording=Wording.INFERRED) for reading in said.readings)
    asked = replace(said, side="tester", who="the person who asks", quote="", readings=readings)
    rows = [row for row in audit.verdicts if row.claim == "x03"]
    told = in_words([replace(row, proof=None) for row in rows], [asked], Run(audit.subject, "2 s", 0))
    question = replace(audit, claims=(asked,), verdicts=tuple(rows))
    page = render_html(question, generated="2026-11-30")

    assert headline(question, asked) is not None
    assert all(row.explanation and row.explanation.plain.startswith("Nobody said it: ") for row in told)
    assert "no headline" not in printed(question)
    assert f"Asked, not said: {asked.statement}"[:30] in printed(question, 120)
    assert "Asked, not said: " in audit_markdown(question)
    assert "Asked by: the person who asks" in page
    assert "The researcher" not in page
    assert "Nobody said it; the tester asked" in letter_text(question, FACTS, to="vendor")


def test_the_largest_bound_stands_for_a_consistent_claim(audit: Audit) -> None:
    verdicts = [row for row in audit.verdicts if row.claim == "x02"]
    held = [replace(verdicts[0], verdict=VerdictKind.CONSISTENT, bound_percent=3.5), verdicts[1]]
    verdict = headline(replace(audit, verdicts=tuple(held)), audit.claims[0])

    assert verdict is not None
    assert verdict.bound_percent == 9.503


def test_the_condition_named_is_that_of_the_proof(audit: Audit) -> None:
    summary = next(summary for summary in summaries(audit) if summary.claim.id == "x03")

    assert summary.proof is audit.proofs[0]
    assert summary.worst is not None
    assert summary.worst.condition == summary.proof.finding.condition


def test_the_sentence_names_the_subject_once_and_the_condition(audit: Audit) -> None:
    summary = next(summary for summary in summaries(audit) if summary.claim.id == "x03")

    assert in_plain_words(audit, summary) == (
        "this simulated Redmi Note 8 does otherwise: in 30 of 30 sessions the address of a visited page "
        "reached Xiaomi (sa.api.intl.miui.com) through Sensors Analytics "
        "(Mint Browser 3.4.0, incognito, no switch, consent given)"
    )


def test_outside_the_scope_the_sentence_says_so(audit: Audit) -> None:
    summary = next(summary for summary in summaries(audit) if summary.claim.id == "x05")
    row = replace(summary.verdict, in_scope=False, verdict=VerdictKind.OTHER_VERSION)
    told = in_plain_words(audit, replace(summary, verdict=row))

    assert told.startswith(
        "no verdict, since this simulated Redmi Note 8 is not what the statement speaks of"
    )
    assert "outside" not in in_plain_words(audit, summary)


def test_a_verdict_without_proof_has_none(audit: Audit) -> None:
    assert proof_of(audit, audit.verdicts[0]) is None


def test_a_chain_reads_from_the_outside_in(audit: Audit) -> None:
    sighting = audit.proofs[0].sighting

    assert chain_text(sighting) == "body > percent > base64 > gzip > json data_list[0].properties.url"


def test_every_condition_follows_its_proposition(audit: Audit) -> None:
    summary = next(summary for summary in summaries(audit) if summary.claim.id == "x03")
    whole, *cells = rows_of(audit, summary)

    assert not whole.condition.levels
    assert [cell.verdict.value for cell in cells] == ["CONTRADICTED", "CONTRADICTED", "CONSISTENT"]
    assert {cell.proposition for cell in cells} == {whole.proposition}
