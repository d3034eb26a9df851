"""What every driver can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from hometruth.handed_in import Table
from hometruth.model import ActionRecord, Attestation, Canary, CanaryKind, Exchange

if TYPE_CHECKING:
    from hometruth.experiment.plan import Plan
    from hometruth.experiment.planned import PlannedSession

NO_OPTIONS = Table()
"""Of a driver that has none."""


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


@runtime_checkable
class Onlooker(Protocol):
    """A driver that wants to know what was recorded, to tell whether an action happened."""

    def saw(self, exchange: Exchange) -> None:
        """Told of every exchange as soon as it is written, in the recorder's thread; must be quick."""


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
    zones: tuple[str, ...] = ()
    """Domains whose hosts the recorder answers, while all others are forwarded to their real servers. Empty:
    nothing leaves the machine, and no silence of a real subject can be called consistent."""
