"""A token that stays: all four verdicts."""

import pytest

from hometruth.model import Condition, VerdictKind
from tests.claims.statements import judged, statement
from tests.claims.world import World, condition

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE, UNTESTED = VerdictKind.INCONCLUSIVE, VerdictKind.UNTESTED
HERE = condition(version="3.4.0")
CLAIM = statement("keeps-token", fields=["distinct_id"], days=90)


@pytest.mark.parametrize(
    ("days", "tokens", "expected"),
    [
        ((0, 45, 91), "aaa", CONSISTENT),
        ((0, 45, 91), "aab", CONTRADICTED),
        ((0, 10), "ab", CONTRADICTED),
        ((0, 45, 90), "aaa", UNTESTED),
        ((0,), "a", UNTESTED),
    ],
)
def test_what_the_days_show(days: tuple[float, ...], tokens: str, expected: VerdictKind) -> None:
    world = World()
    for day, token in zip(days, tokens, strict=True):
        world.session(HERE, sends=True, installation="i", day=day, token=token)

    row = judged(CLAIM, world)[HERE]

    assert row.verdict is expected
    if expected is CONSISTENT:
        assert "in 1 of 1 installations distinct_id was the same from day 0 to day 91" in row.why


def test_another_installation_has_another_token() -> None:
    world = World()
    for name in "ab":
        for day in (0, 91):
            world.session(HERE, sends=True, installation=name, day=day, token=name)

    assert judged(CLAIM, world)[HERE].verdict is CONSISTENT


def test_without_sessions_it_is_untested() -> None:
    assert judged(CLAIM, World())[Condition(())].verdict is UNTESTED
