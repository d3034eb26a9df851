"""What the phone gives to an app."""

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Protocol

from hometruth.lab.android.clock import Clock
from hometruth.lab.android.network import Reply
from hometruth.lab.android.profiles import Profile
from hometruth.lab.apps.behaviour import AppState, Mutation
from hometruth.lab.apps.leaks import Leak
from hometruth.lab.oem.front import Front
from hometruth.lab.sdk.variants import ERA, Variant


class Web(Protocol):
    """The phone's way out, which keeps the ledger."""

    def __call__(
        self,
        method: str,
        url: str,
        headers: Sequence[tuple[str, str]],
        body: bytes | None = None,
        events: Sequence[dict[str, Any]] | None = None,
        clear: dict[str, str] | None = None,
    ) -> Reply:
        """Send one request; raises `NetworkError` if no answer came.

        Args:
            events: The telemetry in it, for the ledger.
            clear: If that is enciphered: what stands readable beside it, for the ledger.
        """


class LedgerNote(Protocol):
    """How an app tells the ledger what it recorded."""

    def __call__(self, event: dict[str, Any], cell: AppState, channel: str = "sensors", /) -> None:
        """Note one event, recorded in *cell* for *channel*."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The phone's own facts, clock, randomness, network and storage."""

    profile: Profile
    android_id: str
    clock: Clock
    rng: Random
    web: Web
    data_dir: Path
    preferences: MutableMapping[str, Any]
    sdk_preferences: MutableMapping[str, Any]
    account: Callable[[], str | None]
    """The Mi account signed in on the phone now."""
    network: Callable[[], str]
    """What the phone is connected to, as the SDK names it."""
    on_record: LedgerNote
    mutations: tuple[Mutation, ...] = ()
    leaks: tuple[Leak, ...] = ()
    sdk: Variant = ERA
    """Which generation of the SDK is in its apps."""
    channels: str = "sensors"
    """Which of the vendor's channels the phone has (`oem.hosts.CHANNELS`)."""
    front: Front = field(default_factory=Front)
    """The screen: apps say what they show."""
    handed_out: Callable[[], str] = str
    """What a server hands out to everybody now."""
