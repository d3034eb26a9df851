"""What is found in one value, and what common traffic holds and is nobody's."""

import base64
import gzip
import json
from collections.abc import Iterable

import pytest

from hometruth.identity.unnamed import resemblances, without_personal
from hometruth.identity.unnamed.known import known_forms
from hometruth.model import Clue, PersonalKind, Resemblance
from hometruth.peel import peel_value
from hometruth.peel.leaves import surely_read_with_ends

WHOLE_WORLD = frozenset(PersonalKind)
EXAMPLES: dict[PersonalKind, object] = {
    PersonalKind.EMAIL: {"x": "jane.test@shop.example"},
    PersonalKind.TELEPHONE: {"phone": "0151 23456789"},
    PersonalKind.POSTAL_ADDRESS: {"street": "Main Street 5"},
    PersonalKind.IBAN: {"x": "DE89 3704 0044 0532 0130 00"},
    PersonalKind.PAYMENT_CARD: {"x": "4111 1111 1111 1111"},
    PersonalKind.TAX_NUMBER_DE: {"steuerId": "86 095 742 719"},
    PersonalKind.INSURANCE_NUMBER_DE: {"x": "my number is A123456780."},
    PersonalKind.CITIZEN_NUMBER_NL: {"bsn": "111222333"},
    PersonalKind.INSURANCE_NUMBER_FR: {"nir": "2 55 08 14 168 025 38"},
    PersonalKind.TAX_CODE_IT: {"x": "RSSMRA85T10A562S"},
    PersonalKind.IDENTITY_NUMBER_ES: {"dni": "12345678-Z"},
    PersonalKind.CITIZEN_NUMBER_PL: {"pesel": 44051401359},
    PersonalKind.TAX_NUMBER_BR: {"x": "529.982.247-25"},
    PersonalKind.RESIDENT_NUMBER_IN: {"aadhaar": "2341 2341 2346"},
    PersonalKind.SOCIAL_SECURITY_NUMBER_US: {"ssn": "078-05-1120"},
    PersonalKind.DIAGNOSIS: {"icd10": "F32.1"},
    PersonalKind.NAME: {"billing": {"firstName": "Zoë"}},
    PersonalKind.BIRTH_DATE: {"dob": "1980-01-31"},
    PersonalKind.LOCATION: {"lat": 52.520012},
    PersonalKind.IP_ADDRESS: {"client_ip": "93.184.216.34"},
    PersonalKind.PASSWORD: {"password": "hunter2!"},
}


def found(document: object, named: Iterable[str] = ()) -> tuple[Resemblance, ...]:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    read = surely_read_with_ends(peel_value(data))
    return resemblances(read, WHOLE_WORLD, named=tuple(named), masked=str)


def kinds(document: object) -> set[PersonalKind]:
    return {each.kind for each in found(document)}


def test_there_is_an_example_of_each_kind_that_a_value_can_have() -> None:
    assert WHOLE_WORLD - EXAMPLES.keys() == {PersonalKind.CONNECTION}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_each_kind_is_found_as_it_stands_and_wrapped(kind: PersonalKind) -> None:
    inner = json.dumps(EXAMPLES[kind]).encode()
    wrapped = {"payload": base64.b64encode(gzip.compress(inner, mtime=0)).decode()}

    assert kinds(EXAMPLES[kind]) == {kind}
    assert kinds(wrapped) == {kind}
    (row,) = found(wrapped)
    assert row.chain == ("json", "base64", "gzip", "json")


@pytest.mark.parametrize(
    "data",
    [
        b"mail=jane%40shop.example&x=1",
        b'42["identify",{"visitor":{"email":"jane@shop.example"}}]',
        b"\x0a\x11jane@shop.example\x12\x04test",
        b"page=https%3A%2F%2Fshop.example%2F%3Fu%3Djane%2540shop.example",
    ],
)
def test_an_address_is_found_in_forms_frames_protobuf_and_addresses_in_addresses(data: bytes) -> None:
    assert kinds(data) == {PersonalKind.EMAIL}


@pytest.mark.parametrize(
    "document",
    [
        {"ts": [1606735038123456, 4111111111111111, 1606735038123458]},
        {"list": [4111111111111111, 5500000000000004], "id": 4111111111111111},
        {"event_id": "4111111111111111", "correlator": "5500000000000004"},
        {"text": "1606735038123456,4111111111111111,1606735038123458"},
        {"card": "4111111111111112", "pan": "1234123412341234"},
        {"iban": "DE88370400440532013000", "x": "DE8937040044053201300"},
        {"src": "logo@2x.png", "pkg": "react@18.2.0", "lib": "jquery@2.2.4.js", "scope": "@types/node"},
        {"dsn": "https://abc123@o123.ingest.sentry.io/4", "repo": "git@github.com:a/b.git"},
        {"addons": [{"id": "newtab@mozilla.org"}], "guid": "default-theme@mozilla.org"},
        {"ip": "10.0.0.1", "local_ip": "192.168.1.2", "version": "17.253.12.253", "time": "10:30:00"},
        {"lat": "59.33", "long": 18.05, "position": 12.345678, "latest": "52.520012"},
        {"name": "page_view", "eventName": "signup", "phone": "yes", "street": "none", "password": ""},
        {"uuid": "123e4567-e89b-12d3-a456-426614174000", "etag": "A123456789", "n": "111222333"},
        {
            "dob": "soon",
            "tin": "86095742718",
            "ssn": "000-12-3456",
            "treatment": "control",
            "allergies": "none",
        },
        {"t": "+0100", "when": "2026-11-22T10:00:00+00:00", "sum": "a+1234567890123b"},
    ],
)
def test_what_common_traffic_holds_is_nobodys(document: object) -> None:
    assert found(document) == ()


def test_a_card_alone_in_a_message_is_one() -> None:
    (row,) = found({"message": "my card is 4111111111111111, thanks"})

    assert (row.kind, row.path) == (PersonalKind.PAYMENT_CARD, "message")
    assert row.clues == (Clue.ISSUER, Clue.CHECK_DIGITS)


def test_what_somebody_named_is_left_to_the_search_for_it() -> None:
    document = {"email": "jane@shop.example", "tel": "+49 151 23456789", "other": "joe@shop.example"}

    assert [each.path for each in found(document, ["janeshopexample", "4915123456789"])] == ["other"]


def test_a_list_is_one_field_with_its_values_counted() -> None:
    document = {"to": ["a.b@x.example", "c.d@x.example", "a.b@x.example"]}

    (row,) = found(document)
    assert (row.path, row.times, len(row.digests)) == ("to[*]", 3, 2)


def test_no_name_of_a_field_shows_what_it_holds() -> None:
    (row,) = found({"users": {"jane@shop.example": {"seen": 1}}})

    assert "{email}" in row.path
    assert "jane" not in row.path
    assert without_personal("a.DE89370400440532013000.b") == "a.{iban}.b"


def test_the_country_of_each_account_number_is_two_letters_and_its_length_is_that_of_the_registry() -> None:
    ibans = known_forms().ibans

    assert len(ibans) > 75
    # Of the registry's own examples, for lengths from the shortest to the longest.
    for example in (
        *("NO9386011117947", "BE68539007547034", "NL91ABNA0417164300", "CH9300762011623852957"),
        *("FR1420041010050500013M02606", "PL61109010140000071219812874", "MT84MALT011000012345MTLCAST001S"),
        *("LC55HEMM000100010012001200023015", "RU0204452560040702810412345678901"),
    ):
        form = ibans[example[:2]]
        assert form.fullmatch(example), example
        assert not form.fullmatch(example[:-1])
