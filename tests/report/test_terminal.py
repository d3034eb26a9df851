import io
from dataclasses import replace

import pytest
from rich.console import Console

from hometruth.model import Audit, CanaryKind, GapKind, VerdictKind
from hometruth.model.coverage import Gap
from hometruth.report.summary import summaries, untested_claims
from hometruth.report.terminal import print_claims
from tests.report.audits import CONDITIONS, build_audit, reported_by_sdk, saying


def printed(audit: Audit, width: int = 80, *, terminal: bool = False, no_color: bool = True) -> str:
    out = io.StringIO()
    print_claims(
        audit,
        Console(
            file=out,
            width=width,
            force_terminal=terminal,
            no_color=no_color,
            color_system="standard" if terminal else None,
        ),
    )
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 120])
def test_it_fits_the_width_and_needs_no_colour(audit: Audit, width: int) -> None:
    text = printed(audit, width)

    assert max(map(len, text.splitlines())) <= width
    assert "\x1b" not in text
    assert all(line == line.rstrip() for line in text.splitlines())
    assert "ordinary ≠ CONTRADICTED" in text and "≈ CONSISTENT  at most 1.7 % of sessions" in text


def test_the_proof_names_host_and_chain(audit: Audit) -> None:
    lines = [line.strip() for line in printed(audit).splitlines()]

    assert "in Mint Browser 3.4.0, incognito, no switch, consent given" in lines
    assert "proof: read at sa.api.intl.miui.com, in" in lines
    assert "body > percent > base64 > gzip > json data_list[0].properties.url" in lines


def test_a_terminal_gets_colour_beside_the_word(audit: Audit) -> None:
    text = printed(audit, terminal=True, no_color=False)

    assert "\x1b[1;31m" in text
    assert "CONTRADICTED" in text


def test_it_ends_with_what_was_not_seen_phantoms_and_the_simulated_subject(audit: Audit) -> None:
    text = " ".join(printed(audit).split())

    assert "Not seen: 32 gaps; 90.5 % of the bytes read" in text
    assert (
        "30 × bytes that no layer opens (encrypted, or an unknown format) at update.example (96.0 kB)" in text
    )
    assert "of 1,000 values minted but never planted, none was found" in text
    assert text.index("Not seen") < text.index("Phantoms") < text.index("The subject is simulated")
    assert "The subject is simulated" not in printed(build_audit(kind="real"))


def test_a_sighted_phantom_is_an_alarm(audit: Audit) -> None:
    assert "Trust no verdict." in printed(replace(audit, phantoms_sighted=2))


def test_an_inferred_wording_is_marked(audit: Audit) -> None:
    assert "wording inferred: no headline" in printed(audit)


def test_captured_text_can_neither_draw_nor_mark_up(audit: Audit) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J[red]markup[/red] \u202etxt\nfake line"
    gap = Gap(GapKind.OPAQUE, evil, evil, 1, host=evil)
    verdicts = tuple(saying(row, evil) for row in audit.verdicts)
    text = printed(replace(audit, gaps=(gap,), verdicts=verdicts, proofs=()), terminal=True)

    assert "\x1b]0" not in text and "\x1b[2J" not in text and "\u202e" not in text
    assert "[red]markup[/red]" in text
    assert not any(line.startswith("fake line") for line in text.splitlines())


def test_a_megabyte_of_captured_text_is_shortened(audit: Audit) -> None:
    verdicts = tuple(saying(row, "w" * 1_000_000) for row in audit.verdicts)

    assert len(printed(replace(audit, verdicts=verdicts))) < 30_000


def test_personal_values_are_masked() -> None:
    email = "anna.miller@example.org"
    audit = build_audit(reported_by_sdk(email, CanaryKind.KNOWN, CONDITIONS[0], 1, personal=True))
    verdicts = tuple(saying(row, f"{email} was sent") for row in audit.verdicts)

    assert email not in printed(replace(audit, verdicts=verdicts))


def test_without_claims_it_still_says_what_was_searched(audit: Audit) -> None:
    text = printed(replace(audit, claims=(), verdicts=()))

    assert "No claim was judged." in text
    assert "4,312 requests searched" in text


def test_a_verdict_on_another_version_is_marked_where_people_look_first(audit: Audit) -> None:
    rows = tuple(
        replace(row, in_scope=False, verdict=VerdictKind.OTHER_VERSION) if row.claim == "x03" else row
        for row in audit.verdicts
    )
    told = printed(replace(audit, verdicts=rows)).rpartition("claim ordinary")[2]
    marked = [line for line in told.splitlines() if "other version" in line]

    assert [line[:5].strip() for line in marked] == ["x03", "other"]
    assert all(len(line) <= 80 for line in marked)
    assert not [line for line in marked if any(kind.value in line for kind in list(VerdictKind)[:4])]


def test_every_verdict_line_says_which_part_was_judged(audit: Audit) -> None:
    text = " ".join(printed(audit, width=400).split())

    for summary in summaries(audit):
        if summary.claim.id not in untested_claims(summaries(audit)):
            says = {item.id: item.says for item in summary.reading.propositions}
            assert f"judged: {says.get(summary.verdict.proposition, summary.verdict.proposition)}" in text


def test_claims_that_were_not_tested_are_one_line(audit: Audit) -> None:
    rows = tuple(
        replace(row, verdict=VerdictKind.UNTESTED) if row.claim == "x03" else row for row in audit.verdicts
    )
    text = printed(replace(audit, verdicts=rows))

    assert "– UNTESTED by these sessions, or by any (report: why): x03" in text
    assert not [line for line in text.splitlines() if line.startswith("x03")]
