"""Digests in every way of writing them, whole and cut short."""

import base64
import hashlib
import zlib
from array import array
from dataclasses import replace

import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from hometruth.canaries import compile_search, mint
from hometruth.canaries.digests import MANY, OWNER_BITS, SHORT_OWNER_BITS, DigestTable, NumberIndex
from hometruth.errors import CanaryError
from hometruth.model import Canary, CanaryKind
from hometruth.peel import peel_value

VALUE = "Jane.Lump@gmail.com"
CANARY = Canary("c-1", CanaryKind.KNOWN, VALUE, 60.0)


def found(data: bytes, value: str = VALUE) -> dict[str, float]:
    search = compile_search([replace(CANARY, value=value)])
    return {hit.form.name: hit.form.bits for hit in search.find(peel_value(data))}


def test_hex_of_either_case_wherever_it_stands() -> None:
    digest = hashlib.sha1(VALUE.lower().encode()).hexdigest()
    for data in (digest, digest.upper(), f"id={digest};", f"1{digest}", f"{'ab' * 20}{digest}"):
        assert "sha1(lower)" in found(data.encode()), data


def test_raw_and_every_base_of_it() -> None:
    digest = hashlib.sha256(VALUE.encode()).digest()
    for data in (digest, base64.b64encode(digest), base64.b32encode(digest), b"\x0a\x20" + digest):
        assert "sha256" in found(data)


def test_cut_short_it_carries_only_the_bits_that_are_left() -> None:
    digest = hashlib.sha256(b"janelump@gmail.com")

    assert found(digest.hexdigest()[:16].encode())["sha256(email:google)[:16]"] == 60.0
    assert found(base64.b64encode(digest.digest()[:10]))["sha256(email:google)[:20]"] == 60.0
    assert found(digest.hexdigest()[:15].encode()) == {}


def test_64_bits_in_decimal_signed_or_not() -> None:
    number = xxhash.xxh64(VALUE.encode()).intdigest()
    for written in {number, number if number < 1 << 63 else number - (1 << 64)}:
        assert "xxh64 decimal" in found(b"%d" % written)


def test_32_bits_are_reported_with_as_many_bits_and_only_where_nothing_else_stands() -> None:
    number = zlib.crc32(VALUE.encode())

    assert found(b"%d" % number) == {"crc32": 32.0}
    assert found(b'{"a": "%08x"}' % number) == {"crc32": 32.0}
    assert found(b"at %d in text" % number) == {}


def test_phantoms_have_no_digests_of_32_bits() -> None:
    phantom = mint("page", phantom=True)
    search = compile_search([phantom])
    data = b"%d" % zlib.crc32(phantom.value.encode())

    assert search.find(peel_value(data)) == []
    assert search.find(peel_value(hashlib.md5(phantom.value.encode()).hexdigest().encode()))


def test_two_canaries_with_one_digest_are_both_found() -> None:
    canaries = [Canary(name, CanaryKind.KNOWN, name, 60.0) for name in ("Jane@x.org", "jane@X.org")]
    search = compile_search(canaries)
    digest = hashlib.md5(b"jane@x.org").hexdigest().encode()

    assert {hit.canary for hit in search.find(peel_value(digest))} == set(canaries)


PADDING = 0x7777
NUMBERS = {OWNER_BITS: 1 << 64 - OWNER_BITS, SHORT_OWNER_BITS: 1 << 32}
OWNER = st.integers(0, 5)


@settings(max_examples=20)
@given(
    st.sampled_from(list(NUMBERS)).flatmap(
        lambda bits: st.tuples(
            st.just(bits), st.lists(st.tuples(st.integers(0, NUMBERS[bits] - 1), OWNER), max_size=20)
        )
    ),
    st.integers(-5, 1 << 65),
)
def test_each_number_has_its_owners_and_no_others(
    given_: tuple[int, list[tuple[int, int]]], other: int
) -> None:
    owner_bits, pairs = given_
    keys = [number << owner_bits | owner for number, owner in pairs]
    padding = [PADDING << owner_bits | 9] * MANY
    few, many = (NumberIndex(array("Q", each), owner_bits) for each in (keys, keys + padding))

    for number in {other, *(number for number, _ in pairs)} - {PADDING}:
        owners = {owner for known, owner in pairs if known == number}
        assert set(few.owners(number)) == set(many.owners(number)) == owners
        assert (number in few) is (number in many) is bool(owners)


def test_more_canaries_than_owners_can_be_told_apart_are_refused() -> None:
    with pytest.raises(CanaryError, match="1048577 canaries are more than 1048576"):
        DigestTable([CANARY] * ((1 << OWNER_BITS) + 1))
