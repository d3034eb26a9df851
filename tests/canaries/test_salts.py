"""Digests salted or keyed with what stands beside them; and what that costs in evidence and in tries."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from hometruth.audit.examine import Examined, examine
from hometruth.canaries import compile_search, mint, weigh
from hometruth.canaries.salts import MAX_TABLES
from hometruth.model import Canary, CanaryKind, GapKind
from hometruth.peel import Budget, Layer, Worth
from tests.peel.exchanges import exchange

EMAIL = "Jane.Lump@example.org"
CANARY = Canary("email", CanaryKind.ACCOUNT, EMAIL, 60.0)
SEARCH = compile_search([CANARY, mint("page"), *(mint("page", phantom=True) for _ in range(50))])
SALT = "9f1c77-a"
FILLER = {f"field{n}": f"filler value {n}" for n in range(40)}


def found(document: object, **budget: int) -> Examined:
    return examine(exchange(body=json.dumps(document).encode()), SEARCH, budget=Budget(**budget))


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


WAYS = {
    "salt+value": (sha256(SALT + EMAIL), "sha256(salt+value)"),
    "value+salt": (md5(EMAIL + SALT), "md5(value+salt)"),
    "salt+lower": (sha256(SALT + EMAIL.lower()), "sha256(salt+lower)"),
    "hmac": (hmac.new(SALT.encode(), EMAIL.encode(), "sha256").hexdigest(), "hmac-sha256(value)"),
    "hmac sha1, upper": (
        hmac.new(SALT.encode(), EMAIL.lower().encode(), "sha1").hexdigest().upper(),
        "hmac-sha1(lower)",
    ),
    "base64 sha512": (
        base64.b64encode(hashlib.sha512((SALT + EMAIL).encode()).digest()).decode(),
        "sha512(salt+value)",
    ),
}


@pytest.mark.parametrize("joint", [":", "|", "-", "_", "."])
def test_found_with_a_sign_between_where_the_salt_is_called_so(joint: str) -> None:
    for digest, form in (
        (sha256(SALT + joint + EMAIL), f"sha256(salt{joint}value)"),
        (md5(EMAIL.lower() + joint + SALT), f"md5(lower{joint}salt)"),
    ):
        (sighting,) = found({"id": digest, **FILLER, "nonce": SALT}).sightings
        assert sighting.form.name.partition(",")[0] == form
        assert found({"id": digest, "near": SALT}).sightings == ()


@pytest.mark.parametrize("way", WAYS)
def test_found_with_a_salt_of_the_same_request(way: str) -> None:
    digest, form = WAYS[way]
    for document in ({"id": digest, "salt": SALT, **FILLER}, {**FILLER, "near": SALT, "id": digest}):
        (sighting,) = found(document).sightings
        assert sighting.canary == CANARY
        assert sighting.form.name.partition(",")[0] == form
        assert "salt in body" in sighting.form.name


def test_a_salt_called_so_is_tried_wherever_it_stands() -> None:
    document = [{"id": sha256(SALT + EMAIL)}, *FILLER.values(), {"ctx": {"server_nonce": SALT}}]

    assert "salt in body [41].ctx.server_nonce" in found(document).sightings[0].form.name


def test_salt_in_a_header() -> None:
    sent = exchange(
        body=json.dumps({"id": sha256(SALT + EMAIL)}).encode(), headers=((b"X-Salt", SALT.encode()),)
    )

    assert len(examine(sent, SEARCH).sightings) == 1


def test_a_salt_sent_elsewhere_is_not_known() -> None:
    assert found({"id": sha256(SALT + EMAIL), "salt": SALT[1:], **FILLER}).sightings == ()


def test_tries_are_taken_off_the_evidence() -> None:
    few = found({"id": sha256(SALT + EMAIL), "salt": SALT}, salts=1).sightings[0]
    many = found({"id": sha256(SALT + EMAIL), "salt": SALT, **FILLER}, salts=30).sightings[0]

    assert many.form.bits < few.form.bits - 3
    assert weigh([few], 1 << 10)[0].evidence_bits > 40


def test_values_beyond_the_likeliest_need_a_larger_budget() -> None:
    document = [SALT, *FILLER.values(), sha256(SALT + EMAIL)]

    assert found(document).sightings == ()
    assert len(found(document, salts=50).sightings) == 1


def test_salts_left_out_for_want_of_tries_are_a_gap() -> None:
    examined = found({"id": sha256(SALT + EMAIL), "salt": SALT, **FILLER}, salt_tries=5)

    assert examined.sightings == ()
    (gap,) = examined.gaps
    assert gap.kind is GapKind.BUDGET
    assert "salts" in gap.detail


def test_what_was_found_without_salt_is_not_salted_too() -> None:
    assert [item.form.name for item in found({"id": sha256(EMAIL), "salt": SALT}).sightings] == ["sha256"]


def test_many_salts_do_not_fill_memory_and_change_nothing() -> None:
    search = compile_search([CANARY])
    document = {"id": sha256(SALT + EMAIL), "salt": SALT}
    sent = exchange(body=json.dumps(document).encode())
    first = examine(sent, search).sightings
    for number in range(MAX_TABLES + 50):
        other = {"id": sha256(str(number)), "salt": f"salt {number}"}
        assert examine(replace(sent, request_body=json.dumps(other).encode()), search).sightings == ()

    assert examine(sent, search).sightings == first
    assert len(search._salts._tables) <= MAX_TABLES


class Told:
    only_counts = False
    """A sieve's word on some values."""

    def __init__(self, values: frozenset[bytes]) -> None:
        self.values = values

    def is_barren(self, data: bytes) -> bool:
        return data in self.values

    def fitting(self, data: bytes, layers: Sequence[Layer], *, text: bool) -> Sequence[Layer]:
        return layers if text or data else ()


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_hexadecimal_is_enough(algorithm: str) -> None:
    """Where a sieve told that nothing is inside the digits, they are not decoded."""
    digest = hashlib.new(algorithm, (SALT + EMAIL).encode()).hexdigest()
    sent = exchange(body=json.dumps({"id": digest, "salt": SALT}).encode())
    sifted = {Worth.SEARCH: Told(frozenset({digest.encode()}))}
    found = examine(sent, SEARCH, sifted=sifted).sightings

    assert [item.form.name.partition(",")[0] for item in found] == [f"{algorithm}(salt+value)"]
