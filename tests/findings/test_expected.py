"""Expected flows are narrow: host, path, part, method and time window must all fit."""

from dataclasses import replace

import pytest

from hometruth.findings import is_expected
from hometruth.model import (
    ActionRecord,
    Canary,
    CanaryKind,
    Delivery,
    Exchange,
    ExpectedFlow,
    Form,
    Part,
    Sighting,
    Source,
    Value,
)

SECOND = 1_000_000_000
VALUE = "kzcanaryvalue0000000"
VISIT = ExpectedFlow(
    kind=CanaryKind.PAGE,
    host="{canary}.sites.example",
    path="/story/{canary}",
    parts=frozenset({Part.HOST, Part.PATH, Part.HEADER}),
    within_s=5,
    before_s=20,
)
PLANTED = ActionRecord("visit", "c1", 100 * SECOND, True)


def sighting(**changes: object) -> Sighting:
    canary = Canary("c1", CanaryKind.PAGE, VALUE, 80.0, cell="t1")
    exchange = Exchange(
        id="e1",
        source=Source("x", 0),
        method="GET",
        scheme="https",
        host=f"{VALUE}.sites.example",
        port=443,
        target=f"/story/{VALUE}".encode(),
        request_headers=(),
        request_body=b"",
        started_ns=99 * SECOND,
    )
    part = changes.pop("part", Part.PATH)
    assert isinstance(part, Part)
    value = Value(part, "", VALUE.encode())
    return Sighting(canary, Form("plain", value.data, 80), value, replace(exchange, **changes), 0, 60.0)  # type: ignore[arg-type]


def test_the_visit_itself_is_expected() -> None:
    assert is_expected(sighting(), [VISIT], PLANTED)


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "tracker.example"},
        {"host": f"{VALUE}.sites.example.evil.example"},
        {"target": b"/favicon.ico"},
        {"target": f"/story/{VALUE}/beacon".encode()},
        {"method": "POST"},
        {"part": Part.QUERY},
        {"part": Part.BODY},
        {"started_ns": 106 * SECOND},
        {"started_ns": 79 * SECOND},
        {"started_ns": None},
    ],
)
def test_anything_else_to_the_same_host_is_a_finding(changes: dict[str, object]) -> None:
    assert not is_expected(sighting(**changes), [VISIT], PLANTED)


def test_nothing_is_expected_of_an_action_that_was_not_observed() -> None:
    assert not is_expected(sighting(), [VISIT], None)


@pytest.mark.parametrize("delivered", Delivery)
def test_of_an_action_that_did_not_happen_only_what_reached_nobody_is_expected(delivered: Delivery) -> None:
    """A search that was submitted while its engine is out of reach is no attempt of the browser's own."""
    tried = replace(PLANTED, happened=False)

    assert is_expected(sighting(delivered=delivered), [VISIT], tried) is delivered.is_attempt
    assert not is_expected(sighting(delivered=delivered, part=Part.QUERY), [VISIT], tried)


def test_a_query_string_is_not_part_of_the_path() -> None:
    assert is_expected(sighting(target=f"/story/{VALUE}?x=1".encode()), [VISIT], PLANTED)


def test_any_subdomain_may_be_allowed_by_name_only() -> None:
    flow = replace(VISIT, host="*.sites.example")

    assert is_expected(sighting(), [flow], PLANTED)
    assert not is_expected(sighting(host="sites.example"), [flow], PLANTED)
    assert not is_expected(sighting(host="evilsites.example"), [flow], PLANTED)
