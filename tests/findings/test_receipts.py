"""What an answer holds unasked, its sender knew."""

from dataclasses import replace

import pytest

from hometruth.findings import receipts
from hometruth.model import Canary, CanaryKind, Exchange, Form, Part, Recipient, Sighting, Source, Value

PAGE = Canary("c1", CanaryKind.PAGE, "kzvalue", 80.0, cell="t2")


def sighting(
    number: int, at_ns: int | None, host: str = "a.vendor.example", part: Part = Part.ANSWER
) -> Sighting:
    exchange = Exchange(
        f"e{number}",
        Source("x", number),
        "GET",
        "https",
        host,
        443,
        b"/",
        (),
        b"",
        started_ns=at_ns,
        trial="t5",
    )
    value = Value(part, "body", PAGE.value.encode())
    return Sighting(PAGE, Form("plain", value.data, PAGE.bits), value, exchange, 0, 60.0)


def known(*both: Sighting) -> list[str]:
    answers = [each for each in both if each.value.part is Part.ANSWER]
    requests = [each for each in both if each.value.part is not Part.ANSWER]
    to = {
        each.exchange.id: Recipient(
            each.exchange.host, each.exchange.host, "Vendor" if "vendor" in each.exchange.host else None
        )
        for each in both
    }
    return [receipt.recipient.host for receipt in receipts(answers, requests, to)]


def sent(number: int, at_ns: int | None, host: str = "a.vendor.example") -> Sighting:
    return sighting(number, at_ns, host, Part.QUERY)


def test_an_answer_that_holds_what_nobody_sent_there_is_a_receipt() -> None:
    (receipt,) = receipts([sighting(1, 5)], [], {"e1": Recipient("a", "a")})

    assert receipt.canary == PAGE
    assert receipt.trial == "t2"
    assert receipt.evidence_bits == 60.0


@pytest.mark.parametrize(
    ("told", "at"),
    [
        (sent(2, 4), []),
        (sent(1, 5), []),
        (sent(2, 4, "b.vendor.example"), []),
        (sent(2, None), []),
        (sent(2, 6), ["a.vendor.example"]),
        (sent(2, 4, "other.example"), ["a.vendor.example"]),
    ],
)
def test_only_what_was_carried_to_the_same_organisation_before_explains_it(
    told: Sighting, at: list[str]
) -> None:
    assert known(sighting(1, 5), told) == at


def test_an_answer_without_a_time_is_explained_by_anything_that_was_sent() -> None:
    assert known(sighting(1, None), sent(2, 9)) == []


def test_several_answers_of_one_organisation_are_one_receipt() -> None:
    other = replace(sighting(2, 6), exchange=replace(sighting(2, 6, "b.vendor.example").exchange))
    assert known(sighting(1, 5), other) == ["a.vendor.example"]
