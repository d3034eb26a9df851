"""A promised lifetime is held against a schedule of starts, not against one jump of the clock."""

from collections.abc import Sequence

from hometruth.identity.identifiers import find_identifiers, rotation
from hometruth.model.identified import Rotation
from hometruth.model.identifier import ComparisonKind, Phase
from tests.identity.identifiers.worlds import sessions, told

A, B = "a1a1a1a1a1a1a1a1", "b2b2b2b2b2b2b2b2"
C, D = "c3c3c3c3c3c3c3c3", "d4d4d4d4d4d4d4d4"
CLOCK, GAP = Phase.CLOCK, Phase.CLOCK_GAP
SCHEDULE = (Phase.BASE, CLOCK, CLOCK, CLOCK, CLOCK)
DAYS = (0, 30, 60, 91, 120)


def seen(phases: Sequence[Phase], days: Sequence[float], a: list[str], b: list[str]) -> Rotation:
    events = [
        *told(sessions("a", *phases, days=days), a),
        *told(sessions("b", *phases, days=days), b),
    ]
    (found,) = find_identifiers(events, ComparisonKind.TWINS)
    result = rotation(found, 90)
    assert result is not None
    return result


def test_the_schedule_finds_what_is_renewed_only_if_nobody_uses_it() -> None:
    full = seen((*SCHEDULE, GAP), (*DAYS, 220), [*[A] * 5, C], [*[B] * 5, D])

    assert (full.days, full.oldest_days, full.longest_gap_days) == (DAYS, 120, 31)
    assert full.is_asked
    assert full.outlives
    assert full.renewed_after_gap is True


def test_what_is_renewed_in_time_is_not_accused() -> None:
    result = seen(SCHEDULE, DAYS, [A, A, A, C, C], [B, B, B, D, D])

    assert (result.is_asked, result.outlives) == (True, False)
    assert result.oldest_days == 60
    assert result.renewed_after_gap is None


def test_a_schedule_with_too_long_a_gap_does_not_ask() -> None:
    result = seen((Phase.BASE, CLOCK), (0, 120), [A, A], [B, B])

    assert (result.is_asked, result.outlives) == (False, True)  # seen is seen


def test_a_reset_begins_anew() -> None:
    phases = (Phase.BASE, CLOCK, Phase.CLEAR_DATA, CLOCK)
    result = seen(phases, (0, 60, 60, 100), [A, A, C, C], [B, B, D, D])

    assert list(result.days) == [0, 60]
    assert not result.outlives


def test_sessions_without_days_are_not_asked() -> None:
    events = [*told(sessions("a", Phase.BASE), [A]), *told(sessions("b", Phase.BASE), [B])]
    (found,) = find_identifiers(events, ComparisonKind.TWINS)

    assert rotation(found, 90) is None
