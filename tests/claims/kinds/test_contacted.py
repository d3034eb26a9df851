"""A host is called, readably or not: all verdicts, and what does not count."""

from dataclasses import replace

import pytest

from hometruth.model import ActionRecord, Condition, VerdictKind
from tests.claims.statements import judged, statement
from tests.claims.world import VENDOR, World, condition

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE, UNTESTED = VerdictKind.INCONCLUSIVE, VerdictKind.UNTESTED
HERE = condition(consent="given")
WHOLE = Condition(())
MISTAT = "data.mistat.intl.xiaomi.com"
OPAQUE = replace(VENDOR, host=MISTAT, sdk=None, sdk_maker=None)
CONTROL = {"consent": ["given"]}
CALLED = statement("contacted", hosts=[MISTAT], control=CONTROL)
AFTER_VISIT = statement("contacted", hosts=[MISTAT], actions=["visit"], control=CONTROL)
IDLE = statement("contacted", actions=[], control=CONTROL)


def called(world: World, *, times: int = 1, **session: object) -> None:
    """Sessions that call MiStat's host with something that nobody can read."""
    world.cell(HERE, times, sends=True, content=False, recipient=OPAQUE, records=0, **session)
    for place in range(len(world.contacts) - times, len(world.contacts)):
        world.contacts[place] = replace(
            world.contacts[place], endpoint=f"{MISTAT}/mistats/v2", read_bytes=0, opaque_bytes=900
        )


def do(world: World, *actions: str) -> None:
    """What the last session did, instead of its visit."""
    records = tuple(ActionRecord(action, None, 1, happened=True) for action in actions)
    world.trials[-1] = replace(world.trials[-1], actions=records)


def test_one_request_shows_it_though_nobody_can_read_it() -> None:
    world = World()
    called(world)

    row = judged(CALLED, world)[HERE]

    assert row.verdict is CONSISTENT
    assert row.proof == world.contacts[-1].exchange
    assert "in 1 of 1 sessions a request went to data.mistat.intl.xiaomi.com" in row.why


def test_requests_to_another_host_do_not() -> None:
    world = World()
    world.cell(HERE, 30, sends=True)

    row = judged(CALLED, world)[HERE]

    assert row.verdict is CONTRADICTED
    assert "none did in any of 30 sessions" in row.why


@pytest.mark.parametrize(("n", "sends"), [(28, True), (30, False)])
def test_absence_needs_enough_sessions_and_a_recorder_that_works(n: int, sends: bool) -> None:
    world = World()
    world.cell(HERE, n, sends=sends)

    assert judged(CALLED, world)[HERE].verdict is INCONCLUSIVE


def test_a_host_of_somebody_else_is_not_the_vendor() -> None:
    world = World()
    other = replace(OPAQUE, vendor_controlled=False)
    world.cell(HERE, 30, sends=True, content=False, recipient=other, records=0)

    assert judged(IDLE, world)[WHOLE].verdict is UNTESTED
    assert judged(CALLED, world)[HERE].verdict is INCONCLUSIVE


@pytest.mark.parametrize(
    ("claim", "done", "expected"),
    [
        (AFTER_VISIT, ("visit",), CONSISTENT),
        (AFTER_VISIT, ("visit", "search"), UNTESTED),
        (AFTER_VISIT, (), UNTESTED),
        (IDLE, (), CONSISTENT),
        (IDLE, ("visit",), UNTESTED),
    ],
)
def test_only_sessions_in_which_just_that_was_done_count(
    claim: object, done: tuple[str, ...], expected: VerdictKind
) -> None:
    world = World()
    called(world)
    do(world, *done)

    assert judged(claim, world)[WHOLE].verdict is expected  # type: ignore[arg-type]


def test_a_request_recorded_in_another_session_is_no_answer_to_this_one() -> None:
    world = World()
    world.session(HERE, sends=False)
    called(world)
    world.contacts[-1] = replace(world.contacts[-1], recorded_in="t9999")

    assert judged(CALLED, world)[HERE].verdict is INCONCLUSIVE
