"""What the apps of one phone share: storage, clock, randomness, and a way out that keeps the ledger."""

import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from hometruth.lab.android.clock import Clock
from hometruth.lab.android.network import NetworkError, Reply, Wire
from hometruth.lab.android.preferences import Preferences
from hometruth.lab.android.profiles import Profile
from hometruth.lab.apps.aggregate import Defect
from hometruth.lab.apps.behaviour import AppState, Mutation
from hometruth.lab.apps.leaks import Leak
from hometruth.lab.apps.surroundings import Web
from hometruth.lab.ledger import LedgerWriter, RecordedEvent, SentRequest
from hometruth.lab.oem.front import Front
from hometruth.lab.sdk.variants import OFFLINE, WIFI

HANDED_OUT_STARTS = 4
"""Starts of apps on one phone after which a server hands out another code: two sessions of a plan."""


@dataclass(frozen=True, slots=True)
class BelowApps:
    """The phone below its apps."""

    profile: Profile
    folder: Path
    stored: Preferences
    """The phone's own state: ids, account, versions of apps, number of sessions."""
    clock: Clock
    rng: Random
    network: Callable[[], Wire]
    """Connections for one process."""
    ledger: LedgerWriter
    mutations: tuple[Mutation, ...]
    defects: frozenset[Defect]
    leaks: tuple[Leak, ...] = ()
    front: Front = field(default_factory=Front)

    def web(self, network: Wire) -> Web:
        """The way out over *network*."""
        return functools.partial(self._request, network)

    def connected_to(self) -> str:
        """What the phone is connected to, as the SDK names it."""
        return str(self.stored.get("network", WIFI))

    def handed_out(self) -> str:
        """A code that a server hands out to everybody who asks, and changes from time to time."""
        period = self.stored.get("sessions", 0) // HANDED_OUT_STARTS
        known, code = self.stored.get("handed_out", (None, ""))
        if known != period:
            code = f"{self.rng.getrandbits(128):032x}"
            self.stored["handed_out"] = (period, code)
        return str(code)

    def note_event(self, event: dict[str, Any], cell: AppState, channel: str = "sensors", /) -> None:
        """An app recorded something."""
        self._note(event, cell.as_dict(), channel)

    def note_of_system(self, channel: str, event: dict[str, Any]) -> None:
        """The system recorded something, whatever the cell of the app in front."""
        self._note(event, {}, channel)

    def _note(self, event: dict[str, Any], cell: dict[str, str], channel: str) -> None:
        session = self.stored.get("sessions", 0)
        self.ledger.event(RecordedEvent(session, time.time_ns(), event, cell, channel))

    def _request(
        self,
        network: Wire,
        method: str,
        url: str,
        headers: Sequence[tuple[str, str]],
        body: bytes | None = None,
        events: Sequence[dict[str, Any]] | None = None,
        clear: dict[str, str] | None = None,
    ) -> Reply:
        """Every request of the phone passes here, and leaves a line in the ledger."""
        outcome = "unfinished"
        try:
            if self.connected_to() == OFFLINE:
                raise NetworkError("offline")
            reply = network.request(method, url, headers, body)
            outcome = str(reply.status)
        except NetworkError as err:
            outcome = str(err)
            raise
        finally:
            self.ledger.request(
                SentRequest(
                    session=self.stored.get("sessions", 0),
                    at_ns=time.time_ns(),
                    host=urlsplit(url).hostname or "",
                    method=method,
                    url=url,
                    events=None if events is None else tuple(events),
                    outcome=outcome,
                    clear=clear,
                )
            )
        return reply
