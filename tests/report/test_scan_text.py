"""What a scan says to people: never a bare "nothing", the same recipient together, no broken words."""

import pytest

from hometruth.audit.scan import Tally
from hometruth.audit.scanner import Scanner
from hometruth.model import Delivery, Gap, GapKind, ScanRow, Totals
from hometruth.report.scan_text import Places, print_findings


def row(recipient: str, canary: str = "page", *, path: str = "u", expected: bool = False) -> ScanRow:
    return ScanRow(
        "a.har", 0, canary, "body", path, ("json",), "plain", recipient, expected, Delivery.YES, 60.0, 60.0
    )


def opaque(host: str, size_bytes: int) -> Gap:
    return Gap(GapKind.OPAQUE, "e-1", "no layer opens it", host=host, size_bytes=size_bytes)


def said(capsys: pytest.CaptureFixture[str], totals: Totals, *rows: ScanRow, gaps_follow: bool = True) -> str:
    places = Places()
    places.add(rows)
    print_findings(places.standings(1), totals, 0.0, gaps_follow=gaps_follow)
    return capsys.readouterr().out


def test_opaque_bytes_are_summed_by_host_and_forbid_a_bare_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tally = Tally(Scanner())
    for gap in (opaque("b.test", 4000), opaque("a.test", 64), opaque("b.test", 96)):
        tally.take(gap)

    told = said(capsys, tally.totals)

    assert "Nothing found in what could be read of 0 exchanges. 4,160 bytes" in told
    assert tally.scanned().as_json()["opaque"] == [
        {"host": "b.test", "exchanges": 2, "bytes": 4096},
        {"host": "a.test", "exchanges": 1, "bytes": 64},
    ]
    assert tally.scanned().as_json()["gaps"][0]["bytes"] == 4000
    assert tally.totals.as_json()["opaque"] == tally.scanned().as_json()["opaque"]


@pytest.mark.parametrize(
    ("gaps", "follow", "sentence"),
    [(0, True, "proves little."), (2, True, "see what was not read."), (2, False, "proves little.")],
)
def test_what_was_not_read_is_pointed_at_only_above_a_list(
    capsys: pytest.CaptureFixture[str], gaps: int, follow: bool, sentence: str
) -> None:
    assert said(capsys, Totals(exchanges=3, gaps=gaps), gaps_follow=follow).strip().endswith(sentence)


def test_findings_of_one_recipient_stand_together_and_expected_ones_last(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = (row("own.test", expected=True), row("z.test"), row("a.test", "b"), row("z.test", "a"))

    told = said(capsys, Totals(exchanges=4), *rows)

    assert told.count("z.test") == 1
    assert told.index("a.test") < told.index("z.test") < told.index("own.test")


def test_no_word_is_broken_however_narrow_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    path = "data_list[12].properties.a_name_that_is_longer_than_a_terminal_is_wide"

    told = said(capsys, Totals(exchanges=1), row("collector.of.a.company.test", path=path))

    assert path in told
    assert "collector.of.a.company.test" in told
