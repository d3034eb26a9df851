"""Timers run as the clock passes them, and setting the clock fires none."""

from hometruth.lab.android.clock import Clock


def test_timers_run_in_order_each_at_its_own_time() -> None:
    clock, seen = Clock(1000), []
    clock.call_after(30, lambda: seen.append(("b", clock.now_ms)))
    clock.call_after(10, lambda: seen.append(("a", clock.now_ms)))
    clock.advance(100)

    assert seen == [("a", 1010), ("b", 1030)]
    assert clock.now_ms == 1100


def test_a_timer_set_by_a_timer_runs_if_it_falls_due() -> None:
    clock, seen = Clock(0), []

    def again() -> None:
        clock.call_after(10, lambda: seen.append(clock.now_ms))

    clock.call_after(10, again)
    clock.advance(20)

    assert seen == [20]


def test_a_cancelled_timer_never_runs() -> None:
    clock, seen = Clock(0), []
    clock.call_after(10, lambda: seen.append(1)).cancel()
    clock.advance(20)

    assert seen == []


def test_setting_the_clock_fires_nothing_and_timers_keep_their_distance() -> None:
    clock, seen = Clock(0), []
    clock.call_after(15, lambda: seen.append(clock.now_ms))
    clock.advance(10)
    clock.jump(1_000_000)
    assert seen == []

    clock.advance(5)
    assert seen == [1_000_005]
