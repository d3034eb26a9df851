"""Every claim on the lab as found, updated and honest: verdicts agree with what the phone really sent."""

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from scripts.make_claims_table import COLUMNS, PAGE, PLANS, Column, column, page

from hometruth.experiment import bundled_plan
from hometruth.model import Verdict, VerdictKind
from hometruth.run import run
from tests.audit.runs import PHANTOMS
from tests.recorded import recorded_once

BLOCKS = {"as-found-2020": 3, "updated-2020": 1, "honest-2020": 1}
"""Repetitions: three give the ten sessions without a browser that show what a browser sends."""
AGAINST, HELD = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
OTHER_CHANNELS = (
    *("r07.app-start", "r18.visit", "r18.search", "r18.device", "r22.no-opt-out", "r23.hardware"),
    *("r24.music", "r24.folder"),
)
"""What is said of MiStat and of the system's analytics, where a wire can show it."""


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Column, Path]]:
    found = {}
    for name in PLANS:
        plan = replace(bundled_plan(name).scaled(BLOCKS[name]), phantoms=PHANTOMS)
        recorded = recorded_once(tmp_path_factory, name, partial(run, plan))
        found[name] = (column(recorded.audit, recorded.case), recorded.case)
    return found


@pytest.mark.parametrize("name", PLANS)
def test_no_verdict_disagrees_with_the_ledger(name: str, columns: dict[str, tuple[Column, Path]]) -> None:
    told, _ = columns[name]

    assert told.disagree == ()
    assert told.compared > 100


def test_what_is_broken_as_found_is_contradicted_by_name(columns: dict[str, tuple[Column, Path]]) -> None:
    told, _ = columns["as-found-2020"]
    whole = {row.proposition: row for row in told.audit.verdicts if not row.condition.levels}

    assert told.contradicted > 60
    for name in ("x02.no-identity", "x03.content", "x04.unlinked", "x08.categories", "x16.content"):
        assert whole[name].verdict is AGAINST, name
    told_so = ("r02.incognito", "r04.folders", "r05.songs", "r15.events")
    for name in (*told_so, *OTHER_CHANNELS):
        elsewhen = VerdictKind.OTHER_VERSION  # a statement about what was sold later
        assert whole[name].verdict is (HELD if whole[name].in_scope else elsewhen), name


@pytest.mark.parametrize(("before", "after"), [(AGAINST, HELD), (HELD, AGAINST)])
def test_a_wrong_verdict_would_be_noticed(
    before: VerdictKind, after: VerdictKind, columns: dict[str, tuple[Column, Path]]
) -> None:
    told, folder = columns["as-found-2020"]
    place = next(
        place
        for place, row in enumerate(told.audit.verdicts)
        if row.condition.levels and row.verdict is before and row.in_scope
    )
    rows = list(told.audit.verdicts)
    rows[place] = replace(rows[place], verdict=after, observed=after)

    assert len(column(replace(told.audit, verdicts=tuple(rows)), folder).disagree) == 1


def against(row: Verdict) -> Verdict:
    return replace(row, verdict=AGAINST, observed=AGAINST)


@pytest.mark.parametrize("name", OTHER_CHANNELS)
def test_the_ledger_knows_the_other_channels(name: str, columns: dict[str, tuple[Column, Path]]) -> None:
    told, folder = columns["as-found-2020"]
    turned = tuple(
        against(row) for row in told.audit.verdicts if row.proposition == name and row.condition.levels
    )

    assert len(column(replace(told.audit, verdicts=turned), folder).disagree) == len(turned) > 0


def test_the_page_has_a_row_for_each_claim(columns: dict[str, tuple[Column, Path]]) -> None:
    made = page([told for told, _ in columns.values()])
    ids = re.findall(r"^\| \*\*(\w+)\*\*", made, re.MULTILINE)

    assert len(ids) == len(set(ids)) == 50
    assert "pending" not in made
    assert len(COLUMNS) == 3


def test_the_page_in_the_docs_is_about_the_bundled_claims(
    columns: dict[str, tuple[Column, Path]],
) -> None:
    kept = PAGE.read_text("utf-8")

    for claim in columns["as-found-2020"][0].audit.claims:
        assert f"| **{claim.id}** | {claim.statement}" in kept
