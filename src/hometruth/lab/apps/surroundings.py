"""What the phone gives to an app."""

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Protocol

from hometruth.lab.android.clock import Clock
from hometruth.lab.android.network import Reply
from hometruth.lab.android.profiles import Profile
from hometruth.lab.apps.behaviour import Cell, Mutation
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
    ) -> Reply:
        """Send one request; raises `NetworkError` if no answer came."""


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
    on_record: Callable[[dict[str, Any], Cell], None]
    mutations: tuple[Mutation, ...] = ()
    sdk: Variant = ERA
    """Which generation of the SDK is in its apps."""
