"""The aggregated telemetry on the wire: what may be there, when, and that every way to cheat shows."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qs

import pytest

from hometruth.lab import TELEMETRY_HOST, Defect, Phone
from hometruth.lab.apps.aggregate import BUCKETS, CATEGORIES, EVENT
from hometruth.model import Exchange
from tests.lab.conftest import STORY_MS, World

DAY_S = 86_400
WEEK_S = 7 * DAY_S
ACCOUNT = "synthetic-account"
PAGE, QUERY = "https://canary-host-{}.example/canary-path", "canary query"


def reports(world: World) -> list[Exchange]:
    return [exchange for exchange in world.exchanges if exchange.host == TELEMETRY_HOST]


def events_of(exchange: Exchange) -> list[dict[str, Any]]:
    """What a report holds; written for this test alone."""
    form = parse_qs((exchange.request_body or b"").decode())
    assert list(form) == ["gzip", "data_list"]
    assert form["gzip"] == ["0"]
    events: list[dict[str, Any]] = json.loads(base64.b64decode(form["data_list"][0], validate=True))
    return events


def complaints(phone: Phone, sent: Sequence[Exchange], weeks: int) -> set[str]:
    """Everything about these reports that is less than was said."""
    events = [event for exchange in sent for event in events_of(exchange)]
    told = [event["properties"] for event in events]
    wire = b"".join(exchange.request_body or b"" for exchange in sent) + json.dumps(events).encode()
    found = set()
    if len(sent) != weeks or any(event["event"] != EVENT for event in events):
        found.add("a record beside the weekly one")
    if len({len(exchange.request_body or b"") for exchange in sent}) > 1:
        found.add("size")
    if any(set(answers) != set(CATEGORIES) for answers in told):
        found.add("a field outside the seven categories")
    if any(value not in range(BUCKETS) for answers in told for value in answers.values()):
        found.add("a value that is no bucket")
    if len(told) > 1 and len({json.dumps(answers) for answers in told}) == 1:
        found.add("the same answers every week")
    if len({event["distinct_id"] for event in events}) < len(events):
        found.add("a sender's name used twice")
    known = (phone.identity.android_id, phone.identity.advertising_id, phone.identity.model, ACCOUNT)
    if any(value.encode() in wire for value in (*known, "canary", "search", "url")):
        found.add("a value that was planted or is known")
    return found


def used_for(world: World, weeks: int, defects: Sequence[Defect] = ()) -> set[str]:
    """Use a phone for some weeks, not the same every week, and look at what it said."""
    with world.phone(mutations=defects) as phone:
        phone.set_telemetry("aggregate")
        phone.install("3.4.3")
        phone.launch()
        phone.set_consent("given")
        phone.sign_in(ACCOUNT)
        for week in range(weeks):
            for _ in range(week % 3):
                phone.visit(PAGE.format(week))
                phone.search(QUERY)
            phone.set_incognito(week % 2 == 0)
            phone.advance(WEEK_S - 2)
            phone.advance(2)
        phone.advance(DAY_S)
        return complaints(phone, reports(world), weeks)


def test_weekly_reports_hold_the_seven_categories_and_nothing_else(world: World) -> None:
    assert used_for(world, 5) == set()
    assert world.arrived() == world.ledger().delivered()
    assert {key for event in world.arrived() for key in event} == {
        *("time", "type", "distinct_id", "lib", "event", "properties")
    }


@pytest.mark.parametrize(
    ("defect", "caught"),
    [
        (Defect.IDENTIFIER, {"a field outside the seven categories", "a value that is no bucket"}),
        (Defect.STABLE_NOISE, {"the same answers every week"}),
        (
            Defect.HASHED_DOMAINS,
            {"a field outside the seven categories", "a value that is no bucket", "size"},
        ),
        (
            Defect.RARE_ADDRESSES,
            {
                *("a field outside the seven categories", "a value that is no bucket", "size"),
                "a value that was planted or is known",
            },
        ),
        (Defect.PER_ACTION, {"a record beside the weekly one", "a field outside the seven categories"}),
    ],
)
def test_every_way_to_cheat_is_caught(world: World, defect: Defect, caught: set[str]) -> None:
    assert used_for(world, 5, [defect]) >= caught


def test_headers_name_no_phone_and_the_address_no_country(world: World) -> None:
    used_for(world, 1)
    [report] = reports(world)

    assert report.url == f"https://{TELEMETRY_HOST}/sa?project=global_browser_mini_aggregate"
    assert dict(report.request_headers) == {
        b"Host": TELEMETRY_HOST.encode(),
        b"Content-Length": str(len(report.request_body or b"")).encode(),
        b"Content-Type": b"application/x-www-form-urlencoded",
        b"User-Agent": b"Dalvik/2.1.0",
        b"Connection": b"close",
    }


def test_one_report_is_due_every_monday_whether_the_app_runs_or_not(world: World) -> None:
    with world.phone() as phone:
        phone.set_telemetry("aggregate")
        phone.install("3.4.0")
        phone.launch()
        phone.set_consent("given")
        phone.kill()
        for weeks in (1, 2, 3):
            phone.advance(WEEK_S)
            assert len(reports(world)) in (weeks - 1, weeks)
        phone.advance(DAY_S)
    times = [event["time"] for event in world.arrived()]

    assert times == [STORY_MS + week * WEEK_S * 1000 for week in (1, 2, 3)]


@pytest.mark.parametrize(
    ("act", "sent"),
    [
        (Phone.badge, 0),
        (lambda phone: phone.set_consent("given"), 1),
        (lambda phone: (phone.set_consent("given"), phone.set_consent("withdrawn")), 0),
        (lambda phone: (phone.set_consent("given"), phone.set_incognito(True)), 1),
        (lambda phone: (phone.set_consent("given"), phone.set_switch("off")), 1),
        (lambda phone: (phone.set_consent("given"), phone.set_switch("off"), phone.set_incognito(True)), 0),
        (lambda phone: (phone.set_consent("given"), phone.clear_data()), 0),
        (lambda phone: (phone.set_consent("given"), phone.restart()), 1),
    ],
    ids=["unasked", "given", "withdrawn", "incognito", "off-normal", "off-incognito", "cleared", "restarted"],
)
def test_when_a_report_leaves(world: World, act: Callable[[Phone], object], sent: int) -> None:
    with world.phone() as phone:
        phone.set_telemetry("aggregate")
        phone.install("3.4.3")
        phone.launch()
        act(phone)
        phone.advance(8 * DAY_S)

    assert len(reports(world)) == sent


def test_a_phone_switched_off_for_a_while_goes_on_reporting(world: World) -> None:
    with world.phone() as phone:
        phone.set_telemetry("aggregate")
        phone.install("3.4.3")
        phone.launch()
        phone.set_consent("given")
    with world.phone(start_ms=STORY_MS + 30 * DAY_S * 1000) as phone:
        phone.advance(8 * DAY_S)

    assert len(reports(world)) == 1


def test_the_budget_outlives_a_new_installation(world: World) -> None:
    """A budget that clearing the app's data renews would be none."""
    with world.phone() as phone:
        phone.set_telemetry("aggregate")
        phone.install("3.4.3")
        for _ in range(2):
            phone.launch()
            phone.set_consent("given")
            phone.advance(8 * DAY_S)
            phone.clear_data()
        budget = world.folder / "phone" / "aggregate-budget-mint-browser.json"
        assert json.loads(budget.read_text()) == {"reports": 2}
        phone.factory_reset()

        assert not budget.exists()
