"""Names in DNS messages, which are written without dots."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hometruth.audit.examine import examine
from hometruth.canaries import compile_search
from hometruth.model import Canary, CanaryKind
from hometruth.peel.layers.dns import undns
from tests.peel.exchanges import exchange

NAME = "lump.secret-place.example.com"
# RFC 8484, 4.1.2: the query for a.62characterlabel-makes-base64url-distinct-from-standard-base64.example.com
RFC = (
    "AAABAAABAAAAAAAAAWE-NjJjaGFyYWN0ZXJsYWJlbC1tYWtlcy1iYXNlNjR1cmwtZGlzdGluY3QtZnJvbS1zdGFuZGFyZC1iYXNl"
    "NjQHZXhhbXBsZQNjb20AAAEAAQ"
)


def query(name: str, *, extra: bytes = b"") -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    counts = bytes([0, 1, 0, 0, 0, 0, 0, 1 if extra else 0])
    return b"\xab\xcd\x01\x00" + counts + labels + b"\x00\x00\x01\x00\x01" + extra


EDNS = b"\x00\x00\x29\x10\x00\x00\x00\x00\x00\x00\x08\x00\x0c\x00\x04\x00\x00\x00\x00"


def names(data: bytes) -> list[bytes]:
    opened = undns(data)
    return [piece.data for piece in opened.pieces] if opened else []


def test_the_example_of_the_standard() -> None:
    (name,) = names(base64.urlsafe_b64decode(RFC + "=="))

    assert name == b"a.62characterlabel-makes-base64url-distinct-from-standard-base64.example.com"


def test_a_query_with_and_without_options() -> None:
    assert names(query(NAME)) == [NAME.encode()]
    assert names(query(NAME, extra=EDNS))[0] == NAME.encode()


def test_a_compressed_name_is_followed() -> None:
    record = b"\xc0\x0c" + b"\x00\x05\x00\x01" + bytes(4) + b"\x00\x08" + b"\x05alias\xc0\x11"
    answer = bytearray(query(NAME)) + record
    answer[7] = 1

    assert names(bytes(answer)) == [NAME.encode(), NAME.encode(), b"alias.secret-place.example.com"]


@pytest.mark.parametrize("damage", [b"x", b"\x00" * 3])
def test_what_does_not_end_where_it_says_is_no_dns(damage: bytes) -> None:
    assert undns(query(NAME) + damage) is None
    assert undns(query(NAME)[:-1]) is None


def test_a_name_that_points_to_itself_ends() -> None:
    assert undns(b"\xab\xcd\x01\x00\x00\x01" + bytes(6) + b"\xc0\x0c\x00\x01\x00\x01") is None


@given(st.binary(max_size=80))
def test_it_never_raises(tail: bytes) -> None:
    undns(b"\xab\xcd\x01\x00\x00\x01" + tail)


@pytest.mark.parametrize(
    "sent",
    [
        exchange(body=query(NAME), headers=((b"Content-Type", b"application/dns-message"),)),
        exchange("/dns-query?dns=" + base64.urlsafe_b64encode(query(NAME)).rstrip(b"=").decode()),
    ],
)
def test_a_domain_looked_up_over_https_is_found(sent: object) -> None:
    search = compile_search([Canary("site", CanaryKind.PAGE, NAME, 60.0)])
    (sighting,) = examine(sent, search).sightings  # type: ignore[arg-type]

    assert sighting.value.chain[-1] == "dns"
