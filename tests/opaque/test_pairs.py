"""Groups of endpoints are fixed before the run."""

from hometruth.opaque import ELSEWHERE, EndpointPatterns, Sent, halves_of

ENDPOINTS = EndpointPatterns(("t.example/sa", "t.example", "*.pinned.example"), site="canary.example")


def test_the_first_pattern_that_fits_names_the_group() -> None:
    assert ENDPOINTS.group_of("t.example", "/sa?project=a") == "t.example/sa"
    assert ENDPOINTS.group_of("t.example", "/config") == "t.example"
    assert ENDPOINTS.group_of("a.pinned.example") == "*.pinned.example"
    assert ENDPOINTS.group_of("pinned.example") == ELSEWHERE
    assert ENDPOINTS.group_of("not.example") == ELSEWHERE


def test_the_canaries_own_sites_belong_to_no_group() -> None:
    assert ENDPOINTS.group_of("x.y.canary.example", "/abc") is None
    assert ENDPOINTS.group_of("evilcanary.example", "/abc") == ELSEWHERE


def test_every_group_is_tested_silent_ones_too() -> None:
    sent = [
        Sent("t1", "t.example", "/sa", 100, (64,)),
        Sent("t1", "t.example", "/sa", 50, (96, 80)),
        Sent("t1", "x.canary.example", "/", 9999),
    ]
    halves = halves_of(sent, ENDPOINTS)

    assert list(halves) == ["t.example/sa", "t.example", "*.pinned.example", ELSEWHERE]
    assert halves["t.example/sa"]["t1"].size_bytes == 150
    assert halves["t.example/sa"]["t1"].atoms == (64, 96, 80)
    assert halves["t.example/sa"]["t1"].largest == 96
    assert not halves[ELSEWHERE]
