"""What every driver can do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hometruth.model import ActionRecord, Attestation, Canary

if TYPE_CHECKING:
    from hometruth.experiment.planned import PlannedSession


class Driver(Protocol):
    """Brings a subject into a condition, acts on it, and tells what it observed, with times.

    Every method may raise `LabError` if the subject does not follow; the trial is then lost.
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
