"""What every driver can do."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, cast, runtime_checkable

from hometruth.errors import DriverError
from hometruth.handed_in import Table
from hometruth.model import ActionRecord, Attestation, Canary, CanaryKind, Exchange, HostChoice, HostSeen

if TYPE_CHECKING:
    from hometruth.experiment.plan import Plan
    from hometruth.experiment.planned import PlannedSession

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
NO_OPTIONS = Table()
"""Of a driver that has none."""
Options = TypeVar("Options", bound=Table)
"""Type of a driver's ``[subject.options]``."""


class Driver(Protocol):
    """Brings a subject into a condition, acts on it, and tells what it observed, with times.

    Every method may raise `DriverError` if the subject does not follow; the trial is then lost.
    """

    def routes(self) -> Mapping[str, str]:
        """Hosts that a real server on loopback answers, with its base URL; called before recording starts.

        Where the plan lets pinned connections through, only servers that speak TLS (``https://``) get them.
        """

    def connect(self, proxy_url: str, ca_file: Path) -> tuple[Canary, ...]:
        """Attach the subject to the recorder; returns what is known of it (device ids...) as canaries."""

    def prepare(self, session: PlannedSession) -> tuple[Attestation, ...]:
        """Bring the subject into the session's condition; returns which levels the subject itself shows."""

    def act(self, action: str, canary: Canary | None) -> ActionRecord:
        """Do one action, planting *canary*; None for actions that plant none (`open-decoy`, `tap-page`)."""

    def wait(self, seconds: float) -> None:
        """Let time pass on the subject's own clock."""

    def settle(self) -> tuple[Attestation, ...]:
        """Let the subject send what it has, through relaunch and drain, and end the session."""

    def close(self) -> None:
        """Let go of the subject."""


class ProgramDriver(ABC, Generic[Options]):
    """A `Driver` of a program on this machine, but for the two things that only its author knows.

    Args:
        folder: For what the subject itself keeps.
    """

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.options = cast(Options, plan.options)
        self.folder = folder

    @abstractmethod
    def shows(self) -> tuple[Attestation, ...]:
        """Levels that the subject shows now: never what was planned, where nobody saw it."""

    @abstractmethod
    def does(self, action: str, canary: Canary | None) -> bool:
        """Do one action, planting *canary* if it plants one; True if it was seen to happen.

        `proxy_url` and `ca_file` say by which proxy, and which certificate (PEM) is to be trusted.

        Raises:
            DriverError: If the subject does not follow.
        """

    def routes(self) -> Mapping[str, str]:
        """None of its own."""
        return {}

    def connect(self, proxy_url: str, ca_file: Path) -> tuple[Canary, ...]:
        """Keep where the recorder is; nothing is known of the subject."""
        self.proxy_url, self.ca_file = proxy_url, ca_file
        return ()

    def prepare(self, session: PlannedSession) -> tuple[Attestation, ...]:
        """Keep which condition is asked for; bring the subject into it, where it is not in it already."""
        self.condition = session.trial.condition
        return self.shows()

    def act(self, action: str, canary: Canary | None) -> ActionRecord:
        """Do it, and note when."""
        at_ns = time.time_ns()
        return ActionRecord(action, canary.id if canary else None, at_ns, self.does(action, canary))

    def wait(self, seconds: float) -> None:  # noqa: ARG002 - there is no clock that it could move
        """Refuse: the subject goes by this machine's clock."""
        raise DriverError("its clock cannot be moved")

    def settle(self) -> tuple[Attestation, ...]:
        """What it shows in the end."""
        return self.shows()

    def close(self) -> None:
        """Nothing is held."""


@runtime_checkable
class Onlooker(Protocol):
    """A driver that wants to know what was recorded, to tell whether an action happened."""

    def saw(self, exchange: Exchange) -> None:
        """Told of every exchange as soon as it is written, in the recorder's thread; must be quick."""


class LedRecorder(Protocol):
    """The recorder, as far as a driver needs it whose subject is a device that a person leads here."""

    @property
    def url(self) -> str:
        """The proxy's address."""

    @property
    def is_page_opened(self) -> bool:
        """True once a device has opened the recorder's own page."""

    @property
    def has_agreed(self) -> bool:
        """False until the owner of the device has agreed, and once they have said no."""

    @property
    def is_declined(self) -> bool:
        """True once the owner of the device has said no, or has stopped it."""

    @property
    def is_trusted(self) -> bool:
        """True once a browser has shown that it trusts the certificate."""

    @property
    def waiting(self) -> str | None:
        """Address of a device of which nobody has said yet whether it is the one."""

    @property
    def refused(self) -> tuple[str, ...]:
        """Addresses of devices that came and are not the one."""

    def admit(self, address: str) -> None:
        """It is the one."""

    def dismiss(self) -> None:
        """It is not the one."""

    def readable(self) -> tuple[HostSeen, ...]:
        """What is known of hosts since `look`."""

    @property
    def app(self) -> str | None:
        """Product whose hosts may be added to those that are looked into; None if none may."""

    def take_left_closed(self) -> tuple[str, ...]:
        """Hosts that were left unopened since it was last asked, as nobody had asked to look into them."""

    @property
    def reachable(self) -> str:
        """Address of this machine as the device reaches it."""

    def tunnel_config(self) -> str | None:
        """What the device's WireGuard app reads; None if there is no tunnel."""

    def key_pin(self) -> str:
        """By which Chromium is told to trust the certificate for one start; another one's is another."""

    @property
    def expires_at(self) -> datetime:
        """When the certificate expires."""

    def look(self) -> None:
        """From now on find out what could be read, and keep nothing of it."""

    def begin(self) -> None:
        """From now on keep what the plan declares."""

    def check(self) -> None:
        """Raise what ended the recording early, if anything did."""


@dataclass(frozen=True, slots=True)
class ReachedAt:
    """Where the recorder is to listen, so that the device reaches it."""

    host: str = "127.0.0.1"
    port: int = 0
    wireguard: int | None = None
    """UDP port of a tunnel; None opens none."""
    devices: tuple[str, ...] = ()
    """Addresses that are served; without one, the first that comes waits to be admitted."""
    package: str | None = None
    """Android's name of the only app that the tunnel takes."""

    @property
    def is_open_to_others(self) -> bool:
        """True where another device than this machine comes."""
        return self.wireguard is not None or self.host not in LOOPBACK


@runtime_checkable
class Joins(Protocol):
    """A driver whose subject may come by a tunnel of the recorder's."""

    def reached_at(self) -> ReachedAt:
        """Asked before recording starts."""

    def joins(self, configuration: str) -> None:
        """Told what the subject's WireGuard app reads, where there is a tunnel."""


@runtime_checkable
class LedByHand(Protocol):
    """A driver whose subject a person leads: its owner is asked, and nothing is kept before they agree."""

    def under_way(self) -> str | None:
        """Id of the session that began last, in a run that was cut off; None if none had begun."""

    def remarks(self) -> str:
        """What came of the device itself in the session that has just ended, for its record."""

    def between(self, session: PlannedSession) -> tuple[HostChoice, ...]:
        """Hosts that somebody was asked about since the last session; called before each, outside of all, for
        whatever else the person is to be asked before it."""

    def reached_at(self) -> ReachedAt:
        """Asked before recording starts."""

    def lead_in(self, way: LedRecorder, planned: Sequence[PlannedSession], done: int) -> None:
        """Bring the device to the recorder, once the plan is sealed and before the first session.

        Args:
            planned: Every session.
            done: How many of them were over before the run was cut off.

        Raises:
            DriverError: If it does not come, or its owner does not agree.
        """


@dataclass(frozen=True)
class DriverKind:
    """What a driver is and takes, before there is a subject: plans are checked against it."""

    make: Callable[[Plan, Path], Driver]
    """From the plan, and a folder for what the subject itself keeps."""
    actions: Mapping[str, CanaryKind]
    """What it can be asked to do, with the kind of canary each plants."""
    options: type[Table] = Table
    """Type of ``[subject.options]``; `Plan.options` holds one of it."""
    simulating: bool = False
    """True if its subject is a simulation: what is seen of it says nothing of a real device."""
    keeps_installations: bool = False
    """True if it can go back to an installation after another one: then those of one cell are run in turns,
    which is the only way to tell what an installation keeps from what a server hands out for a while."""
    brings_others: Callable[[Table], bool] = lambda _options: False
    """True if what other apps send comes, and is opened, too: then a plan has to say what is looked into."""
    asks_for_hosts: Callable[[Table], bool] = lambda _options: False
    """True if somebody is asked in the run which of the hosts that were seen are the app's (`app_hosts`)."""
    zones: tuple[str, ...] = ()
    """Domains whose hosts the recorder answers, while all others are forwarded to their real servers. Empty:
    nothing leaves the machine, and no silence of a real subject can be called consistent."""
    not_watched: str = ""
    """What it leaves unwatched, in words that every verdict of silence adds to how long was watched."""
    unseen: tuple[str, ...] = ()
    """What no run with it can show, which stands in every report besides what the plan says."""
