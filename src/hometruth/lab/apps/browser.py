"""One running process of Mint Browser: what a person does in it, and what it records."""

import time
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Protocol
from urllib.parse import quote, quote_plus, urlsplit

from hometruth.errors import LabError
from hometruth.lab.android.clock import Clock, Timer
from hometruth.lab.android.network import NetworkError, Reply
from hometruth.lab.android.profiles import Profile
from hometruth.lab.apps import mint_browser as mint
from hometruth.lab.apps.anonymous_id import anonymous_id_at_start
from hometruth.lab.apps.behaviour import Cell, Mutation, sends_in
from hometruth.lab.sdk.analytics import Analytics, Answer, Undelivered
from hometruth.lab.sdk.queue import EventQueue

PAGE_LOAD_MS = 400
"""How long a page takes on the phone's clock. Invented."""
SESSION_GAP_MS = 30_000
"""Time in the background after which a session is over: the SDK's default."""
URL_CHARACTERS = "%/:?#[]@!$&'()*+,;=~"
"""Left as they are in an address; anything else is percent-encoded, as a browser does."""


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
    """What the phone gives to an app: its own facts, clock, randomness, network and storage."""

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


@dataclass(frozen=True, slots=True)
class Load:
    """How one page load went."""

    at_ns: int
    """Real time at which it ended."""
    status: int | None
    """None if no answer came."""


class MintBrowser:
    """The process of the app from launch to kill; what it stores outlives it."""

    def __init__(self, version: str, phone: Surroundings) -> None:
        self._version = version
        self._phone = phone
        self._incognito = False
        self._session_end: Timer | None = None
        self._session_over = False
        self._queue = EventQueue(phone.data_dir / "sensorsdata.sqlite")
        self._sdk: Analytics | None = None
        # What an earlier process left unsent leaves with the next one, whatever the answer is by then.
        if self.cell.consent == "given" or len(self._queue):
            self._started_sdk()
            self.sync_account()

    @property
    def cell(self) -> Cell:
        """The real state of the app."""
        stored = self._phone.preferences
        absent = self._version in mint.VERSIONS_WITHOUT_SWITCH
        return mint.cell_of(
            self._version,
            "incognito" if self._incognito else "normal",
            "absent" if absent else stored.get("enhanced_incognito", mint.SWITCH_DEFAULT),
            stored.get("consent", mint.CONSENT_DEFAULT),
        )

    @property
    def is_session_over(self) -> bool:
        """True once the app was in the background for longer than the session gap."""
        return self._session_over

    def set_incognito(self, on: bool) -> None:
        """Switch between the private and the normal window."""
        self._incognito = on
        self.sync_account()

    def set_switch(self, position: str) -> None:
        """Move the switch Enhanced Incognito Mode."""
        if self._version in mint.VERSIONS_WITHOUT_SWITCH:
            raise LabError(f"Mint Browser {self._version} has no switch; install 3.4.3")
        if position not in {"on", "off"}:
            raise LabError(f"the switch can be 'on' or 'off', not {position!r}")
        self._phone.preferences["enhanced_incognito"] = position
        self.sync_account()

    def set_consent(self, answer: str) -> None:
        """Answer the question of the first start, or withdraw the answer in the settings."""
        before = self.cell.consent
        if answer == "none" and before != "none":
            raise LabError(f"consent is {before!r}; only clearing the app's data brings the question back")
        if answer not in {"none", "given", "withdrawn"}:
            raise LabError(f"consent can be 'given', 'withdrawn' or 'none', not {answer!r}")
        self._phone.preferences["consent"] = answer
        if answer == "given":
            self._started_sdk()
            self.sync_account()
        elif answer == "withdrawn":
            self._started_sdk().discard()

    def visit(self, url: str) -> Load:
        """Load a page."""
        if not _is_web_address(url):
            raise LabError(f"{url!r} is not a web address; write https://host/path (host in ASCII)")
        address = quote(url, safe=URL_CHARACTERS)
        self._record(mint.PAGE_START, address)
        status = self._load(address)
        at_ns = time.time_ns()
        self._phone.clock.advance(PAGE_LOAD_MS)
        if status is not None:
            self._record(mint.PAGE_FINISH, address)
        return Load(at_ns, status)

    def search(self, words: str, engine: str) -> Load:
        """Type a query on the home page and load the engine's result page."""
        host = mint.ENGINES.get(engine)
        if host is None:
            raise LabError(f"no search engine {engine!r}; choose from {', '.join(mint.ENGINES)}")
        self._record(mint.SEARCH, engine, mint.SEARCH_POSITION, mint.SEARCH_METHOD, words)
        return self.visit(f"https://{host}/search?q={quote_plus(words)}")

    def sync_account(self) -> None:
        """Tell the SDK who is signed in on the phone, where the app sends at all."""
        account = self._phone.account()
        if account is None:
            if self._sdk is not None:
                self._sdk.logout()
        elif self._sends():
            self._started_sdk().login(account)

    def background(self) -> None:
        """Leave the screen; the session ends when the gap has passed."""
        if self._session_end is None:
            self._session_end = self._phone.clock.call_after(SESSION_GAP_MS, self._end_session)

    def foreground(self) -> None:
        """Come back to the screen."""
        if self._session_end is not None:
            self._session_end.cancel()
            self._session_end = None
        self._session_over = False

    def kill(self) -> None:
        """End the process at once: timers are gone, the queue stays on disk."""
        self.foreground()
        if self._sdk is not None:
            self._sdk.stop()
        self._queue.close()

    def _end_session(self) -> None:
        self._session_over = True
        if self._sdk is not None:
            self._sdk.flush()

    def _sends(self) -> bool:
        return sends_in(self.cell, mint.RULES, self._phone.mutations)

    def _record(self, kind: mint.EventKind, *values: str) -> None:
        if self._sends():
            self.sync_account()
            self._started_sdk().track(kind.name, dict(zip(kind.parameters, values, strict=True)))

    def _load(self, url: str) -> int | None:
        host = urlsplit(url).netloc.rpartition("@")[2]
        profile = self._phone.profile
        language = f"{profile.language}-{profile.region},{profile.language};q=0.9"
        headers = [
            ("Host", host),
            ("Connection", "keep-alive"),
            ("Upgrade-Insecure-Requests", "1"),
            ("User-Agent", profile.browser_user_agent(f"XiaoMi/Mint Browser/{self._version}")),
            ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"),
            ("Accept-Encoding", "gzip, deflate"),
            ("Accept-Language", language),
        ]
        try:
            return self._phone.web("GET", url, headers).status
        except NetworkError:
            return None

    def _upload(self, url: str, body: bytes, events: Sequence[dict[str, Any]]) -> Answer:
        headers = [
            ("Host", urlsplit(url).netloc),
            ("Content-Length", str(len(body))),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("User-Agent", self._phone.profile.dalvik_user_agent),
            ("Connection", "Keep-Alive"),
            ("Accept-Encoding", "gzip"),
        ]
        try:
            reply = self._phone.web("POST", url, headers, body, events)
        except NetworkError as err:
            raise Undelivered from err
        return Answer(reply.status, reply.location)

    def _started_sdk(self) -> Analytics:
        """The SDK, initialised on first use as the app does it."""
        if self._sdk is None:
            phone, profile = self._phone, self._phone.profile
            token = anonymous_id_at_start(phone.preferences, phone.clock.now_ms, phone.rng)
            path = mint.TELEMETRY_PATH.format(region=profile.region)
            self._sdk = Analytics(
                server_url=f"https://{mint.TELEMETRY_HOST}{path}",
                queue=self._queue,
                preferences=phone.sdk_preferences,
                presets=self._presets(),
                clock=phone.clock,
                rng=phone.rng,
                upload=self._upload,
                on_record=lambda event: phone.on_record(event, self.cell),
            )
            self._sdk.identify(token)
            values = (token, 1, "AndroidApp", profile.miui_version, profile.region, profile.language)
            names = mint.SUPER_PROPERTIES.parameters
            self._sdk.register_super_properties(dict(zip(names, values, strict=True)))
        return self._sdk

    def _presets(self) -> dict[str, Any]:
        profile = self._phone.profile
        return {
            "$os": "Android",
            "$os_version": profile.android_version,
            "$manufacturer": profile.manufacturer,
            "$model": profile.model,
            "$screen_width": profile.screen_width,
            "$screen_height": profile.screen_height,
            "$app_version": self._version,
            "$carrier": profile.carrier,
            "$device_id": self._phone.android_id,
            "$wifi": True,
            "$network_type": "WIFI",
        }


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0  # raises if it is not a number, or too large
    except ValueError:
        return False
    host_is_plain = parts.netloc.isascii() and not set(parts.netloc) & set(" %\\")
    return bool(
        parts.scheme in {"http", "https"}
        and parts.hostname
        and has_port
        and host_is_plain
        and url.isprintable()
    )
