"""What a researcher saw is there, or is there under one condition only: all four verdicts."""

from dataclasses import replace

import pytest

from hometruth.model import ActionRecord, Canary, CanaryKind, Condition, VerdictKind
from tests.claims.statements import judged, statement
from tests.claims.world import HOST, VENDOR, World, condition

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE, UNTESTED = VerdictKind.INCONCLUSIVE, VerdictKind.UNTESTED
NORMAL = condition(mode="normal", consent="given")
SIGNED_OUT = condition(mode="normal", account="none")
SIGNED_IN = condition(mode="normal", account="signed-in")
WHOLE = Condition(())
PRESENT = statement("present", kinds=["page", "search"], control={"mode": ["normal"]})
READABLE = statement("present", kinds=[], control={"mode": ["normal"]})
ONLY_WHEN = statement(
    "only-when", kinds=["page"], when={"account": ["signed-in"]}, control={"account": ["signed-in"]}
)


def test_seen_once_it_is_consistent_with_its_share_and_a_proof() -> None:
    world = World()
    world.session(NORMAL, sends=True)
    world.cell(NORMAL, 29, sends=True, content=False)

    row = judged(PRESENT, world)[NORMAL]

    assert row.verdict is CONSISTENT
    assert "in at least 1 of 30 sessions, each of the page visited, the words searched" in row.why
    assert "in more than 0.1 % of such sessions" in row.why
    assert row.proof == "e0"
    assert row.bound_percent is None


def test_absent_from_enough_sessions_whose_telemetry_was_read_it_is_contradicted() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, content=False)

    row = judged(PRESENT, world)[NORMAL]

    assert row.verdict is CONTRADICTED
    assert (
        "the page visited, the words searched: said to be sent, but not seen at the vendor in any of 30"
        in row.why
    )


@pytest.mark.parametrize(("n", "sends"), [(28, True), (30, False)])
def test_absence_without_enough_sessions_or_without_telemetry_decides_nothing(n: int, sends: bool) -> None:
    world = World()
    world.cell(NORMAL, n, sends=sends, content=False)

    assert judged(PRESENT, world)[NORMAL].verdict is INCONCLUSIVE


def test_of_two_kinds_asked_for_one_is_not_enough() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.findings = [item for item in world.findings if item.canary.kind is CanaryKind.PAGE]

    row = judged(PRESENT, world)[NORMAL]

    assert row.verdict is CONTRADICTED
    assert "said to be sent" in row.why


def test_weak_evidence_shows_nothing() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, bits=39.0)

    assert judged(PRESENT, world)[NORMAL].verdict is not CONSISTENT


@pytest.mark.parametrize(("found", "expected"), [("visit", CONSISTENT), ("read-item", CONTRADICTED)])
def test_only_what_the_named_actions_planted_counts(found: str, expected: VerdictKind) -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.trials = [
        replace(
            trial,
            actions=(
                ActionRecord(found, f"c-{trial.id}-page", 1, True),
                ActionRecord("visit", f"c-{trial.id}-other", 1, True),
            ),
        )
        for trial in world.trials
    ]
    claim = statement("present", kinds=["page"], actions=["visit"], control={"mode": ["normal"]})

    assert judged(claim, world)[NORMAL].verdict is expected


def test_what_was_never_done_cannot_be_missing() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, content=False)
    claim = statement("present", kinds=["item"], actions=["read-item"], control={"mode": ["normal"]})

    assert judged(claim, world)[WHOLE].verdict is UNTESTED


def test_no_session_no_verdict() -> None:
    assert judged(PRESENT, World())[WHOLE].verdict is UNTESTED


def test_a_sighted_phantom_stops_it() -> None:
    world = World(phantoms_sighted=1)
    world.cell(NORMAL, 30, sends=True)

    assert judged(PRESENT, world)[NORMAL].verdict is INCONCLUSIVE


@pytest.mark.parametrize(("records", "expected"), [(4, CONSISTENT), (0, INCONCLUSIVE)])
def test_readable_telemetry_is_asked_for_by_naming_no_kind(records: int, expected: VerdictKind) -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, records=records, content=False)

    assert judged(READABLE, world)[NORMAL].verdict is expected


def test_silence_is_neither_readable_nor_unreadable() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=False)

    assert judged(READABLE, world)[WHOLE].verdict is UNTESTED


@pytest.mark.parametrize(
    ("out", "signed_in", "expected"),
    [
        ({"sends": True}, {"sends": True}, CONTRADICTED),
        ({"sends": False}, {"sends": True}, CONSISTENT),
        ({"sends": False}, {"sends": False}, INCONCLUSIVE),
    ],
)
def test_only_when(out: dict[str, bool], signed_in: dict[str, bool], expected: VerdictKind) -> None:
    world = World()
    world.cell(SIGNED_OUT, 30, **out)
    world.cell(SIGNED_IN, 30, **signed_in)

    rows = judged(ONLY_WHEN, world)

    assert rows[SIGNED_OUT].verdict is expected
    assert SIGNED_IN not in rows


def test_only_when_says_nothing_where_the_condition_does_not_tell() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)

    assert judged(ONLY_WHEN, world)[WHOLE].verdict is UNTESTED


IMEI = Canary("imei", CanaryKind.DEVICE_ID, "869999012345678", 49.8, personal=True)
SERIAL = Canary("serial", CanaryKind.DEVICE_ID, "0123456789ab", 60.0, personal=True)
BOTH = statement("present", kinds=[], known=["imei", "serial"], control={"mode": ["normal"]})
IN_ONE = statement(
    "present", kinds=["page"], known=["imei"], together="request", control={"mode": ["normal"]}
)


def test_each_known_value_is_asked_for_by_name() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, content=False)
    world.known(IMEI, {world.trials[0]: 45.0})

    half = judged(BOTH, world)[NORMAL]
    world.known(SERIAL, {world.trials[0]: 45.0})
    both = judged(BOTH, world)[NORMAL]

    assert half.verdict is CONTRADICTED
    assert "the serial number: said to be sent, but not seen" in half.why
    assert both.verdict is CONSISTENT
    assert "each of the IMEI, the serial number" in both.why


@pytest.mark.parametrize(("sessions", "expected"), [(1, INCONCLUSIVE), (2, CONSISTENT)])
def test_weak_sightings_of_one_known_value_add_up_over_sessions(sessions: int, expected: VerdictKind) -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, content=False)
    world.known(IMEI, dict.fromkeys(world.trials[:sessions], 30.0))
    claim = statement("present", kinds=[], known=["imei"], control={"mode": ["normal"]})

    assert judged(claim, world)[NORMAL].verdict is expected


@pytest.mark.parametrize(("host", "expected"), [(HOST, CONSISTENT), ("other.miui.com", CONTRADICTED)])
def test_only_what_went_to_the_hosts_asked_for_counts(host: str, expected: VerdictKind) -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    claim = statement("present", kinds=["page"], hosts=[host], control={"mode": ["normal"]})

    row = judged(claim, world)[NORMAL]

    assert row.verdict is expected
    assert expected is CONSISTENT or "but not seen at other.miui.com" in row.why


def test_asked_for_in_one_request_two_requests_of_one_session_do_not_show_it() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.known(IMEI, {world.trials[0]: 45.0})
    joint = judged(IN_ONE, world)[NORMAL]
    apart = world.findings[-1].sightings[0]
    elsewhere = replace(apart, exchange=replace(apart.exchange, id="e999"))
    world.findings[-1] = replace(world.findings[-1], sightings=(elsewhere,))

    row = judged(IN_ONE, world)[NORMAL]

    assert joint.verdict is CONSISTENT
    assert "in one request" in joint.why
    assert row.verdict is CONTRADICTED
    assert ": said to be sent in one request" in row.why


def test_what_one_action_planted_may_be_asked_for_in_one_request_too() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True)
    world.known(IMEI, {world.trials[0]: 45.0})
    claim = statement(
        "present",
        kinds=["page"],
        known=["imei"],
        actions=["visit"],
        together="request",
        control={"mode": ["normal"]},
    )

    assert judged(claim, world)[NORMAL].verdict is CONSISTENT


def test_two_sightings_of_a_known_value_in_one_session_do_not_add_up() -> None:
    world = World()
    world.cell(NORMAL, 30, sends=True, content=False)
    for _ in range(2):
        world.known(IMEI, {world.trials[0]: 30.0})
    claim = statement("present", kinds=[], known=["imei"], control={"mode": ["normal"]})

    assert judged(claim, world)[NORMAL].verdict is INCONCLUSIVE


@pytest.mark.parametrize(("n", "expected"), [(2, INCONCLUSIVE), (28, INCONCLUSIVE), (29, CONSISTENT)])
def test_what_is_said_of_every_session_needs_a_bound_and_not_one_sighting(
    n: int, expected: VerdictKind
) -> None:
    claim = statement("present", kinds=["page"], actions=["visit"], every=True, control={"mode": ["normal"]})
    world = World()
    world.cell(condition(mode="normal"), n, sends=True)
    row = judged(claim, world)[Condition(())]

    assert row.verdict is expected
    assert (
        f"SHOWN in {n} of {n} sessions" if expected is INCONCLUSIVE else f"in all {n} sessions"
    ) in row.why


def test_a_weak_sighting_is_no_absence_and_weak_ones_of_several_sessions_add_up() -> None:
    device = Canary("android-id", CanaryKind.DEVICE_ID, "a1b2c3d4e5f60718", 64.0, personal=True)
    claim = statement("present", kinds=["device-id"], control={"mode": ["normal"]})
    for sightings, expected in ((1, INCONCLUSIVE), (2, CONSISTENT)):
        world = World()
        world.cell(NORMAL, 30, sends=True)
        world.known(device, dict.fromkeys(world.trials[:sightings], 39.0))

        assert judged(claim, world)[WHOLE].verdict is expected


@pytest.mark.parametrize(("n_visits", "expected"), [(1, CONSISTENT), (2, INCONCLUSIVE)])
def test_every_page_is_more_than_one_of_two(n_visits: int, expected: VerdictKind) -> None:
    claim = statement("present", kinds=["page"], actions=["visit"], every=True, control={"mode": ["normal"]})
    world = World()
    world.cell(NORMAL, 30, sends=True)
    again = ActionRecord("visit", "c-never-seen", 2, True)
    world.trials = [replace(trial, actions=(*trial.actions, again)[:n_visits]) for trial in world.trials]

    row = judged(claim, world)[NORMAL]
    assert row.verdict is expected
    assert ("for all that was done in 0 of 30 sessions, and for a part of it" in row.why) is (n_visits > 1)


@pytest.mark.parametrize(("sdk", "shown"), [("Sensors Analytics", True), ("Firebase", False)])
def test_whose_protocol_it_is_said_to_be_is_what_counts(sdk: str, shown: bool) -> None:
    claim = statement("present", kinds=[], sdks=["Sensors Analytics"], control={"mode": ["normal"]})
    world = World()
    world.cell(NORMAL, 30, sends=True, recipient=replace(VENDOR, sdk=sdk))

    row = judged(claim, world)[NORMAL]

    assert (row.verdict is CONSISTENT) is shown
    assert ("parses as the protocol of Sensors Analytics was sent" in row.why) is shown
