"""What a researcher saw is there, or is there under one condition only: all four verdicts."""

from dataclasses import replace

import pytest

from hometruth.model import ActionRecord, CanaryKind, Condition, VerdictKind
from tests.claims.statements import judged, statement
from tests.claims.world import World, condition

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE, UNTESTED = VerdictKind.INCONCLUSIVE, VerdictKind.UNTESTED
NORMAL = condition(mode="normal", consent="given")
SIGNED_OUT = condition(mode="normal", account="none")
SIGNED_IN = condition(mode="normal", account="signed-in")
WHOLE = Condition(())
PRESENT = statement("present", kinds=["page", "search"], control={"mode": ["normal"]})
READABLE = statement("present", kinds=[], control={"mode": ["normal"]})
ONLY_WHEN = statement(
    "only-when", kinds=["page"], when={"account": ["signed-in"]}, control={"account": ["signed-in"]}
)


def test_seen_once_it_is_consistent_with_its_share_and_a_proof() -> None:
    world = World()
    world.session(NORMAL, sends=True)
    world.cell(NORMAL, 29, sends=True, content=False)

    row = judged(PRESENT, world)[NORMAL]

    assert row.verdict is CONSISTENT
    assert "in at least 1 of 30 sessions, each of page, search" in row.why
    assert "in more than 0.2 % of such sessions" in row.why
    assert row.proof == "e0"
    assert row.bound_percent is None


def test_absent_from_enough_sessions_whose_telemetry_was_read_it_is_contradicted() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, content=False)

    row = judged(PRESENT, world)[NORMAL]

    assert row.verdict is CONTRADICTED
    assert "page, search was said to be sent, but was not seen at the vendor in any of 30" in row.why


@pytest.mark.parametrize(("n", "sends"), [(28, True), (30, False)])
def test_absence_without_enough_sessions_or_without_telemetry_decides_nothing(n: int, sends: bool) -> None:
    world = World()
    world.cell(NORMAL, n, sends=sends, content=False)

    assert judged(PRESENT, world)[NORMAL].verdict is INCONCLUSIVE


def test_of_two_kinds_asked_for_one_is_not_enough() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.findings = [item for item in world.findings if item.canary.kind is CanaryKind.PAGE]

    row = judged(PRESENT, world)[NORMAL]

    assert row.verdict is CONTRADICTED
    assert "search was said to be sent" in row.why


def test_weak_evidence_shows_nothing() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, bits=39.0)

    assert judged(PRESENT, world)[NORMAL].verdict is not CONSISTENT


@pytest.mark.parametrize(("found", "expected"), [("visit", CONSISTENT), ("read-item", CONTRADICTED)])
def test_only_what_the_named_actions_planted_counts(found: str, expected: VerdictKind) -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.trials = [
        replace(
            trial,
            actions=(
                ActionRecord(found, f"c-{trial.id}-page", 1, True),
                ActionRecord("visit", f"c-{trial.id}-other", 1, True),
            ),
        )
        for trial in world.trials
    ]
    claim = statement("present", kinds=["page"], actions=["visit"], control={"mode": ["normal"]})

    assert judged(claim, world)[NORMAL].verdict is expected


def test_what_was_never_done_cannot_be_missing() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, content=False)
    claim = statement("present", kinds=["item"], actions=["read-item"], control={"mode": ["normal"]})

    assert judged(claim, world)[WHOLE].verdict is UNTESTED


def test_no_session_no_verdict() -> None:
    assert judged(PRESENT, World())[WHOLE].verdict is UNTESTED


def test_a_sighted_phantom_stops_it() -> None:
    world = World(phantoms_sighted=1)
    world.cell(NORMAL, 30, sends=True)

    assert judged(PRESENT, world)[NORMAL].verdict is INCONCLUSIVE


@pytest.mark.parametrize(("records", "expected"), [(4, CONSISTENT), (0, INCONCLUSIVE)])
def test_readable_telemetry_is_asked_for_by_naming_no_kind(records: int, expected: VerdictKind) -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, records=records, content=False)

    assert judged(READABLE, world)[NORMAL].verdict is expected


def test_silence_is_neither_readable_nor_unreadable() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=False)

    assert judged(READABLE, world)[WHOLE].verdict is UNTESTED


@pytest.mark.parametrize(
    ("out", "signed_in", "expected"),
    [
        ({"sends": True}, {"sends": True}, CONTRADICTED),
        ({"sends": False}, {"sends": True}, CONSISTENT),
        ({"sends": False}, {"sends": False}, INCONCLUSIVE),
    ],
)
def test_only_when(out: dict[str, bool], signed_in: dict[str, bool], expected: VerdictKind) -> None:
    world = World()
    world.cell(SIGNED_OUT, 30, **out)
    world.cell(SIGNED_IN, 30, **signed_in)

    rows = judged(ONLY_WHEN, world)

    assert rows[SIGNED_OUT].verdict is expected
    assert SIGNED_IN not in rows


def test_only_when_says_nothing_where_the_condition_does_not_tell() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)

    assert judged(ONLY_WHEN, world)[WHOLE].verdict is UNTESTED
