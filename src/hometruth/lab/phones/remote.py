"""Starting a simulated phone as a process of its own, and acting on it: the lab's public way to a phone."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from hometruth.errors import LabError
from hometruth.lab.android.preferences import Preferences
from hometruth.lab.apps.aggregate import Defect
from hometruth.lab.apps.behaviour import Mutation
from hometruth.lab.apps.leaks import Leak

Change = Mutation | Leak | Defect
"""One way in which a phone differs from what was found."""
CLOSE_S = 10.0
"""How long a phone may take to turn itself off before it is ended."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a tester can read in the phone's own settings."""

    model: str
    android_id: str
    advertising_id: str
    imei: str
    serial: str
    miui_version: str
    region: str
    language: str
    carrier: str


@dataclass(frozen=True, slots=True)
class Screen:
    """What the phone shows after an action."""

    version: str | None
    """Installed version of the app, None if there is none."""
    running: bool
    mode: str | None
    """``normal`` or ``incognito``; this, the switch and consent are None while the app does not run."""
    switch: str | None
    consent: str | None
    account: str | None
    session: int
    """Number of the app's current or last session, counted from 1."""
    clock_ms: int
    app: str
    """The app that actions are meant for."""
    telemetry: str
    """How apps report: ``as-found`` or ``aggregate``."""
    network: str
    """What the phone is connected to: ``WIFI``, ``5G`` to ``2G``, ``NULL`` for nothing."""
    resets: dict[str, int]
    """How often each reset was done to the phone: counters that are invented, so that a reset can be seen."""
    sdk: str
    """The generation of the SDK inside them: ``era``, ``now`` or ``encrypted``."""
    channels: str
    """Where to: ``sensors`` alone, ``apps``: MiStat too, or ``all``: the system's own analytics too."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one visit, search or other action."""

    at_ns: int
    """Real time at which the page was there, or failed: nanoseconds since 1970."""
    happened: bool
    """The page loaded, with status 200; or the action needed no network."""
    status: int | None
    """None if no answer came, or none was asked for."""
    mode: str
    """The window it happened in."""


class Phone:
    """A running phone; a context manager that turns it off. Every action returns what was observed.

    Raises:
        LabError: From any action that makes no sense in the phone's state, or if its process is gone.
    """

    def __init__(self, process: "subprocess.Popen[str]", setup: Mapping[str, Any]) -> None:
        self._process = process
        self.identity = Identity(**self._exchange(setup))

    @property
    def pid(self) -> int:
        """Process id, for tests that pull the battery."""
        return self._process.pid

    def install(self, version: str, app: str = "mint-browser") -> Screen:
        """Install an app, or another version over it (older ones too); its data stay, its process ends.

        Everything done afterwards is done to this app, until another one is launched or installed.
        """
        return self._act("install", version=version, app=app)

    def clear_data(self) -> Screen:
        """Clear the app's data: a new installation. ANDROID_ID and the phone's account stay."""
        return self._act("clear_data")

    def reinstall(self) -> Screen:
        """Uninstall the app and install the same version again. ANDROID_ID and the phone's account stay."""
        return self._act("reinstall")

    def restart(self) -> Screen:
        """Switch the phone off and on; every app's process ends, what is stored stays."""
        return self._act("restart")

    def reset_advertising_id(self) -> Identity:
        """Reset the advertising id in the settings, which changes nothing else."""
        self.identity = Identity(**self._ask("reset_advertising_id"))
        return self.identity

    def factory_reset(self) -> Identity:
        """Delete apps, data and account; ANDROID_ID and advertising id are new ones, IMEI and serial stay."""
        self.identity = Identity(**self._ask("factory_reset"))
        return self.identity

    def use_space(self, name: str) -> Screen:
        """Go to another space, with apps' data of its own; a new name opens an empty one; all apps end.

        ANDROID_ID, account and settings are the phone's, in all spaces.
        """
        return self._act("use_space", name=name)

    def set_telemetry(self, telemetry: str) -> Screen:
        """How all apps report: ``as-found`` in 2020, or ``aggregate``, as the vendor said; they end."""
        return self._act("set_telemetry", telemetry=telemetry)

    def set_sdk(self, sdk: str) -> Screen:
        """The generation of the SDK in all apps: ``era`` (2020), ``now`` or ``encrypted``; they end."""
        return self._act("set_sdk", sdk=sdk)

    def set_network(self, network: str) -> Screen:
        """Connect the phone to ``WIFI``, ``5G``, ``4G``, ``3G``, ``2G``, or to nothing, ``NULL``."""
        return self._act("set_network", network=network)

    def set_channels(self, channels: str) -> Screen:
        """Which of the vendor's channels the phone has: ``sensors``, ``apps`` or ``all``; its apps end."""
        return self._act("set_channels", channels=channels)

    def launch(self, app: str | None = None) -> Screen:
        """Start the app in the normal window, or bring it back; another one goes to the background."""
        return self._act("launch", app=app)

    def set_consent(self, answer: str) -> Screen:
        """Answer the question of the first start: ``given``, ``withdrawn``; ``none`` leaves it unanswered."""
        return self._act("set_consent", answer=answer)

    def set_incognito(self, on: bool) -> Screen:
        """Go to the private or the normal window."""
        return self._act("set_incognito", on=on)

    def set_switch(self, position: str) -> Screen:
        """Move the switch to ``on`` or ``off``; 3.4.0 has none."""
        return self._act("set_switch", position=position)

    def visit(self, url: str) -> Observation:
        """Load a page in the current window."""
        return Observation(**self._ask("visit", url=url))

    def search(self, words: str, engine: str | None = None) -> Observation:
        """Type *words* on the home page and load the result page; by default of the default engine."""
        return Observation(**self._ask("search", words=words, engine=engine))

    def use(self, action: str, text: str) -> Observation:
        """Do one of the things that the running app offers: ``play`` a song, ``open-folder``, ..."""
        return Observation(**self._ask("use", action=action, text=text))

    def sign_in(self, account: str) -> Screen:
        """Sign in to a Mi account in the phone's settings."""
        return self._act("sign_in", account=account)

    def sign_out(self) -> Screen:
        """Sign out of the Mi account."""
        return self._act("sign_out")

    def background(self) -> Screen:
        """Go to the home screen; 30 s later the app's session is over."""
        return self._act("background")

    def kill(self) -> Screen:
        """End the app's process, if it runs; what it has not sent waits for the next launch."""
        return self._act("kill")

    def advance(self, seconds: float) -> Screen:
        """Let time pass on the phone's clock, and run what falls due."""
        return self._act("advance", seconds=seconds)

    def set_clock(self, epoch_ms: int) -> Screen:
        """Set the phone's clock to another day."""
        return self._act("set_clock", epoch_ms=epoch_ms)

    def badge(self) -> dict[str, str]:
        """The running app's real version, mode, switch (``on``, ``off``, ``absent``) and consent."""
        badge: dict[str, str] = self._ask("badge")
        return badge

    def close(self) -> None:
        """Turn the phone off; its state stays in its folder."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            with suppress(BrokenPipeError):  # it is gone already
                self._process.stdin.close()
        try:
            self._process.wait(CLOSE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _act(self, do: str, /, **arguments: Any) -> Screen:
        return Screen(**self._ask(do, **arguments))

    def _ask(self, do: str, /, **arguments: Any) -> Any:
        return self._exchange({"do": do, "with": arguments})

    def _exchange(self, message: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except (BrokenPipeError, ValueError):
            line = ""
        if not line:
            raise LabError("the phone's process has ended; start a phone again with the same state_dir")
        answer = json.loads(line)
        if "error" in answer:
            raise LabError(answer["error"])
        return answer["ok"]


def start_phone(
    profile: str = "redmi-note-8",
    *,
    proxy: str,
    ca_file: Path,
    state_dir: Path,
    ledger: Path,
    seed: int | None = None,
    start_ms: int,
    mutations: Sequence[Change] = (),
) -> Phone:
    """Start a phone as a process of its own.

    Args:
        profile: Which model, a name in the lab's profiles.
        proxy: ``http://host:port`` on loopback: its only way to the world.
        ca_file: The one certificate authority it trusts (PEM).
        state_dir: Its storage; given again, the same phone starts with what it kept.
        ledger: Where it writes what it really sends (appended).
        seed: Makes its ids repeatable; None draws them from the operating system.
        start_ms: Its clock at the start, milliseconds since 1970.
        mutations: Cells in which it behaves otherwise than found, leaks, defects of aggregated telemetry.

    Raises:
        LabError: If the phone cannot start with these.
    """
    _check_loopback(proxy)
    setup = {
        "profile": profile,
        "proxy": proxy,
        "ca_file": str(ca_file),
        "state_dir": str(state_dir),
        "ledger": str(ledger),
        "seed": seed,
        "start_ms": start_ms,
        "mutations": [
            {"where": dict(item.where), "sends": item.sends}
            for item in mutations
            if isinstance(item, Mutation)
        ],
        "leaks": [
            {"name": item.name, "where": dict(item.where)} for item in mutations if isinstance(item, Leak)
        ],
        "defects": [item for item in mutations if isinstance(item, Defect)],
    }
    # A session of its own: Ctrl-C in a terminal reaches the one who drives the phone, who then turns it off.
    process = subprocess.Popen(
        [sys.executable, "-m", "hometruth.lab.phones"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="ascii",
        start_new_session=True,
    )
    try:
        return Phone(process, setup)
    except BaseException:  # an interruption too: it would outlive the folder that it writes to
        process.kill()
        process.communicate()
        raise


def last_clock_ms(state_dir: Path) -> int | None:
    """What the phone's clock showed when it was last switched off; None if it never was."""
    shown: int | None = Preferences(state_dir / "phone.json").get("clock_ms")
    return shown


def _check_loopback(proxy: str) -> None:
    where = urlsplit(proxy)
    try:
        local = where.scheme == "http" and where.port and ip_address(where.hostname or "").is_loopback
    except ValueError:
        local = False
    if not local:
        raise LabError(
            f"proxy {proxy!r}: a simulated phone uses http://ADDRESS:PORT on loopback and nothing else"
        )
