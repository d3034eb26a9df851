"""Which pieces of a value may name somebody."""

import pytest

from hometruth.identity.identifiers.tokens import (
    PlantedInputs,
    is_time,
    looks_random,
    tokens,
    without_random_names,
)


def test_a_value_is_cut_between_signs_and_short_pieces_are_left_out() -> None:
    assert tokens("UID:4711_abcdef123456 x") == ("uid:4711_abcdef123456 x", "abcdef123456")


def test_a_uuid_inside_a_value_stays_whole() -> None:
    """As one token, with which sign it ever stands."""
    assert "5870c1ba4ed44ad48b30a1bfa4faa606" in tokens("id=5870C1BA-4ed4-4ad4-8b30-a1bfa4faa606;v=1")


@pytest.mark.parametrize(
    "token",
    [
        "5870c1ba-4ed4-4ad4-8b30-a1bfa4faa606",
        "a1b2c3d4e5f6",
        "490154203237518",
        "k3j9x0q2m4n5p6r7",
    ],
)
def test_random(token: str) -> None:
    assert looks_random(token)


@pytest.mark.parametrize(
    "token", ["deadbeefcafe", "chromium", "12345678", "aboutwelcomedefault", "1588550400000"]
)
def test_not_random(token: str) -> None:
    assert not looks_random(token)


@pytest.mark.parametrize(
    "text",
    [
        "1588550400",
        "1588550400000",
        "1588550400000000",
        "20200504",
        "20261103151912",
        "2026-11-22",
        "2026-11-22t17:29:28.024+00:00",
        "2026-11-22+00:00",
        "sun, 22 nov 2026 17:29:29 gmt",
        "17:29:28.024",
    ],
)
def test_moments(text: str) -> None:
    assert is_time(text)


@pytest.mark.parametrize("text", ["490154203237518", "9999999999", "a1b2c3d4e5f6", "version-2026"])
def test_no_moments(text: str) -> None:
    assert not is_time(text)


def test_what_was_typed_is_known_while_it_is_typed_and_inside_other_text() -> None:
    planted = PlantedInputs(["Moonriver2020"])

    assert "moonri" in planted
    assert "https://x.example/moonriver2020/1" in planted
    assert "river2020" not in planted


def test_names_that_look_random_are_taken_out_of_a_path() -> None:
    assert without_random_names("/v1/5870c1ba-4ed4-4ad4-8b30-a1bfa4faa606/events") == "/v1/{}/events"
    assert without_random_names("a1b2c3d4e5f60718.t.example") == "{}.t.example"
    assert without_random_names("/submit/firefox-desktop/1") == "/submit/firefox-desktop/1"
