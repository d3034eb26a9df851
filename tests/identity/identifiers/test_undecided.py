"""Codes of which it cannot be told: shown as such, never called an identifier, never lost."""

import pytest

from hometruth.identity.identifiers import search_identifiers
from hometruth.identity.identifiers.codes import grouped
from hometruth.identity.identifiers.occurrences import Event
from hometruth.model.identified import Undecided, UndecidedReason
from hometruth.model.identifier import Basis, ComparisonKind, IdentifierKind, Phase
from hometruth.report.identifier_words import tell
from tests.identity.identifiers.worlds import event, sessions, told

A, B = "a1a1a1a1a1a1a1a1", "b2b2b2b2b2b2b2b2"
C = "c3c3c3c3c3c3c3c3"
UUID_A, UUID_B = "90f30b1e-fcd5-4480-8c51-99b72efbb30e", "2fa05df1-e203-4856-b538-0da4e2e8f73f"
BASE = Phase.BASE
TELEMETRY = "incoming.telemetry.mozilla.org"
GOOGLE_KEY = "AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q"


def undecided(events: list[Event], comparison: ComparisonKind) -> Undecided:
    answer = search_identifiers(events, comparison)
    assert answer.found == ()
    (item,) = answer.undecided
    return item


def once(device: str, field: str, value: str, host: str = "t.example") -> list[Event]:
    (session,) = sessions(device, BASE)
    return [event(session, {field: value}, host=host)]


def test_what_never_changes_on_one_device_may_be_built_into_the_software() -> None:
    item = undecided(told(sessions("a", BASE, Phase.CLEAR_DATA), [A, A]), ComparisonKind.ALONE)

    assert (item.reason, item.is_open) == (UndecidedReason.ONE_INSTALLATION, True)
    assert item.tokens == {A}


def test_what_was_renewed_on_one_device_is_no_constant() -> None:
    answer = search_identifiers(
        told(sessions("a", BASE, Phase.RESTART, Phase.CLEAR_DATA), [A, A, B]), ComparisonKind.ALONE
    )

    (found,) = answer.found
    assert (found.kind, found.is_certain, answer.undecided) == (IdentifierKind.INSTALLATION, False, ())


def test_another_one_in_a_private_window_is_no_constant() -> None:
    events = told(sessions("a", BASE, Phase.INCOGNITO), [A, B])

    assert search_identifiers(events, ComparisonKind.ALONE).undecided == ()


def test_the_same_code_elsewhere_is_no_constant_either() -> None:
    (session,) = sessions("a", BASE)
    events = [
        event(session, {"body client_info.client_id": UUID_A, "body copy": UUID_A}, host=TELEMETRY)
        for _ in range(2)
    ]

    answer = search_identifiers(events, ComparisonKind.ALONE)

    assert {item.place.path for item in answer.found} == {"body client_info.client_id", "body copy"}
    assert answer.undecided == ()


def test_a_second_installation_excludes_what_both_send() -> None:
    events = [*told(sessions("a", BASE), [A]), *told(sessions("b", BASE), [A])]

    for comparison in (ComparisonKind.TWINS, ComparisonKind.MIXED):
        answer = search_identifiers(events, comparison)
        assert (answer.found, answer.undecided) == ((), ())


def test_what_all_installations_on_the_only_device_send_is_left_open() -> None:
    events = [*told(sessions("a", BASE), [A]), *told(sessions("b", BASE), [A])]

    assert undecided(events, ComparisonKind.INSTALLATIONS).reason is UndecidedReason.ONE_DEVICE


def test_what_only_one_of_the_twins_sends_is_left_open() -> None:
    events = [*told(sessions("a", BASE), [A]), *once("b", "body other", "word")]

    assert undecided(events, ComparisonKind.TWINS).reason is UndecidedReason.ONE_SENDER


def test_a_code_of_each_twin_that_was_sent_once_is_left_open() -> None:
    """Its number of the record would look the same."""
    (a,), (b,) = sessions("a", BASE), sessions("b", BASE)
    events = [
        event(session, {"body id": value, "body n": str(number)})
        for session, values in ((a, (A, UUID_A)), (b, (B, UUID_B)))
        for number, value in enumerate(values)
    ]

    item = undecided(events, ComparisonKind.TWINS)

    assert item.reason is UndecidedReason.SENT_ONCE
    assert item.tokens == {A, B, UUID_A, UUID_B}


def test_what_one_device_sent_once_is_counted() -> None:
    answer = search_identifiers(once("a", "body id", A), ComparisonKind.ALONE)

    assert (answer.found, answer.undecided, answer.sent_once) == ((), (), 1)


def test_a_documented_identifier_is_one_though_sent_once_by_the_only_device() -> None:
    field = 'body metrics.uuid["usage.profile_id"]'
    (found,) = search_identifiers(once("a", field, UUID_A, TELEMETRY), ComparisonKind.ALONE).found

    assert (found.kind, found.basis) == (IdentifierKind.INSTALLATION, Basis.DOCUMENTED)
    assert (found.is_certain, found.is_sent_once) == (False, True)
    assert found.meaning
    assert found.meaning.source.startswith("https://")


def test_what_is_observed_comes_before_what_is_documented() -> None:
    field = "body client_info.client_id"
    events = [
        event(session, {field: value}, host=TELEMETRY)
        for name, values in (("a", (UUID_A, A)), ("b", (UUID_B, B)))
        for session, value in zip(sessions(name, BASE, Phase.RESTART), values, strict=True)
        for _ in range(2)
    ]

    (found,) = search_identifiers(events, ComparisonKind.TWINS).found

    assert (found.kind, found.basis) == (IdentifierKind.SESSION, Basis.OBSERVED)


def test_a_documented_identifier_that_both_twins_send_is_not_taken_for_one() -> None:
    field = "body client_info.client_id"
    events = [*once("a", field, UUID_A, TELEMETRY), *once("b", field, UUID_A, TELEMETRY)]

    assert undecided(events, ComparisonKind.TWINS).reason is UndecidedReason.SHARED


@pytest.mark.parametrize(
    ("field", "value", "host"),
    [
        ("query k", GOOGLE_KEY, "maps.example"),
        ("query key", "91e66841-a83b-487f-9b5d-e460f5225ebf", "location.services.mozilla.com"),
        ("body client_info.client_id", "c0ffeec0-ffee-c0ff-eec0-ffeec0ffeec0", TELEMETRY),
        ("path /submit/firefox-desktop/baseline/1/{}", UUID_A, TELEMETRY),
    ],
)
def test_what_a_document_calls_the_softwares_or_a_records_is_explained(
    field: str, value: str, host: str
) -> None:
    events = once("a", field, value, host) * 2

    item = undecided(events, ComparisonKind.ALONE)

    assert not item.is_open
    (group,) = grouped([item])
    assert "by public documents: " in tell(group, str)


def test_two_sessions_of_twins_speak_louder_than_a_document() -> None:
    events = [
        event(session, {"query key": value}, host="x.googleapis.com")
        for name, value in (("a", A), ("b", B))
        for session in sessions(name, BASE, Phase.RESTART)
    ]

    (found,) = search_identifiers(events, ComparisonKind.TWINS).found

    assert found.is_certain


@pytest.mark.parametrize("name", ["query api_key", "header X-Api-Key", "body auth.client_id", "query apikey"])
def test_a_usual_name_is_a_hint_and_no_acquittal(name: str) -> None:
    item = undecided(once("a", name, C) * 2, ComparisonKind.ALONE)

    assert item.is_open
    assert item.hint
    assert "Its name is usual for" in tell([item], str)
