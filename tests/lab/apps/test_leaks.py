"""Leaks are data with sources; each says where and how a visit is told of."""

import hashlib
import json
import zlib
from random import Random

import pytest

from hometruth.errors import LabError
from hometruth.lab import Leak
from hometruth.lab.apps.leaks import SPELLINGS, Told, Visit, known_leaks, told_of
from hometruth.lab.oem.cipher import seal, unseal

ADDRESS = "https://k3f8a9c2e5b7d1m4n6p0q.sites.example/story"
VALUE = "k3f8a9c2e5b7d1m4n6p0q"


def visit(address: str = ADDRESS) -> Visit:
    return Visit(address, lambda: "handed", Random(1))


def told(name: str) -> list[Told]:
    return told_of(visit(), [name])


def field(one: Told) -> object:
    return json.loads(one.body or b"")["v"]


def test_every_row_says_why_it_is_believed_and_can_be_told() -> None:
    for name, ways in known_leaks().items():
        assert all(way.source for way in ways), name
        assert all(way.spelt in SPELLINGS for way in ways), name
        assert len(told(name)) == len(ways)


def test_a_part_of_the_value_is_cut_as_the_row_says() -> None:
    assert field(told("first-16")[0]) == VALUE[:16]
    assert field(told("without-first")[0]) == VALUE[1:]
    assert [field(one) for one in told("two-hosts")] == [VALUE[:11], VALUE[11:]]
    assert field(told("masked-one")[0]) == VALUE[:10] + "*" + VALUE[11:]
    assert field(told("letters")[0]) == list(VALUE)


def test_digests_are_those_of_the_address() -> None:
    assert field(told("crc32")[0]) == f"{zlib.crc32(ADDRESS.encode()):08x}"
    assert field(told_of(visit("abc"), ["java-hash"])[0]) == 96354  # "abc".hashCode() in Java


def test_a_salted_digest_has_its_salt_beside_it() -> None:
    salted = field(told("salted")[0])
    assert isinstance(salted, dict)
    assert hashlib.md5(f"{salted['nonce']}{VALUE}".encode()).hexdigest() == salted["md5"]


def test_what_is_handed_out_and_the_domain_say_nothing_of_the_page() -> None:
    assert field(told("handed-out")[0]) == "handed"
    assert field(told("domain")[0]) == "sites.example"


def test_names_methods_and_referers_are_places_too() -> None:
    assert (f"X-{VALUE}", "1") in told("header-name")[0].headers
    assert told("method")[0].method == VALUE.upper()
    assert ("Referer", ADDRESS) in told("forged-referer")[0].headers


def test_what_is_sealed_is_small_never_the_same_and_can_be_opened() -> None:
    first, second = seal(b"abc", Random(1)), seal(b"abc", Random(2))
    assert first != second
    assert unseal(first) == unseal(second) == b"abc"
    (one,) = told("small-ciphertext")
    assert len(str(field(one))) == 32
    assert len(one.body or b"") > 16000


def test_an_unknown_leak_is_named() -> None:
    with pytest.raises(LabError, match="no leak 'nothing'; choose from first-16"):
        Leak("nothing", {})
