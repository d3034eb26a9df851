"""Pictures: well-formed, without anything that runs, stamped inside, and told in words beside."""

import re
from collections.abc import Iterable
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from hometruth.model import Audit, CanaryKind, Condition, Delivery, Initiator, InitiatorKind, Sighting
from hometruth.report.first_screen import first_screen
from hometruth.report.matrix import ToldAs
from hometruth.report.pictures import MOST_HOSTS, MOST_IDENTIFIERS, pictures_of
from hometruth.report.svg import BOLD_CHARACTER, CHARACTER, Picture
from hometruth.report.tables import recipient_tables
from hometruth.report.text import clip
from tests.report.audits import CONDITIONS, PER_CELL, build_audit, reported_by_sdk
from tests.report.test_first_screen import EVIL, honest, lost

DRAWN = {"svg", "title", "desc", "g", "rect", "circle", "line", "text"}
STAMP = "simulation: says nothing about a real phone"


def with_times(audit: Audit) -> Audit:
    """The same audit, each request a little after its session's visit."""
    begun = {trial.id: trial.started_ns or 0 for trial in audit.trials}

    def timed(sighting: Sighting) -> Sighting:
        at_ns = begun.get(sighting.canary.cell or "", 0) + 7_000_000_000
        return replace(sighting, exchange=replace(sighting.exchange, started_ns=at_ns))

    findings = tuple(replace(f, sightings=tuple(map(timed, f.sightings))) for f in audit.findings)
    return replace(audit, findings=findings)


def pictures(audit: Audit) -> dict[str, Picture]:
    drawn = pictures_of(audit, first_screen(audit), lambda text: clip(text, 1200))
    return {picture.name: picture for picture in drawn}


def elements(picture: Picture) -> Iterable[ET.Element]:
    return ET.fromstring(picture.svg).iter()


@pytest.fixture(scope="module")
def drawn(audit: Audit) -> dict[str, Picture]:
    return pictures(with_times(audit))


def test_there_are_four_and_each_is_a_static_stamped_picture_with_a_table(drawn: dict[str, Picture]) -> None:
    assert list(drawn) == ["matrix-whole", "timeline", "recipients", "identifiers-graph"]
    for picture in drawn.values():
        names = [item.tag.rpartition("}")[2] for item in elements(picture)]
        assert set(names) <= DRAWN
        assert " ".join(item.text or "" for item in list(elements(picture))[-2:]).endswith(STAMP)
        assert picture.rows and all(len(row) == len(picture.heads) for row in picture.rows)
        assert not re.search(r"\b(on\w+|href|style)=", picture.svg)


def test_a_real_subject_is_named_with_version_and_date() -> None:
    drawn = pictures(with_times(build_audit(kind="real")))

    assert all(
        "Mint Browser 3.4.0, 3.4.3 on Redmi Note 8, 2020-04-29: about" in one.svg for one in drawn.values()
    )
    assert not any(STAMP in one.svg for one in drawn.values())


def test_the_matrix_says_how_often_in_the_picture_and_how_sure_in_the_table(
    drawn: dict[str, Picture],
) -> None:
    matrix = drawn["matrix-whole"]
    rows = {row[0]: row[1:] for row in matrix.rows}

    assert matrix.heads == ("Setting", "page visited", "words searched")
    assert rows["3.4.0, incognito"] == (f"sent, {PER_CELL} of {PER_CELL}",) * 2
    assert (
        "more than 1 of 10 sessions, the chance that we missed it is below 5 %: 9.6 %"
        in rows["3.4.3, incognito, switch off"][0]
    )
    assert "0 of 30*" in matrix.svg
    as_sent = [pair for pair in re.findall(r">(\d+) of (\d+)<", matrix.svg) if pair[0] == pair[1]]
    told = [re.findall(r"^sent, (\d+) of (\d+)$", cell) for row in matrix.rows for cell in row[1:]]
    assert as_sent == [pair for pairs in told for pair in pairs]


def test_the_timeline_marks_what_was_planted_on_actions_and_requests(drawn: dict[str, Picture]) -> None:
    rows = drawn["timeline"].rows

    assert [row[1:4] for row in rows if row[1] == "action"] == [
        ("action", "visit", "A"),
        ("action", "search", "B"),
    ]
    found = [row for row in rows if row[4] == "beyond the action itself"]
    assert {(row[2], row[3]) for row in found} == {
        ("sa.api.intl.miui.com", "A"),
        ("sa.api.intl.miui.com", "B"),
    }
    assert all(row[0] == "7.0 s" for row in found)


def test_who_got_what_has_bytes_and_findings(drawn: dict[str, Picture]) -> None:
    rows = {row[0]: row for row in drawn["recipients"].rows}

    assert rows["sa.api.intl.miui.com"][1] == "Xiaomi"
    assert "page visited (150 sessions), words searched (150 sessions)" in rows["sa.api.intl.miui.com"][4]
    assert rows["update.example"][3:] == ("98.4 kB", "nothing beyond the action itself was found")


def test_thousands_of_hosts_without_a_finding_are_one_row_of_its_table(audit: Audit) -> None:
    (row, *_rest) = audit.coverage
    many = tuple(replace(row, host=f"h{n}.example", exchanges=1) for n in range(2 * MOST_HOSTS))
    table = pictures(replace(audit, coverage=(*audit.coverage, *many)))["recipients"].rows

    assert len(table) == MOST_HOSTS + 1
    assert "sessions)" not in table[-1][4]
    assert table[-1][0].endswith("more hosts, each in coverage.parquet of the case")
    listed = sum(int(row[2].replace(",", "")) for row in table)
    assert listed == sum(each.exchanges for each in (*audit.coverage, *many))


def test_the_identifier_that_joins_private_and_normal_windows_comes_first(drawn: dict[str, Picture]) -> None:
    first = drawn["identifiers-graph"].rows[0]

    assert first[1] == "device: properties.$device_id"
    assert "incognito" in first[2] and "normal window" in first[2]


@pytest.mark.parametrize("change", [lost, honest])
def test_with_nothing_to_draw_there_is_no_picture_that_says_otherwise(audit: Audit, change: object) -> None:
    changed = replace(change(audit), identifiers=(), coverage=())  # type: ignore[operator]

    assert "identifiers-graph" not in pictures(changed)
    assert all(
        "beyond the action itself" not in row for one in pictures(changed).values() for row in one.rows
    )


def test_captured_text_draws_nothing(audit: Audit) -> None:
    evil = f"{EVIL}</text><script>x</script><svg onload=x>\ufffe\ud800&#0;" + "w" * 1_000_000
    finding, proof = reported_by_sdk(f"{EVIL}</svg>", CanaryKind.SEARCH, CONDITIONS[0], 1)
    recipient = replace(finding.recipient, host=evil, organisation=evil)
    trials = tuple(
        replace(trial, actions=tuple(replace(one, action=evil) for one in trial.actions))
        for trial in audit.trials[:31]
    )
    hostile = replace(
        with_times(audit),
        subject=replace(audit.subject, vendor=evil, product=evil, name=evil),
        trials=trials,
        findings=(replace(finding, recipient=recipient), *with_times(audit).findings),
        identifiers=(replace(audit.identifiers[0], value=evil, field=evil), *audit.identifiers),
        proofs=(replace(proof, finding=replace(finding, recipient=recipient)), *audit.proofs),
    )
    drawn = pictures(hostile)

    assert len(drawn) == 4
    for picture in drawn.values():
        assert {item.tag.rpartition("}")[2] for item in elements(picture)} <= DRAWN
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", picture.svg)
        assert len(picture.svg) < 200_000


def test_what_is_not_drawn_is_counted_and_stands_in_the_table(audit: Audit) -> None:
    many = tuple(replace(audit.identifiers[0], value=f"9f3c1ab27de0{n:04}") for n in range(11))
    picture = pictures(replace(with_times(audit), identifiers=many))["identifiers-graph"]

    assert len(picture.rows) == 11
    assert "… 3 identifiers more in the table" in picture.svg


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"delivered": Delivery.BLOCKED}, "only tried"),
        ({"evidence_bits": 12.0}, "not counted: by a page, too little evidence, or settings not confirmed"),
        (
            {"initiator": Initiator(InitiatorKind.PAGE, "embedded")},
            "not counted: by a page, too little evidence, or settings not confirmed",
        ),
    ],
)
def test_what_the_matrix_does_not_count_as_sent_no_picture_and_no_table_does(
    audit: Audit, change: dict[str, object], note: str
) -> None:
    findings = tuple(
        one if one.expected else replace(one, **change)  # type: ignore[arg-type]
        for one in with_times(audit).findings
    )
    changed = replace(with_times(audit), findings=findings)
    drawn = pictures(changed)
    told_as = ToldAs.TRIED if note == "only tried" else ToldAs.UNCOUNTED

    assert {row[4] for row in drawn["timeline"].rows} >= {note}
    assert not any(cell == "beyond the action itself" for row in drawn["timeline"].rows for cell in row)
    assert not any("sessions)" in row[4] for row in drawn["recipients"].rows)
    assert not any(cell.startswith("sent") for row in drawn["matrix-whole"].rows for cell in row[1:])
    assert recipient_tables(changed, ToldAs.SENT) == ()
    assert recipient_tables(changed, told_as)


def boxes(picture: Picture) -> Iterable[tuple[str, float, float, float, float]]:
    """Each text of a picture, with about where it is drawn: left, right, top, bottom."""

    def below(element: ET.Element, down: float) -> Iterable[tuple[str, float, float, float, float]]:
        for item in element:
            moved = re.match(r"translate\(0 ([\d.]+)\)", item.get("transform", ""))
            if item.tag.endswith("}text"):
                at = {name: float(item.get(name, 0)) for name in ("x", "y", "font-size")}
                character = BOLD_CHARACTER if item.get("font-weight") else CHARACTER
                wide = len(item.text or "") * at["font-size"] * character
                left = at["x"] - {"end": 1, "middle": 0.5}.get(item.get("text-anchor", ""), 0) * wide
                top = down + at["y"] - 0.75 * at["font-size"]
                yield item.text or "", left, left + wide, top, top + 0.9 * at["font-size"]
            yield from below(item, down + float(moved[1] if moved else 0))

    yield from below(ET.fromstring(picture.svg), 0)


@pytest.mark.parametrize("kind", ["simulated", "real"])
def test_no_text_is_cut_off_at_an_edge_or_drawn_over_another(kind: str) -> None:
    audit = with_times(build_audit(kind=kind))
    long = ", ".join(f"with the setting number {n} as it was found" for n in range(4))
    trials = tuple(
        replace(one, condition=Condition((*one.condition.levels, ("state", long)))) for one in audit.trials
    )
    moved = {one.id: one.condition for one in trials}
    findings = tuple(
        replace(one, condition=moved[one.canary.cell]) if one.canary.cell in moved else one
        for one in audit.findings
    )
    identifiers = tuple(
        replace(audit.identifiers[0], value=f"{n:08}-0000-4000-8000-000000000000", field="a.long.path." * 4)
        for n in range(MOST_IDENTIFIERS + 3)
    )
    many = tuple(
        replace(audit.findings[0], recipient=replace(audit.findings[0].recipient, host=f"h{n}.example"))
        for n in range(20)
    )
    crowded = replace(
        audit, trials=trials, findings=(*findings, *many), identifiers=(*audit.identifiers, *identifiers)
    )
    for picture in (*pictures(audit).values(), *pictures(crowded).values()):
        wide, high = (float(ET.fromstring(picture.svg).get(name, 0)) for name in ("width", "height"))
        told = list(boxes(picture))
        outside = [
            box for box in told if not (box[1] >= 0 and box[2] <= wide and 0 <= box[3] <= box[4] <= high)
        ]
        over = [
            (one[0], other[0])
            for n, one in enumerate(told)
            for other in told[:n]
            if one[1] < other[2] and other[1] < one[2] and one[3] < other[4] and other[3] < one[4]
        ]

        assert told
        assert not outside, picture.name
        assert not over, picture.name


def test_a_matrix_says_inside_what_its_numbers_and_its_stars_mean(drawn: dict[str, Picture]) -> None:
    told = " ".join(text for text, *_ in boxes(drawn["matrix-whole"]))

    assert "Sessions that count; full: sent, empty: not seen." in told
    assert "* If it happened in more than 1 of 10 sessions, the chance that we missed it is below 5 %" in told
    assert told.endswith(f"Mint Browser 3.4.0, 3.4.3 on Redmi Note 8, 2020-04-29; {STAMP}")
