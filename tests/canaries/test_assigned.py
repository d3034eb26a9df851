"""What a digest is worth: its own bits where one holder has the value, else no more than the value."""

import hashlib
import json
from random import Random

import pytest
from benchmarks.assigned import contacts, made_up

from hometruth.audit.examine import examine
from hometruth.canaries import bits_of, compile_search, weigh
from hometruth.model import DECIDING_BITS, Canary, CanaryKind, Sighting
from tests.peel.exchanges import exchange

EVERYTHING = 1 << 30
"""Bytes: a capture of a gigabyte."""


def sighted(value: str, body: str, kind: CanaryKind = CanaryKind.KNOWN) -> list[Sighting]:
    canary = Canary("c", kind, value, bits_of(value), personal=True)
    sent = exchange(body=json.dumps({"v": body}).encode())
    return list(weigh(examine(sent, compile_search([canary])).sightings, EVERYTHING))


@pytest.mark.parametrize(
    ("value", "digested"),
    [
        ("+49 171 5550199", "+491715550199"),
        ("+49 171 5550199", "491715550199"),
        ("+49 171 5550199", "01715550199"),
        ("+1 212 555 0199", "2125550199"),
        ("+8613800138123", "13800138123"),
        ("356938035643809", "356938035643809"),
        ("a8:0b:cc:07:11:2e", "A80BCC07112E"),
        ("b7cc40f7e7494875", "b7cc40f7e7494875"),
        ("Jane.Lump@example.org ", "jane.lump@example.org"),
        ("7f4e2a91-0c3d-4b6e-9a58-d1c2b3a49e5f", "7f4e2a910c3d4b6e9a58d1c2b3a49e5f"),
    ],
)
@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_a_whole_digest_of_what_one_holder_has_decides(value: str, digested: str, algorithm: str) -> None:
    (item,) = sighted(value, hashlib.new(algorithm, digested.encode()).hexdigest())

    assert item.evidence_bits >= DECIDING_BITS


@pytest.mark.parametrize(
    "value",
    [
        "Berlin Mitte",
        "Redmi Note 8 Pro",
        "Maria Schmidt",
        "20260131",
        "02:00:00:00:00:00",
        "00:00:00:00:00:00",
        "000000000000000",
        "9774d56d682e549c",
        "00000000-0000-0000-0000-000000000000",
        "test@test.com",
        "1234567",
    ],
)
def test_what_many_have_decides_nothing_digested_or_not(value: str) -> None:
    (item,) = sighted(value, hashlib.sha256(value.encode()).hexdigest())

    assert item.form.bits <= bits_of(value)
    assert item.evidence_bits < DECIDING_BITS


@pytest.mark.parametrize(
    "body",
    [
        hashlib.sha256(b"+491715550199").hexdigest()[:32],
        hashlib.md5(b"+491715550199").hexdigest()[8:24],
        "01715550199",
        str(int(hashlib.sha256(b"+491715550199").hexdigest()[:16], 16)),
    ],
)
def test_what_is_short_cut_or_plain_is_capped_by_the_value(body: str) -> None:
    (item,) = sighted("+49 171 5550199", body)

    assert item.form.bits <= bits_of("+49 171 5550199")


def test_a_part_of_a_value_that_one_holder_has_is_capped_by_the_part() -> None:
    (item,) = sighted("jane.lump@gmail.com", hashlib.sha256(b"gmail.com").hexdigest())

    assert item.form.bits == bits_of("gmail.com") < bits_of("jane.lump@gmail.com")


def test_the_canary_file_says_what_the_characters_do_not() -> None:
    digest = hashlib.sha256(b"traveller-under-cover").hexdigest()

    assert sighted("traveller-under-cover", digest)[0].form.bits == bits_of("traveller-under-cover")
    assert sighted("traveller-under-cover", digest, CanaryKind.ACCOUNT)[0].form.bits > 200


def test_digested_contacts_are_not_taken_for_each_other() -> None:
    rng = Random(5)
    numbers = made_up(200, rng)
    body = contacts(10_000, set(numbers), rng)
    canaries = [Canary(number, CanaryKind.KNOWN, number, bits_of(number)) for number in numbers]

    assert examine(exchange(body=body), compile_search(canaries)).sightings == ()


def test_one_of_ours_among_them_is_found() -> None:
    rng = Random(5)
    numbers = made_up(200, rng)
    document = json.loads(contacts(1_000, set(numbers), rng))
    document["contacts"][500] = hashlib.sha256(numbers[7].encode()).hexdigest()
    canaries = [Canary(number, CanaryKind.KNOWN, number, bits_of(number)) for number in numbers]
    found = examine(exchange(body=json.dumps(document).encode()), compile_search(canaries)).sightings

    assert [item.canary.value for item in found] == [numbers[7]]
    assert weigh(found, EVERYTHING)[0].evidence_bits >= DECIDING_BITS
