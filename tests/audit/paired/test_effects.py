"""From exchanges in paired sessions to effects."""

from dataclasses import replace
from urllib.parse import urlsplit

from hometruth.audit.paired import effects_of, sent_in, unopened, with_recorded_visits
from hometruth.audit.paired.effects import Flow
from hometruth.canaries import mint_address
from hometruth.model import Arm, Gap, GapKind, Message, Rung, TrialStatus, is_own_site
from hometruth.opaque import pairs_of
from hometruth.opaque.barcode import LONGEST, SHORTEST
from hometruth.peel import peel_exchange
from tests.audit.paired.flows import HOST, INCOGNITO, NORMAL, PAIRING, leaking, pairs, sent
from tests.peel.exchanges import exchange


def is_vendor(host: str) -> bool:
    return host == HOST


def test_conditions_count_as_tests_and_come_in_a_fixed_order() -> None:
    trials, canaries = pairs(16)
    others, more = pairs(16, NORMAL)
    found = effects_of(PAIRING, [*others, *trials], [*canaries, *more], leaking(trials), is_vendor=is_vendor)

    assert [(item.condition, item.endpoint) for item in found] == [
        (INCOGNITO, HOST),
        (INCOGNITO, "elsewhere"),
        (NORMAL, HOST),
        (NORMAL, "elsewhere"),
    ]
    assert {round(item.threshold) for item in found} == {4000}
    assert [item.rung for item in found] == [Rung.OCCURRENCE, Rung.NONE, Rung.NONE, Rung.NONE]


def test_a_silent_endpoint_of_the_vendor_is_the_vendors_and_elsewhere_is_whose_it_was_seen_to_be() -> None:
    trials, canaries = pairs(2)
    silent = effects_of(PAIRING, trials, canaries, [], is_vendor=is_vendor)
    stray = sent(trials[0], 10, host="who.example", vendor=False)
    mixed = effects_of(
        PAIRING,
        trials,
        canaries,
        [stray, sent(trials[0], 10, host="x.vendor.example")],
        is_vendor=is_vendor,
    )

    assert [(item.vendor, item.others) for item in silent] == [(True, False), (False, False)]
    assert [(item.vendor, item.others) for item in mixed] == [(True, False), (True, True)]


def test_the_canaries_own_sites_are_left_out_by_rule() -> None:
    trials, canaries = pairs(16)
    visits = leaking(trials, host="a.b.canary.example", vendor=True)
    found = effects_of(PAIRING, trials, canaries, visits, is_vendor=is_vendor)

    assert is_own_site("a.b.canary.example")
    assert not is_own_site("a.notcanary.example")
    assert {item.rung for item in found} == {Rung.NONE}
    assert {item.treated_bytes for item in found} == {0}


def test_connections_that_could_not_be_opened_are_tested_by_host_and_number() -> None:
    trials, canaries = pairs(14)
    gaps = [
        Gap(GapKind.REFUSED_TLS, "x", "pinned", host=HOST, trial=trial.id)
        for trial in trials
        for _ in range(3 if trial.arm is Arm.CANARIES else 1)
    ]
    flows = [Flow(unopened(gap), vendor=True) for gap in gaps]
    alone = replace(PAIRING, endpoints=(), alpha=0.005)
    (found,) = effects_of(alone, trials, canaries, flows, is_vendor=is_vendor)

    assert found.rung is Rung.OCCURRENCE
    assert found.treated_bytes == 0


def test_connections_that_were_let_through_are_tested_by_their_bytes_and_bursts() -> None:
    gap = Gap(
        GapKind.PASSED,
        "x",
        "pinned",
        size_bytes=900,
        host=HOST,
        trial="t1",
        received_bytes=50,
        bursts=(58, 700),
    )
    sent = unopened(gap)

    assert (sent.host, sent.trial, sent.size_bytes, sent.atoms) == (HOST, "t1", 900, (58, 700))


def test_everything_that_can_carry_a_message_counts() -> None:
    plain = exchange("/sa?a=b", body=b"xyz", headers=((b"X-Id", b"12345"),))
    seen = sent_in(plain, peel_exchange(plain))
    spoken = replace(plain, messages=(Message(True, b"four", True), Message(False, b"not ours", True)))

    assert seen.path == "/sa"
    assert seen.size_bytes == len("/sa?a=b") + len("X-Id: 12345\r\n") + len("xyz")
    assert sent_in(spoken, peel_exchange(spoken)).size_bytes == seen.size_bytes + 4


def test_a_half_whose_visits_are_not_in_the_recording_is_lost() -> None:
    trials, canaries = pairs(1)
    treated, sham = trials
    hosts = {urlsplit(canary.address).hostname or "" for canary in canaries}
    decoy = {"decoy.canary.example"}
    whole = with_recorded_visits(trials, canaries, {treated.id: hosts | decoy, sham.id: decoy})
    cut = with_recorded_visits(trials, canaries, {treated.id: {*list(hosts)[:3], *decoy}})

    assert whole == tuple(trials)
    assert [trial.status for trial in cut] == [TrialStatus.LOST, TrialStatus.LOST]
    assert cut[0].note == "1 of its visits are missing in the recording"


def test_a_leak_may_be_spread_over_the_vendors_endpoints() -> None:
    trials, canaries = pairs(4)
    smallest = int(min(canary.address_bits for canary in canaries) / 8)
    part = smallest // 2 + 1
    flows = [
        sent(trial, part, host=host, vendor=True)
        for trial in trials
        for host in (HOST, "other.vendor.example")
        if trial.arm is Arm.CANARIES
    ]
    here, elsewhere = effects_of(PAIRING, trials, canaries, flows, is_vendor=is_vendor)
    rooms = [{room.leak: room.trials_with_room for room in effect.room} for effect in (here, elsewhere)]
    together = {room.leak: room.trials_with_room for room in here.vendor_room}

    assert [room["address"] for room in rooms] == [0, 0]
    assert together["address"] >= 1
    assert here.vendor_room == elsewhere.vendor_room


def test_what_others_were_sent_is_no_room_at_the_vendor() -> None:
    trials, canaries = pairs(4)
    flows = [sent(trial, 10_000, host="who.example", vendor=False) for trial in trials]
    here, elsewhere = effects_of(PAIRING, trials, canaries, flows, is_vendor=is_vendor)

    assert {room.trials_with_room for room in here.vendor_room} == {0}
    assert elsewhere.vendor_room == ()


def test_what_the_plan_adds_to_every_path_is_no_part_of_the_secret() -> None:
    trials, _ = pairs(1)
    canaries = [mint_address(cell=trials[0].id, shortest_path=3000) for _ in range(4)]
    planted = replace(trials[0], planted=tuple(canary.id for canary in canaries))
    (pair,) = pairs_of([planted, trials[1]], canaries, shortest_path=3000)[INCOGNITO]

    assert all(SHORTEST <= drawn <= LONGEST for drawn in pair.barcode.drawn)
    assert [fixed + drawn for fixed, drawn in zip(pair.barcode.fixed, pair.barcode.drawn, strict=True)] == [
        len(canary.address) for canary in canaries
    ]
