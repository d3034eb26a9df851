"""Whom a statement speaks of: outside, it is the same proposition and no verdict on the speaker."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from hometruth.claims.kinds import KINDS
from hometruth.model import Claim, Condition, Scope, Subject, Verdict, VerdictKind
from hometruth.model.outputs import VerdictJson
from hometruth.report import verdict_rows
from tests.claims.statements import judged, statement
from tests.claims.world import SUBJECT, World, condition, told
from tests.report.audits import build_audit

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
OTHER_VERSION = VerdictKind.OTHER_VERSION
INCOGNITO = condition(version="3.4.3", mode="incognito", consent="given")
OLD = condition(version="3.4.0", mode="incognito", consent="given")
NORMAL = condition(version="3.4.3", mode="normal", consent="given")
OLD_NORMAL = condition(version="3.4.0", mode="normal", consent="given")
WHOLE = Condition(())


def absent(**scope: object) -> Claim:
    claim = statement(
        "absent", where={"mode": ["incognito"]}, kinds=["page", "search"], control={"mode": ["normal"]}
    )
    return replace(claim, scope=Scope(**scope))  # type: ignore[arg-type]


def leaking() -> World:
    world = World()
    for where in (NORMAL, INCOGNITO):
        world.cell(where, 30, sends=True)
    return world


@pytest.mark.parametrize(
    ("scope", "inside"),
    [
        ({}, True),
        ({"products": ("Mint Browser",)}, True),
        ({"products": ("Mi Browser",)}, False),
        ({"versions": ("3.4.3",)}, True),
        ({"versions": ("3.4.0",)}, False),
        ({"devices": ("redmi-note-8",)}, True),
        ({"devices": ("mi-10",)}, False),
        ({"regions": ("IE",)}, True),
        ({"regions": ("IN",)}, False),
        ({"until": "2020-05-04"}, True),
        ({"until": "2020-05-03"}, False),
        ({"since": "2020-05-04"}, True),
        ({"since": "2020-05-05"}, False),
        ({"versions": ("3.4.3",), "until": "2020-04-30"}, False),
    ],
)
def test_each_part_of_the_scope_counts(scope: dict[str, object], inside: bool) -> None:
    world = leaking()
    world.subject = replace(SUBJECT, region="IE", released=(("3.4.3", "2020-05-04"),))

    row = judged(absent(**scope), world)[INCOGNITO]

    assert row.verdict is (CONTRADICTED if inside else OTHER_VERSION)
    assert row.in_scope is inside
    assert ("other version, and no verdict on the speaker" in row.why) is not inside
    assert row.explanation is not None
    assert ("What was seen is told without a verdict" in row.explanation.plain) is not inside


@pytest.mark.parametrize(
    ("scope", "inside"),
    [
        ({"until": "2020-05-04"}, False),
        ({"versions": ("3.4.3",), "until": "2020-05-04"}, True),
        ({"regions": ("IE",)}, False),
    ],
)
def test_what_is_not_known_lies_outside_unless_the_version_is_named(
    scope: dict[str, object], inside: bool
) -> None:
    assert judged(absent(**scope), leaking())[INCOGNITO].in_scope is inside


def test_another_version_that_leaks_is_no_verdict_on_the_speaker() -> None:
    world = leaking()
    world.cell(OLD, 30, sends=False)
    world.cell(OLD_NORMAL, 30, sends=True)

    rows = judged(absent(versions=("3.4.0",)), world)

    assert rows[INCOGNITO].verdict is OTHER_VERSION
    assert rows[WHOLE].verdict is CONSISTENT
    assert rows[WHOLE].in_scope


def test_with_nothing_inside_there_is_no_verdict_but_a_count() -> None:
    rows = judged(absent(versions=("3.4.0",)), leaking())

    assert rows[WHOLE].verdict is OTHER_VERSION
    assert not rows[WHOLE].in_scope
    assert "the contrary was seen in 1 of 1 conditions here" in rows[WHOLE].why
    assert "version 3.4.3, and the statement is about 3.4.0" in rows[WHOLE].why


def test_what_nobody_said_of_this_version_is_not_told_as_said() -> None:
    claim = statement("present", kinds=["page"], actions=["visit"], control={"mode": ["normal"]})
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.cell(INCOGNITO, 30, sends=True, content=False)

    for versions in (("3.4.3",), ("3.4.0",)):
        rows = judged(replace(claim, scope=Scope(versions=versions)), world)
        inside = versions == ("3.4.3",)

        assert ("said to be sent" in rows[INCOGNITO].why) is inside
        assert rows[WHOLE].verdict is (CONTRADICTED if inside else OTHER_VERSION)
    assert "seen in 1 of 2 conditions here" in rows[WHOLE].why


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_kind_of_statement_gets_a_verdict_word_outside_its_scope(kind: str) -> None:
    options: dict[str, object] = {
        **{"kinds": ["page"], "control": {"mode": ["normal"]}, "days": 30, "fields": ["distinct_id"]},
        **{"silent": {"mode": ["incognito"]}, "with": {"mode": ["normal"]}, "when": {"mode": ["normal"]}},
        **{"as": {"app": ["other"]}, "organisations": ["Xiaomi"], "reason": "no wire", "events": ["a"]},
        "values": ["1"],
    }
    needed = {name: options[name] for name in KINDS[kind].needs}
    claim = statement(kind, where=None, **needed)
    claim = replace(claim, scope=Scope(versions=("1",), products=("another",)))
    world = leaking()
    rows = told([claim], world.evidence())
    words = {kind.value for kind in VerdictKind} - {OTHER_VERSION.value}

    assert {row.verdict for row in rows} == {OTHER_VERSION}
    assert not any(word in json.dumps(row) for word in words for row in _as_json(rows, claim, world))


def _as_json(rows: Sequence[Verdict], claim: Claim, world: World) -> list[VerdictJson]:
    return verdict_rows(replace(build_audit(), verdicts=tuple(rows), claims=(claim,), subject=world.subject))


def test_a_condition_is_about_the_product_that_its_app_stands_for() -> None:
    world = World()
    world.subject = Subject(
        *("simulated", "phone", "Xiaomi", "Mi Browser", "redmi-note-8"),
        products=(("mint-browser", "Mint Browser"),),
    )
    mint = condition(app="mint-browser", mode="incognito", consent="given")
    other = condition(app="music-player", mode="incognito", consent="given")
    for where in (mint, other):
        world.cell(where, 30, sends=True)

    rows = judged(absent(products=("Mint Browser",)), world)

    assert rows[mint].in_scope
    assert not rows[other].in_scope
