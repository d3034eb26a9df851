"""A clock that does not run on evenly is told with its times; nobody's clock is set by a test."""

from hometruth.capture.proxy.clock_watch import ClockWatch

T0 = 1_767_225_600
NS = 1_000_000_000


def told_of(*looks: tuple[float, float]) -> list[tuple[int, str]]:
    """What is told of looks at both clocks: seconds since `T0`, and those of the steady one."""
    told: list[tuple[int, str]] = []
    watch = ClockWatch(lambda at_ns, words: told.append((at_ns // NS - T0, words)))
    for day_s, steady_s in looks:
        watch.looked(int((T0 + day_s) * NS), int(steady_s * NS))
    return told


def test_a_clock_that_runs_on_is_nothing_to_tell() -> None:
    assert not told_of(
        (0, 7), (1, 8), (61, 68), (62.5, 68.6), (63.4, 70.4)
    )  # a leap second, set right slowly


def test_a_clock_that_was_set_or_a_machine_that_slept_is_told_with_its_times() -> None:
    ((slept, ahead),) = told_of((0, 7), (3600, 8), (3601, 9))
    ((back, twice),) = told_of((0, 7), (-299, 8), (-298, 9))

    assert (slept, back) == (3600, -299)
    assert "slept from 2026-01-01T00:00:01+00:00 to 2026-01-01T01:00:00+00:00, or its clock" in ahead
    assert "set back from 2026-01-01T00:00:01+00:00 to 2025-12-31T23:55:01+00:00" in twice
