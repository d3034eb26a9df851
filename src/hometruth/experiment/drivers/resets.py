"""Resets between sessions as a factor: done to the phone, and read off its own screen afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from hometruth.errors import LabError

NO_RESET = "none"
FACTORY_RESET, CLEAR_DATA, REINSTALL = "factory-reset", "clear-data", "reinstall"
ADVERTISING_ID, RESTART = "reset-advertising-id", "restart"


class Resettable(Protocol):
    """A phone, as far as resets go."""

    @property
    def identity(self) -> Any:
        """``android_id`` and ``advertising_id``, as its settings show them."""

    def advance(self, seconds: float) -> Any:
        """Its screen; ``resets`` counts what was done to it."""

    def badge(self) -> dict[str, str]:
        """What the running app shows, its question of consent included."""

    def restart(self) -> Any:
        """Switch it off and on."""

    def clear_data(self) -> Any:
        """Clear the app's data."""

    def reinstall(self) -> Any:
        """Install the app anew."""

    def reset_advertising_id(self) -> Any:
        """Reset that id."""

    def factory_reset(self) -> Any:
        """Delete everything."""


RESETS: Mapping[str, Callable[[Resettable], object]] = {
    RESTART: lambda phone: phone.restart(),
    CLEAR_DATA: lambda phone: phone.clear_data(),
    REINSTALL: lambda phone: phone.reinstall(),
    ADVERTISING_ID: lambda phone: phone.reset_advertising_id(),
    FACTORY_RESET: lambda phone: phone.factory_reset(),
}
"""Level of the factor ``reset`` to what is done before the session."""
ASKS_AGAIN = frozenset({CLEAR_DATA, REINSTALL, FACTORY_RESET})
"""After these the app asks for consent once more."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a phone shows that a reset changes."""

    android_id: str
    advertising_id: str
    counts: Mapping[str, int]
    asks: bool
    """The running app's question stands unanswered."""


def shown(phone: Resettable) -> Shown:
    """Read it; the app must run."""
    identity = phone.identity
    return Shown(
        identity.android_id,
        identity.advertising_id,
        dict(phone.advance(0).resets),
        asks=phone.badge()["consent"] == "none",
    )


def reset(phone: Resettable, level: str) -> None:
    """Carry out the reset.

    Raises:
        LabError: If there is no such level.
    """
    if level not in RESETS:
        raise LabError(f"no reset {level!r}; choose from {NO_RESET}, {', '.join(RESETS)}")
    RESETS[level](phone)


def level_between(before: Shown, after: Shown) -> str | None:
    """Which reset lies between the two, by count and by effect; None if they do not agree on one."""
    risen = [level for level in RESETS if after.counts.get(level, 0) > before.counts.get(level, 0)]
    if not risen:
        return NO_RESET
    (level, *others) = risen
    as_expected = (
        (after.android_id != before.android_id) == (level == FACTORY_RESET)
        and (after.advertising_id != before.advertising_id) == (level in (FACTORY_RESET, ADVERTISING_ID))
        and (after.asks or level not in ASKS_AGAIN)
    )
    return level if as_expected and not others else None
