"""Telemetry goes to these organisations and nobody else: all four verdicts."""

import pytest

from hometruth.model import Condition, Recipient, VerdictKind
from tests.claims.statements import judged, statement
from tests.claims.world import World, condition

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE, UNTESTED = VerdictKind.INCONCLUSIVE, VerdictKind.UNTESTED
HERE = condition(mode="normal")
CLAIM = statement("destinations", organisations=["Xiaomi"], control={"mode": ["normal"]})
MAKER = Recipient("a.sensorsdata.cn", "sensorsdata.cn", "Sensors Data", "CN", "Sensors Analytics", "x")
UNKNOWN = Recipient("a.example", "a.example", None, None, "Sensors Analytics", "x")
OTHER = Recipient("www.google.com", "google.com", "Google", "US")


@pytest.mark.parametrize(
    ("recipient", "content", "expected"),
    [
        (MAKER, False, CONTRADICTED),
        (UNKNOWN, False, INCONCLUSIVE),
        (OTHER, True, CONTRADICTED),
        (OTHER, False, CONSISTENT),
    ],
)
def test_what_one_more_recipient_does_to_it(
    recipient: Recipient, content: bool, expected: VerdictKind
) -> None:
    world = World()
    world.cell(HERE, 30, sends=True)
    world.session(HERE, sends=True, content=content, recipient=recipient, endpoint=f"{recipient.host}/")

    assert judged(CLAIM, world)[HERE].verdict is expected


def test_own_hosts_only_is_consistent_with_a_bound() -> None:
    world = World()
    world.cell(HERE, 30, sends=True)

    row = judged(CLAIM, world)[HERE]

    assert row.verdict is CONSISTENT
    assert row.bound_percent == pytest.approx(9.5, abs=0.05)


def test_a_few_sessions_are_too_few() -> None:
    world = World()
    world.cell(HERE, 28, sends=True)

    assert judged(CLAIM, world)[HERE].verdict is INCONCLUSIVE


def test_where_nothing_is_sent_nothing_is_said() -> None:
    world = World()
    world.cell(HERE, 30, sends=False)

    assert judged(CLAIM, world)[Condition(())].verdict is UNTESTED


def test_what_chance_may_have_met_is_nothing_sent() -> None:
    """32 bits in another session's upload: nothing was sent here, and nothing is said of where it went."""
    world = World()
    world.cell(HERE, 30, sends=False)
    trial = world.trials[-1]
    world.leak(trial, world.exchange(trial.id), -10.7)

    assert judged(CLAIM, world)[Condition(())].verdict is UNTESTED
