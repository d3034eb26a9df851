"""Who owns a value, what it names, and what must never be taken for a name."""

import pytest

from hometruth.identity.identifiers import find_identifiers
from hometruth.identity.identifiers.occurrences import Event
from hometruth.model.identifier import (
    FOREVER,
    SESSION,
    UNKNOWN,
    ComparisonKind,
    Found,
    IdentifierKind,
    KnownValue,
    Phase,
)
from tests.identity.identifiers.worlds import event, sessions, told

A, B = "a1a1a1a1a1a1a1a1", "b2b2b2b2b2b2b2b2"
C, D = "c3c3c3c3c3c3c3c3", "d4d4d4d4d4d4d4d4"
BASE = Phase.BASE


def twins(*phases: Phase, a: list[str | None], b: list[str | None]) -> list[Event]:
    return [*told(sessions("a", *phases), a), *told(sessions("b", *phases), b)]


def one(events: list[Event], comparison: ComparisonKind = ComparisonKind.TWINS) -> Found:
    (found,) = find_identifiers(events, comparison)
    return found


def test_what_both_twins_send_names_neither() -> None:
    assert find_identifiers(twins(BASE, BASE, a=[A, A], b=[A, A]), ComparisonKind.TWINS) == ()


def test_what_one_of_many_devices_never_sends_is_not_named_by_the_others() -> None:
    events = [
        item
        for name, value in zip("abcd", (A, B, A, B), strict=True)
        for item in told(sessions(name, BASE), [value])
    ]

    assert find_identifiers(events, ComparisonKind.TWINS) == ()


def test_a_place_that_only_one_device_fills_in_is_compared_with_nothing() -> None:
    assert find_identifiers(twins(BASE, a=[A], b=[None]), ComparisonKind.TWINS) == ()


def test_one_session_tells_nothing_of_the_lifetime() -> None:
    found = one(twins(BASE, a=[A], b=[B]))

    assert (found.kind, found.lifetime.ends_with, found.is_certain) == (IdentifierKind.UNKNOWN, UNKNOWN, True)


@pytest.mark.parametrize(
    ("phase", "lifetime", "kind"),
    [
        (Phase.RESTART, SESSION, IdentifierKind.SESSION),
        (Phase.IDLE, SESSION, IdentifierKind.SESSION),
        (Phase.CLEAR_DATA, "clear-data", IdentifierKind.INSTALLATION),
        (Phase.REINSTALL, "reinstall", IdentifierKind.INSTALLATION),
        (Phase.AD_ID_RESET, "ad-id-reset", IdentifierKind.ADVERTISING),
        (Phase.REINSTALL_ALL, "reinstall-all", IdentifierKind.VENDOR),
        (Phase.CLOCK, "clock", IdentifierKind.DEVICE),
        (Phase.FACTORY_RESET, "factory-reset", IdentifierKind.DEVICE),
    ],
)
def test_the_kind_is_told_from_what_ends_it(phase: Phase, lifetime: str, kind: IdentifierKind) -> None:
    before = (BASE, BASE, Phase.CLEAR_DATA, Phase.REINSTALL)
    phases = (*before[: before.index(phase)], phase) if phase in before else (*before, phase)
    same = len(phases) - 1
    found = one(twins(*phases, a=[*[A] * same, C], b=[*[B] * same, D]))

    assert (found.lifetime.ends_with, found.kind) == (lifetime, kind)


def test_what_outlives_everything_that_was_tried() -> None:
    phases = (BASE, Phase.CLEAR_DATA, Phase.REINSTALL, Phase.FACTORY_RESET)
    found = one(twins(*phases, a=[A] * 4, b=[B] * 4))

    assert (found.lifetime.ends_with, found.kind) == (FOREVER, IdentifierKind.DEVICE)


def test_what_is_gone_while_nothing_is_done_was_not_ended_by_a_reset() -> None:
    """The control: an idle stretch of equal length."""
    phases = (BASE, Phase.IDLE, Phase.CLEAR_DATA)
    found = one(twins(*phases, a=[A, C, C], b=[B, D, D]))

    assert found.lifetime.ends_with == SESSION


def test_private_windows_are_asked_separately() -> None:
    phases = (BASE, Phase.INCOGNITO, Phase.INCOGNITO, Phase.RESTART)
    found = one(twins(*phases, a=[A, C, C, A], b=[B, D, D, B]))

    assert str(found.lifetime.incognito) == "0/2"
    assert str(found.lifetime.between_incognito) == "2/2"
    assert str(found.lifetime.kept(Phase.RESTART)) == "2/2"


def test_a_private_window_after_a_reset_is_not_compared_with_one_before() -> None:
    phases = (Phase.INCOGNITO, Phase.CLEAR_DATA, Phase.INCOGNITO)
    found = one(twins(*phases, a=[A, C, C], b=[B, D, D]))

    assert found.lifetime.between_incognito.asked == 0
    assert str(found.lifetime.incognito) == "2/2"


def test_an_account_is_told_from_what_it_takes_the_place_of() -> None:
    phases = (BASE, Phase.RESTART, Phase.SIGN_IN, Phase.RESTART)
    account, token = find_identifiers(
        twins(
            *phases,
            a=[A, A, "anna@m.example", "anna@m.example"],
            b=[B, B, "bert@m.example", "bert@m.example"],
        ),
        ComparisonKind.TWINS,
    )

    assert account.kind is IdentifierKind.ACCOUNT
    assert account.tokens == frozenset({"anna@m.example", "bert@m.example"})
    assert token.tokens == {A, B}


def test_a_token_renewed_when_signing_in_while_it_is_new_each_time_is_no_account() -> None:
    phases = (BASE, Phase.RESTART, Phase.SIGN_IN, Phase.RESTART)
    values = [f"{number:016x}" for number in range(0x1A2B3C4D5E6F, 0x1A2B3C4D5E6F + 8)]
    found = one(twins(*phases, a=list(values[:4]), b=list(values[4:])))

    assert found.kind is IdentifierKind.SESSION


def test_a_level_that_changes_each_session_is_no_identifier() -> None:
    phases = (BASE, Phase.RESTART)
    events = twins(*phases, a=["free 512344 kb", "free 512999 kb"], b=["free 634441 kb", "free 631112 kb"])

    assert find_identifiers(events, ComparisonKind.TWINS) == ()


def test_the_number_of_a_record_that_goes_to_two_hosts_is_no_identifier() -> None:
    events = [
        event(session, {"body id": f"{number:012x}{ord(name):04x}"}, host=host)
        for name in "ab"
        for session in sessions(name, BASE)
        for number in range(0xABC123456, 0xABC123456 + 5)
        for host in ("one.example", "two.example")
    ]

    assert find_identifiers(events, ComparisonKind.TWINS) == ()


def test_a_moment_names_nobody_unless_it_stays() -> None:
    changing = twins(
        BASE, Phase.RESTART, a=["1588550400123", "1588550500123"], b=["1588550400456", "1588550500456"]
    )
    staying = twins(BASE, Phase.RESTART, a=["1588550400123"] * 2, b=["1588550400456"] * 2)

    assert find_identifiers(changing, ComparisonKind.TWINS) == ()
    assert one(staying).is_certain


def test_what_the_tester_put_in_is_never_one() -> None:
    events = twins(BASE, BASE, a=[A, A], b=[B, B])

    assert find_identifiers(events, ComparisonKind.TWINS, inputs=[A, B]) == ()


def test_one_device_and_mixed_devices_only_look_like_it() -> None:
    alone = told(sessions("a", BASE, Phase.CLEAR_DATA), [A, C])
    mixed = twins(BASE, BASE, a=[A, A], b=[B, B])
    words = twins(BASE, BASE, a=["build-ginkgo", "build-ginkgo"], b=["build-umi-x", "build-umi-x"])

    assert not one(alone, ComparisonKind.ALONE).is_certain
    assert not one(mixed, ComparisonKind.MIXED).is_certain
    assert find_identifiers(words, ComparisonKind.MIXED) == ()
    assert one(words).is_certain  # of twins, a word that differs names the device as well


def test_the_testers_own_value_is_recognised_whoever_else_sends_it() -> None:
    events = twins(BASE, BASE, a=[A, A], b=[A, A])
    own = KnownValue("android-id", "device-id", "md5")
    known = {(item.exchange, "body id", A): own for item in events}

    (found,) = find_identifiers(events, ComparisonKind.TWINS, known=known)

    assert (found.kind, found.known, found.is_certain) == (IdentifierKind.DEVICE, (own,), True)
