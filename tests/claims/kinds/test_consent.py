"""Nothing before consent, nothing after it was withdrawn: all four verdicts."""

from dataclasses import replace

import pytest

from hometruth.model import Condition, VerdictKind
from tests.claims.statements import judged, statement
from tests.claims.world import World, condition

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE, UNTESTED = VerdictKind.INCONCLUSIVE, VerdictKind.UNTESTED
GIVEN = condition(consent="given")
CONTROL = {"consent": ["given"]}
CASES = [
    (statement("not-before-consent", control=CONTROL), condition(consent="none")),
    (statement("not-after-withdrawal", control=CONTROL), condition(consent="withdrawn")),
]
FAREWELL = "$AppDataTrackingClose"


@pytest.mark.parametrize(("claim", "where"), CASES)
def test_silence_counts_if_sending_was_seen_with_consent(claim: object, where: Condition) -> None:
    told = []
    for control in (True, False):
        world = World()
        world.cell(where, 30, sends=False)
        world.cell(GIVEN, 30, sends=control)
        rows = judged(claim, world)  # type: ignore[arg-type]
        told.append(rows[where].verdict)
        assert GIVEN not in rows

    assert told == [CONSISTENT, INCONCLUSIVE]


@pytest.mark.parametrize(("claim", "where"), CASES)
def test_one_request_contradicts_it(claim: object, where: Condition) -> None:
    world = World()
    world.cell(where, 29, sends=False)
    world.session(where, sends=True, content=False)

    assert judged(claim, world)[where].verdict is CONTRADICTED  # type: ignore[arg-type]


@pytest.mark.parametrize(("claim", "where"), CASES)
def test_with_consent_alone_it_is_untested(claim: object, where: Condition) -> None:
    world = World()
    world.cell(GIVEN, 30, sends=True)

    assert judged(claim, world)[Condition(())].verdict is UNTESTED  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("allowed", "events", "expected"),
    [
        ([], (FAREWELL,), CONTRADICTED),
        ([FAREWELL], (FAREWELL,), CONSISTENT),
        ([FAREWELL], (FAREWELL, "search"), CONTRADICTED),
        ([FAREWELL], (), CONTRADICTED),
    ],
)
def test_a_farewell_event_counts_unless_it_is_excused(
    allowed: list[str], events: tuple[str, ...], expected: VerdictKind
) -> None:
    after = condition(consent="withdrawn")
    world = World()
    world.cell(after, 30, sends=False)
    world.session(after, sends=True, content=False, records=max(len(events), 1))
    world.contacts[-1] = replace(world.contacts[-1], events=events)
    world.cell(GIVEN, 30, sends=True)

    claim = statement("not-after-withdrawal", control=CONTROL, farewell=allowed)

    assert judged(claim, world)[after].verdict is expected
