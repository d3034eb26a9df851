"""What an exchange carries says which session it speaks of, not when it was seen."""

import pytest

from hometruth.findings import session_of_value, sessions_of
from hometruth.model import Canary, CanaryKind, Exchange, Form, Part, Sighting, Source, Step, Value

EXCHANGE = Exchange("e1", Source("x", 0), "POST", "https", "t.example", 443, b"/", (), b"", trial="t2")
RECORDS = ("data_list[0]", "data_list[1]")


def value(path: str) -> Value:
    return Value(Part.BODY, "", b"x", (Step("json", 0, path),))


def sighting(path: str, cell: str | None, bits: float = 80.0) -> Sighting:
    canary = Canary("c", CanaryKind.PAGE, "kzvalue", 80.0, cell=cell)
    return Sighting(canary, Form("plain", b"kzvalue", 80.0), value(path), EXCHANGE, 0, bits)


OWN = sighting("data_list[0].properties.url", "t2")
LATE = sighting("data_list[1].properties.url", "t1")
CHANCE = sighting("data_list[1]._track_id", "t3", 32.0)
OWN_DIGEST = sighting("data_list[1]._track_id", "t2", 32.0)
KNOWN = sighting("data_list[0].properties.$device_id", None)


@pytest.mark.parametrize(
    ("sightings", "expected"),
    [
        ([], ("t2",)),
        ([KNOWN], ("t2",)),
        ([OWN], ("t2",)),
        ([LATE, KNOWN], ("t1",)),
        ([OWN, LATE], ("t1", "t2")),
        ([CHANCE], ("t2",)),
        ([CHANCE, LATE], ("t1",)),
        ([OWN_DIGEST, LATE], ("t1", "t2")),
    ],
)
def test_minted_values_say_which_sessions_an_exchange_speaks_of(
    sightings: list[Sighting], expected: tuple[str, ...]
) -> None:
    assert sessions_of(EXCHANGE, sightings) == expected


def test_all_values_of_a_prompt_upload_belong_to_its_session() -> None:
    session = session_of_value(EXCHANGE, [OWN], RECORDS)

    assert session(value("data_list[1].distinct_id")) == "t2"


def test_in_a_late_or_mixed_upload_each_record_speaks_for_itself() -> None:
    mixed = session_of_value(EXCHANGE, [OWN, LATE], RECORDS)
    late = session_of_value(EXCHANGE, [LATE], RECORDS)

    assert mixed(value("data_list[0].distinct_id")) == "t2"
    assert mixed(value("data_list[1].distinct_id")) == "t1"
    assert late(value("data_list[0].distinct_id")) is None


def test_a_number_that_is_some_digest_of_another_session_by_chance_moves_nothing() -> None:
    """A queue of one session was charged to another, without consent, for 32 of its bits."""
    session = session_of_value(EXCHANGE, [OWN, CHANCE], RECORDS)

    assert session(value("data_list[1].distinct_id")) == "t2"
