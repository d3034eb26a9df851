"""A small real app that accepts no certificate but its vendor's: telemetry that the recorder cannot open."""

import secrets
import ssl
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from random import Random

import httpx

from hometruth.experiment import Plan, PlannedSession, parse_plan
from hometruth.model import ActionRecord, Attestation, Canary
from tests.audit.paired_runs import paired_plan
from tests.capture.pinned import PinnedServer, pinned_connection, pinned_server, post

HOST = "sa.api.intl.miui.com"
DECOY = "https://decoy.canary.example/"
HEARTBEAT_BYTES = 400


def pinned_plan(cells: list[dict[str, str]], *, pairs: int, visits: int, subject: str) -> Plan:
    """A paired plan with further lines in its ``[subject]``."""
    text = paired_plan(cells, pairs=pairs, visits=visits).text
    return parse_plan(text.replace("[subject]\n", f"[subject]\n{subject}\n"), "pinned")


class PinnedApp:
    """Visits what it is told to; its telemetry goes to a server of its own over TLS that only it can read.

    Args:
        leaks: Each visit's address is sent, encrypted; else only a heartbeat of random size at the end.
    """

    def __init__(self, folder: Path, *, leaks: bool, seed: int = 1) -> None:
        self._folder = folder
        self._leaks = leaks
        self._rng = Random(seed)
        self._stack = ExitStack()
        self._queue: list[bytes] = []
        self.server: PinnedServer
        self.refused = 0

    def routes(self) -> Mapping[str, str]:
        """Start the vendor's server."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self.server = self._stack.enter_context(pinned_server(HOST, self._folder))
        return {HOST: self.server.url}

    def connect(self, proxy_url: str, ca_file: Path) -> tuple[Canary, ...]:
        """Its browser trusts the recorder, its telemetry does not."""
        self._proxy_url = proxy_url
        trust = ssl.create_default_context(cafile=str(ca_file))
        self._browser = self._stack.enter_context(httpx.Client(proxy=proxy_url, verify=trust))
        return ()

    def prepare(self, session: PlannedSession) -> tuple[Attestation, ...]:
        """Show the session's own levels."""
        self._queue = []
        self._attested = tuple(
            Attestation(factor, level, "the app itself") for factor, level in session.trial.condition.levels
        )
        return self._attested

    def act(self, action: str, canary: Canary | None) -> ActionRecord:
        """Visit an address or the decoy page; tap."""
        if canary is not None or action == "open-decoy":
            self._browser.get(DECOY if canary is None else canary.address)
        if canary is not None and self._leaks:
            self._queue.append(
                secrets.token_bytes(len(canary.address))
            )  # a cipher's output, for whoever looks
        return ActionRecord(action, None if canary is None else canary.id, time.time_ns(), True)

    def wait(self, seconds: float) -> None:
        """Nothing happens by itself."""

    def settle(self) -> tuple[Attestation, ...]:
        """Send what waits, and a heartbeat."""
        beat = secrets.token_bytes(self._rng.randrange(HEARTBEAT_BYTES, 4 * HEARTBEAT_BYTES))
        self._send([*self._queue, beat])
        return self._attested

    def close(self) -> None:
        """End the server and the browser."""
        self._stack.close()

    def _send(self, bodies: list[bytes]) -> None:
        for _attempt in range(2):
            try:
                with pinned_connection(self._proxy_url, HOST, self.server.context()) as connection:
                    for body in bodies:
                        post(connection, HOST, body)
                return
            except ssl.SSLCertVerificationError:
                self.refused += 1
                time.sleep(0.1)  # as any app waits before it tries again
