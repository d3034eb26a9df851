"""A letter states what the case holds, masks values, and means nothing to Markdown but what we wrote."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from hometruth.errors import HometruthError
from hometruth.model import Audit, CanaryKind, VerdictKind
from hometruth.report.letter import TO, CaseFacts, letter_html, letter_text
from hometruth.report.pdf import write_pdf
from hometruth.report.text import mask
from tests.report.audits import CONDITIONS, build_audit, minted, reported_by_sdk
from tests.report.test_first_screen import EVIL, lost

FACTS = CaseFacts(
    name="audit",
    sealed_at="2020-04-29T08:00:00+00:00",
    sealed_sha256="a" * 64,
    manifest="tagmanifest-sha256.txt",
    manifest_sha256="b" * 64,
    signer="c" * 64,
    tools=(("hometruth", "0.1.0"),),
)
LEGAL = re.compile(
    r"\b(illegal|unlawful|violat\w*|breach\w*|infring\w*|lie[sd]?|GDPR|fraud\w*)\b", re.IGNORECASE
)


def test_it_says_whose_clock_sealed_the_case(audit: Audit) -> None:
    stamp = f"2020-04-29T12:00:00+00:00, by the certificate with SHA-256 {'d' * 64}"
    own, stamped = (letter_text(audit, facts, to="press") for facts in (FACTS, replace(FACTS, stamp=stamp)))

    assert "by the examiner's own clock (no time-stamping authority was asked)\n" in own
    assert "no time-stamping authority was asked" not in stamped
    assert f"- Time stamp (RFC 3161): {stamp}\n" in stamped


@pytest.mark.parametrize("to", TO)
def test_it_holds_everything_that_an_addressee_needs(audit: Audit, to: str) -> None:
    text = letter_text(audit, FACTS, to=to)

    for needed in (
        "It says nothing about a real phone",
        "In all 30 private sessions of Mint Browser 3.4.0",
        "- When: 2020-04-29 08:46:40 UTC to 2020-04-29 11:46:30 UTC",
        "- 3.4.3, incognito, switch off: page visited: not seen in 30\\*",
        "If it happened in more than 1 of 10 sessions, the chance that we missed it is below 5 %",
        "- Entry 17 of the recording (counted from 0): `POST https://sa.api.intl.miui.com/sa`",
        "- Where in it: `body > percent > base64 > gzip > json data_list[0].properties.url`",
        "sealed before the first session and entered nowhere else",
        "no recording shows. Nothing is said of that here.",
        f"SHA-256 of tagmanifest-sha256.txt: {'b' * 64}",
        f"fingerprint {'c' * 64}",
    ):
        assert needed in text, needed
    assert not LEGAL.search(text)
    assert ("What we ask you" in text) is (to == "vendor")
    assert ("How to check it" in text) is (to == "authority")
    assert ("What may not be said" in text) is (to == "press")


def test_values_of_people_are_masked_unless_asked_for_and_those_made_for_the_test_are_shown(
    audit: Audit,
) -> None:
    value, proof = minted("page t100"), audit.proofs[0]
    somebodys = replace(proof.sighting, canary=replace(proof.sighting.canary, personal=True))
    personal = replace(audit, proofs=(replace(proof, sighting=somebodys),))
    what = "what stands there is the"

    assert f"Value: `{value}`; {what}" in letter_text(audit, FACTS, to="vendor")
    assert f"Value (masked): `{mask(value)}`; {what}" in letter_text(personal, FACTS, to="vendor")
    assert f"Value: `{value}`; {what}" in letter_text(personal, FACTS, to="vendor", reveal=True)


def test_a_real_subject_is_never_called_simulated_nor_a_summary_a_quotation(audit: Audit) -> None:
    text = letter_text(build_audit(kind="real"), FACTS, to="press")

    assert "simulat" not in text
    assert "Anything about other versions, devices or settings than those above." in text
    assert "“Browsing is not recorded" not in letter_text(audit, FACTS, to="vendor")


def test_an_unfinished_and_a_labelled_case_claim_no_seal_that_they_do_not_have(audit: Audit) -> None:
    unfinished = letter_text(lost(audit), replace(FACTS, manifest_sha256="", signer=""), to="authority")
    labelled = letter_text(audit, replace(FACTS, labelled=True), to="authority")

    assert "The run did not end, so there is no manifest" in unfinished
    assert "Signed by nobody" in unfinished
    assert "Nothing was tested: no session was run to its end." in unfinished
    assert "No statement that was tested was contradicted." in unfinished
    assert "nothing was sealed before" in labelled
    assert "before the first session" not in labelled.lower()


def test_what_does_not_belong_to_the_speaker_is_no_finding(audit: Audit) -> None:
    rows = tuple(replace(row, in_scope=False, verdict=VerdictKind.OTHER_VERSION) for row in audit.verdicts)

    assert "No statement that was tested was contradicted." in letter_text(
        replace(audit, verdicts=rows), FACTS, to="vendor"
    )


def hostile_letter(audit: Audit) -> str:
    marks = "[a](javascript:x) ![i](http://lure.example/) **b** `c` ``` ~~~ &amp; | # h"
    evil = f"{EVIL} <script>x</script> {marks}"
    finding, proof = reported_by_sdk(minted("page t100"), CanaryKind.PAGE, CONDITIONS[1], 0)
    recipient = replace(finding.recipient, host=evil, organisation=evil)
    target = evil.encode("utf-8", "surrogatepass") + b"w" * 10_000_000
    exchange = replace(proof.sighting.exchange, host=evil, target=target, method=evil)
    sighting = replace(proof.sighting, exchange=exchange)
    proof = replace(proof, sighting=sighting, finding=replace(finding, recipient=recipient))
    subject = replace(audit.subject, name=evil, vendor=evil, product=evil, description=evil)
    claims = tuple(replace(one, statement=evil, who=evil, quote=evil, source=(evil,)) for one in audit.claims)
    hostile = replace(audit, subject=subject, claims=claims, proofs=(proof,))
    return letter_text(hostile, replace(FACTS, name=evil), to="authority", reveal=True)


def test_captured_text_is_text_in_markdown_and_on_paper(audit: Audit) -> None:
    text = hostile_letter(audit)
    html = letter_html(text, EVIL)

    assert len(text) < 200_000
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert set(re.findall(r"<(\w+)", html.partition("<body>")[2])) <= {
        *("h1", "h2", "h3", "p", "ul", "ol", "li", "code", "strong")
    }
    assert not re.search("<strong>b</strong>", html)
    assert html.count("<h1>") == 1


def test_without_chromium_no_pdf_and_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("hometruth.report.pdf.shutil.which", lambda _: None)

    with pytest.raises(HometruthError, match="no Chromium on this machine"):
        write_pdf("<p>x</p>", tmp_path / "x.pdf")


@pytest.mark.usefixtures("chromium")
def test_a_hostile_letter_becomes_paper(audit: Audit, tmp_path: Path) -> None:
    write_pdf(letter_html(hostile_letter(audit), "A letter"), tmp_path / "letter.pdf")

    assert (tmp_path / "letter.pdf").read_bytes().startswith(b"%PDF-")
    assert b"/JavaScript" not in (tmp_path / "letter.pdf").read_bytes()


def test_what_such_a_run_never_sees_is_among_the_limits(audit: Audit) -> None:
    subject = replace(audit.subject, unseen=("traffic round the proxy (DNS, QUIC)", "later uploads"))
    text = letter_text(replace(audit, subject=subject), FACTS, to="press")

    assert "- Never seen by such a run: Traffic round the proxy (DNS, QUIC).\n" in text
    assert "- Never seen by such a run: Later uploads.\n" in text


def test_it_goes_to_the_vendor_whoever_else_got_something(audit: Audit) -> None:
    elsewhere = tuple(
        one
        if one.expected
        else replace(one, recipient=replace(one.recipient, host="o.example", organisation="Other"))
        for one in audit.findings
    )
    subject = replace(audit.subject, recipients=("Other",))
    text = letter_text(replace(audit, findings=elsewhere, subject=subject), FACTS, to="vendor")

    assert "\nTo: Xiaomi, [department and address]\n" in text
    assert text.startswith("# Questions about what this simulated Redmi Note 8 sends to Other\n")


def test_nothing_is_said_that_the_case_does_not_carry(audit: Audit) -> None:
    """Nobody here knows how recordings that were there first were made, nor what was entered where."""
    labelled = letter_text(
        replace(audit, labelled_by="J. Doe"), replace(FACTS, labelled=True), to="authority"
    )
    away = {one.condition: one.id for one in audit.trials}.values()
    lost_some = tuple(replace(one, attested=()) if one.id in away else one for one in audit.trials)
    unmeasured = replace(audit, n_phantoms=0, trials=lost_some)

    assert "it was planted in session t100 and nowhere else, as J. Doe said afterwards" in labelled
    assert "The recorder stood between" not in labelled
    assert "made at random" not in labelled
    assert "made alike and never planted" not in letter_text(unmeasured, FACTS, to="press")
    assert "180 sessions, of which 6 do not count (lost, or settings not confirmed)" in letter_text(
        unmeasured, FACTS, to="press"
    )
    assert "That a statement was contradicted" not in letter_text(lost(audit), FACTS, to="press")


def test_a_digest_is_called_one(audit: Audit) -> None:
    proof = audit.proofs[0]
    digest = replace(proof.sighting, form=replace(proof.sighting.form, name="sha256", is_digest=True))
    text = letter_text(replace(audit, proofs=(replace(proof, sighting=digest),)), FACTS, to="press")

    assert "; what stands there is a digest of the page visited\n" in text
