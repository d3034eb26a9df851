"""The levels of reset: which ids each one changes, on the phone and on the wire."""

from collections.abc import Callable

import pytest

from hometruth.lab import Phone
from tests.lab.conftest import World

RESETS: list[tuple[Callable[[Phone], object], set[str]]] = [
    (Phone.restart, set()),
    (Phone.reset_advertising_id, {"advertising_id"}),
    (Phone.clear_data, {"token", "consent"}),
    (Phone.reinstall, {"token", "consent"}),
    (Phone.factory_reset, {"token", "consent", "advertising_id", "android_id", "account", "version"}),
]


def state(world: World, phone: Phone) -> dict[str, str | None]:
    """What the phone shows and what the vendor is told, in a fresh session."""
    screen = phone.launch() if phone.advance(0).version else phone.install("3.4.0")
    shown = {"consent": screen.consent, "account": screen.account, "version": screen.version}
    phone.launch()
    phone.set_consent("given")
    phone.visit("https://a.example/")
    phone.advance(15)
    properties = world.arrived()[-1]["properties"]
    assert properties["$device_id"] == phone.identity.android_id
    phone.kill()
    return {
        **shown,
        "token": properties["uuid"],
        "android_id": phone.identity.android_id,
        "advertising_id": phone.identity.advertising_id,
    }


@pytest.mark.parametrize(("reset", "changes"), RESETS, ids=lambda item: getattr(item, "__name__", ""))
def test_a_reset_changes_what_it_says_and_nothing_else(
    world: World, reset: Callable[[Phone], object], changes: set[str]
) -> None:
    with world.phone() as phone:
        phone.install("3.4.3")
        phone.launch()
        phone.set_consent("given")
        phone.sign_in("someone")
        before = state(world, phone)
        reset(phone)
        after = state(world, phone)

    assert {key for key in before if before[key] != after[key]} == changes


def test_a_restart_ends_every_app(world: World) -> None:
    with world.phone() as phone:
        phone.install("3.4.0")
        phone.launch()

        assert not phone.restart().running
        assert phone.launch().mode == "normal"
