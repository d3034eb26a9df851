"""One simulated phone: what survives a restart, the installed app, and everything a person can do with it."""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random, SystemRandom
from typing import Any
from urllib.parse import urlsplit

from hometruth.errors import LabError
from hometruth.lab.android.clock import Clock
from hometruth.lab.android.network import Network, NetworkError, Reply, trust
from hometruth.lab.android.preferences import Preferences
from hometruth.lab.android.profiles import PROFILES
from hometruth.lab.apps.behaviour import Cell, Mutation
from hometruth.lab.apps.browser import Load, MintBrowser, Surroundings
from hometruth.lab.apps.mint_browser import VERSIONS
from hometruth.lab.ledger import LedgerWriter, RecordedEvent, SentRequest


@dataclass(frozen=True, slots=True)
class Setup:
    """How a phone is started; paths and addresses as text, since it travels as JSON."""

    profile: str
    proxy: str
    ca_file: str
    state_dir: str
    ledger: str
    seed: int | None
    start_ms: int
    mutations: tuple[Mutation, ...]

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Setup":
        """Build from the parsed JSON form."""
        mutations = tuple(Mutation(**item) for item in fields.pop("mutations"))
        return cls(**fields, mutations=mutations)


class Handset:
    """The phone; each public method is a thing its owner does, and answers with what the phone then shows."""

    def __init__(self, setup: Setup) -> None:
        if setup.profile not in PROFILES:
            raise LabError(f"no phone {setup.profile!r}; choose from {', '.join(PROFILES)}")
        self._profile = PROFILES[setup.profile]
        self._proxy = setup.proxy
        self._tls = trust(Path(setup.ca_file))
        self._mutations = setup.mutations
        self._dir = Path(setup.state_dir)
        try:
            self._dir.mkdir(parents=True, exist_ok=True)
            self._stored = Preferences(self._dir / "phone.json")
            self._ledger = LedgerWriter(Path(setup.ledger))
        except OSError as err:
            raise LabError(f"{err.filename}: the phone cannot keep its state there ({err.strerror})") from err
        self._stored["boots"] = self._stored.get("boots", 0) + 1
        # A seeded phone that is started again must not repeat the ids of its last run.
        self._rng = SystemRandom() if setup.seed is None else Random(f"{setup.seed}/{self._stored['boots']}")  # noqa: S311
        self._stored.setdefault("android_id", f"{self._rng.getrandbits(64):016x}")
        self._clock = Clock(setup.start_ms)
        self._app: MintBrowser | None = None
        self._network: Network | None = None

    def identity(self) -> dict[str, str]:
        """What the owner can read in the phone's settings."""
        profile = self._profile
        return {
            "model": profile.model,
            "android_id": self._stored["android_id"],
            "miui_version": profile.miui_version,
            "region": profile.region,
            "language": profile.language,
            "carrier": profile.carrier,
        }

    def screen(self) -> dict[str, Any]:
        """What the phone shows."""
        cell = self._app.cell if self._app is not None else None
        return {
            "version": self._stored.get("version"),
            "running": cell is not None,
            "mode": cell and cell.mode,
            "switch": cell and cell.switch,
            "consent": cell and cell.consent,
            "account": self._stored.get("account"),
            "session": self._stored.get("sessions", 0),
            "clock_ms": self._clock.now_ms,
        }

    def install(self, version: str) -> dict[str, Any]:
        """Install the app, or another version over it; its data stay."""
        if version not in VERSIONS:
            raise LabError(f"Mint Browser {version!r} is not known here; choose from {', '.join(VERSIONS)}")
        self.kill()
        self._stored["version"] = version
        return self.screen()

    def clear_data(self) -> dict[str, Any]:
        """Clear the app's data: a new installation of it; the phone's own ids and account stay."""
        self.kill()
        shutil.rmtree(self._app_dir, ignore_errors=True)
        return self.screen()

    def launch(self) -> dict[str, Any]:
        """Start the app, or bring it back to the front."""
        version = self._stored.get("version")
        if version is None:
            raise LabError("no app is installed; install a version first")
        if self._app is None:
            self._app_dir.mkdir(exist_ok=True)
            self._begin_session()
            self._network = Network(self._proxy, self._tls)
            self._app = MintBrowser(version, self._surroundings())
        else:
            if self._app.is_session_over:
                self._begin_session()
            self._app.foreground()
        return self.screen()

    def set_consent(self, answer: str) -> dict[str, Any]:
        """Answer the app's question, or withdraw the answer."""
        self._running.set_consent(answer)
        return self.screen()

    def set_incognito(self, on: bool) -> dict[str, Any]:
        """Change the app's window; a new process starts in the normal one."""
        self._running.set_incognito(on)
        return self.screen()

    def set_switch(self, position: str) -> dict[str, Any]:
        """Move the app's switch."""
        self._running.set_switch(position)
        return self.screen()

    def visit(self, url: str) -> dict[str, Any]:
        """Load a page."""
        return self._observed(self._running.visit(_text(url)))

    def search(self, words: str, engine: str) -> dict[str, Any]:
        """Search for something."""
        return self._observed(self._running.search(_text(words), engine))

    def sign_in(self, account: str) -> dict[str, Any]:
        """Sign in to a Mi account in the phone's settings; apps that run hear of it."""
        if not account:
            raise LabError("an account needs a name")
        self._stored["account"] = _text(account)
        if self._app is not None:
            self._app.sync_account()
        return self.screen()

    def sign_out(self) -> dict[str, Any]:
        """Sign out of the Mi account."""
        self._stored["account"] = None
        if self._app is not None:
            self._app.sync_account()
        return self.screen()

    def background(self) -> dict[str, Any]:
        """Go to the home screen; the app goes on in the background."""
        self._running.background()
        return self.screen()

    def kill(self) -> dict[str, Any]:
        """End the app's process, if it runs: nothing more happens in it, what it stored stays."""
        if self._app is not None and self._network is not None:
            self._app.kill()
            self._network.close()
            self._app = self._network = None
        return self.screen()

    def advance(self, seconds: float) -> dict[str, Any]:
        """Let time pass on the phone."""
        if seconds < 0:
            raise LabError(f"time cannot pass backwards ({seconds} s); set_clock can go back")
        self._clock.advance(round(seconds * 1000))
        return self.screen()

    def set_clock(self, epoch_ms: int) -> dict[str, Any]:
        """Set the phone's wall clock."""
        self._clock.jump(epoch_ms)
        return self.screen()

    def badge(self) -> dict[str, str]:
        """The state the running app shows: version, mode, switch and consent."""
        return self._running.cell.as_dict()

    def close(self) -> None:
        """Turn the phone off."""
        self.kill()
        self._ledger.close()

    @property
    def _running(self) -> MintBrowser:
        if self._app is None:
            raise LabError("the app is not running; launch it first")
        return self._app

    @property
    def _app_dir(self) -> Path:
        return self._dir / "mint-browser"

    def _begin_session(self) -> None:
        self._stored["sessions"] = self._stored.get("sessions", 0) + 1

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            profile=self._profile,
            android_id=self._stored["android_id"],
            clock=self._clock,
            rng=self._rng,
            web=self._request,
            data_dir=self._app_dir,
            preferences=Preferences(self._app_dir / "preferences.json"),
            sdk_preferences=Preferences(self._app_dir / "sensorsdata.json"),
            account=lambda: self._stored.get("account"),
            on_record=self._note_event,
            mutations=self._mutations,
        )

    def _observed(self, load: Load) -> dict[str, Any]:
        return {
            "at_ns": load.at_ns,
            "happened": load.status == 200,
            "status": load.status,
            "mode": self._running.cell.mode,
        }

    def _note_event(self, event: dict[str, Any], cell: Cell) -> None:
        self._ledger.event(RecordedEvent(self._stored["sessions"], time.time_ns(), event, cell.as_dict()))

    def _request(
        self,
        method: str,
        url: str,
        headers: Sequence[tuple[str, str]],
        body: bytes | None = None,
        events: Sequence[dict[str, Any]] | None = None,
    ) -> Reply:
        """Every request of the phone passes here, and leaves a line in the ledger."""
        assert self._network is not None
        outcome = "unfinished"
        try:
            reply = self._network.request(method, url, headers, body)
            outcome = str(reply.status)
        except NetworkError as err:
            outcome = str(err)
            raise
        finally:
            self._ledger.request(
                SentRequest(
                    session=self._stored["sessions"],
                    at_ns=time.time_ns(),
                    host=urlsplit(url).hostname or "",
                    method=method,
                    url=url,
                    events=None if events is None else tuple(events),
                    outcome=outcome,
                )
            )
        return reply


def _text(value: str) -> str:
    """*value*, if a person could have typed it."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as err:
        raise LabError(f"{value!r} is not text that can be typed: {err.reason}") from err
    return value
