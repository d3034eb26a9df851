"""Sightings become findings: the minted value says which condition it belongs to, whenever it was sent."""

from dataclasses import replace

from hometruth.findings import attribute
from hometruth.model import (
    Canary,
    CanaryKind,
    Condition,
    Delivery,
    Exchange,
    Form,
    Initiator,
    InitiatorKind,
    Part,
    Recipient,
    Sender,
    Sighting,
    Source,
    Trial,
    TrialStatus,
    Value,
)

NORMAL, PRIVATE = Condition.of({"mode": "normal"}), Condition.of({"mode": "incognito"})
TRIALS = [
    Trial("t1", "matrix", NORMAL, 1, "i1", "phone"),
    Trial("t2", "matrix", PRIVATE, 1, "i1", "phone"),
    Trial("t3", "matrix", PRIVATE, 2, "i2", "phone", status=TrialStatus.LOST),
]
PAGE = Canary("c1", CanaryKind.PAGE, "kzvalue", 80.0, cell="t2")
APP, PAGES = Initiator(InitiatorKind.APP, "test"), Initiator(InitiatorKind.PAGE, "test")
DEVICE = Canary("d1", CanaryKind.DEVICE_ID, "a1b2c3d4e5f60718", 64.0)


def sighting(canary: Canary, number: int, trial: str | None, bits: float = 50.0) -> Sighting:
    exchange = Exchange(
        f"e{number}", Source("x", number), "POST", "https", "host.example", 443, b"/", (), b"", trial=trial
    )
    value = Value(Part.BODY, "", canary.value.encode())
    return Sighting(canary, Form("plain", value.data, canary.bits), value, exchange, 0, bits)


def findings_of(*sightings: Sighting):  # type: ignore[no-untyped-def]
    return attribute(
        sightings,
        TRIALS,
        (),
        recipients={item.exchange.id: Recipient("host.example", "host.example") for item in sightings},
        senders={item.exchange.id: Sender(None, "test") for item in sightings},
        initiator_of=lambda _canary, exchange, _visits: PAGES if exchange.id == "e9" else APP,
    )


def test_a_minted_canary_belongs_to_its_own_cell_even_if_sent_later() -> None:
    (finding,) = findings_of(sighting(PAGE, 1, "t1"))

    assert finding.condition == PRIVATE
    assert finding.trials == ("t2",)
    assert finding.n_trials == 1


def test_a_known_value_belongs_to_the_trial_it_was_recorded_in() -> None:
    found = findings_of(sighting(DEVICE, 1, "t1"), sighting(DEVICE, 2, "t2"))

    assert [(item.condition, item.trials) for item in found] == [(PRIVATE, ("t2",)), (NORMAL, ("t1",))]


def test_what_belongs_to_no_trial_is_kept_apart() -> None:
    (finding,) = findings_of(sighting(DEVICE, 1, None))

    assert finding.condition == Condition.of({"trial": "none"})


def test_one_value_seen_in_many_sessions_is_one_coincidence() -> None:
    (finding,) = findings_of(sighting(DEVICE, 1, "t2", 30.0), sighting(DEVICE, 2, "t3", 20.0))

    assert finding.trials == ("t2", "t3")
    assert finding.evidence_bits == 30.0


def test_what_was_only_tried_to_send_is_a_finding_of_its_own() -> None:
    sent, tried = sighting(PAGE, 1, "t2"), sighting(PAGE, 2, "t2", 90.0)
    tried = replace(tried, exchange=replace(tried.exchange, delivered=Delivery.BLOCKED))
    found = findings_of(sent, tried)

    assert {item.delivered: item.evidence_bits for item in found} == {
        Delivery.YES: 50.0,
        Delivery.BLOCKED: 90.0,
    }


def test_what_a_page_may_have_caused_is_a_finding_of_its_own() -> None:
    found = findings_of(sighting(PAGE, 1, "t2"), sighting(PAGE, 9, "t2"))

    assert [item.initiator for item in found] == [APP, PAGES]
