"""Whom a statement speaks of: outside, it is the same proposition and no verdict on the speaker."""

from dataclasses import replace

import pytest

from hometruth.model import Claim, Condition, Scope, Subject, VerdictKind
from tests.claims.statements import judged, statement
from tests.claims.world import SUBJECT, World, condition

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
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

    assert row.verdict is CONTRADICTED
    assert row.in_scope is inside
    assert ("same proposition, other version, and no verdict on the speaker" in row.why) is not inside
    assert row.explanation is not None
    assert ("no verdict on the speaker." in row.explanation.plain) is not inside


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

    assert rows[INCOGNITO].verdict is CONTRADICTED
    assert rows[WHOLE].verdict is CONSISTENT
    assert rows[WHOLE].in_scope


def test_with_nothing_inside_the_whole_is_told_and_marked() -> None:
    rows = judged(absent(versions=("3.4.0",)), leaking())

    assert rows[WHOLE].verdict is CONTRADICTED
    assert not rows[WHOLE].in_scope


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
