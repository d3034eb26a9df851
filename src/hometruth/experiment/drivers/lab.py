"""The lab's simulated phone as a subject: through the lab's public way to act on it, never its ledger."""

import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from math import log2
from pathlib import Path
from types import MappingProxyType

from hometruth.errors import LabError
from hometruth.experiment.drivers.resets import (
    ASKS_AGAIN,
    FACTORY_RESET,
    NO_RESET,
    level_between,
    reset,
    shown,
)
from hometruth.experiment.planned import PlannedSession
from hometruth.lab import PROFILES, VENDOR_HOSTS, Change, Phone, serving_pages, start_collector, start_phone
from hometruth.model import ActionRecord, Attestation, Canary, CanaryKind, Condition, Subject

START_MS = 1_588_550_400_000
"""2020-05-04 00:00 UTC, the day version 3.4.3 came out: where each installation's clock starts."""
DAY_MS = 86_400_000
FLUSH_S = 20.0
"""Longer than the SDK's flush interval of 15 s."""
CLOCK_TOLERANCE_MS = 3_600_000
"""A session starts on its day, within the hour."""
ACCOUNT_BYTES = 8
UUID_BITS = 122.0
"""Random bits of a UUID of version 4."""
REPORT_S = 8 * 86_400.0
"""Long enough for one weekly report of the aggregated telemetry, and too short for two."""
DEFAULT_APP, DEFAULT_TELEMETRY = "mint-browser", "as-found"
DEFAULT_SDK, DEFAULT_CHANNELS = "era", "sensors"
_SITE = "https://{canary}.sites.example/story/{canary}"
_TEXTS: Mapping[str, str] = {
    **dict.fromkeys(("visit", "reader-mode", "share-page", "add-quick-dial", "open-quick-dial"), _SITE),
    "visit-adult": "https://{canary}.adult.example/",
    "download": "https://files.sites.example/{canary}.pdf",
}
"""What is entered on the phone for an action of a plan; for all others, the canary itself."""
_USED_AS: Mapping[str, str] = dict.fromkeys(("visit-adult", "visit-address", "open-decoy"), "visit")
"""What an action of a plan is on the phone, where it has another name there."""
DECOY = "https://decoy.canary.example/"
"""The page that both halves of a pair load once."""
_BY = "the phone's own screen"


class LabDriver:
    """Drives simulated phones, installation by installation.

    Args:
        devices: Phones that the plan needs; the subject's own by default.
        folder: Where the simulated vendor and phone keep what is theirs: database, storage, ledger.
        mutations: Cells in which the phone is made to differ from what is known of it (tests).
        pages: Sites of others, HTML by host, beside the canaries' own.
    """

    def __init__(
        self,
        subject: Subject,
        folder: Path,
        *,
        devices: Sequence[str] = (),
        mutations: Sequence[Change] = (),
        pages: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._subject = subject
        self._devices = tuple(devices) or (subject.device,)
        self._folder = folder
        self._mutations = tuple(mutations)
        self._pages = pages
        self._stack = ExitStack()
        self._phones: dict[str, Phone] = {}
        self._session: PlannedSession | None = None
        self._reset: str | None = NO_RESET
        """What was done to the phone before this session, as its screen shows it."""
        self._resets: Mapping[str, int] = {}
        """How often each was done by then."""
        self._clocks: dict[str, int | None] = {}
        """Installations that are set up, each in a space of its own, and what the clock showed when it was
        left: None in its first session. One whose set-up broke off is not among them."""
        self._account = f"synthetic-{secrets.token_hex(ACCOUNT_BYTES)}"

    def routes(self) -> Mapping[str, str]:
        """Start the vendor's collector; the recorder hands the vendor's host names over to it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        collector = self._stack.enter_context(start_collector(self._folder / "collector.db"))
        pages_url = self._stack.enter_context(serving_pages(self._pages))
        return {**dict.fromkeys(VENDOR_HOSTS, collector.url), **dict.fromkeys(self._pages, pages_url)}

    def connect(self, proxy_url: str, ca_file: Path) -> tuple[Canary, ...]:
        """Switch the phones on; what can be read in their settings becomes known canaries."""
        known: list[Canary] = []
        for device in self._devices:
            # The subject's own phone keeps the plain names, of its files and of its canaries.
            mark = "" if device == self._subject.device else f"-{device}"
            phone = self._stack.enter_context(
                start_phone(
                    device,
                    proxy=proxy_url,
                    ca_file=ca_file,
                    state_dir=self._folder / f"phone{mark}",
                    ledger=self._folder / f"ledger{mark}.jsonl",
                    seed=None,
                    start_ms=START_MS,
                    mutations=self._mutations,
                )
            )
            self._phones[device] = phone
            known += _known(phone, mark)
        account = Canary(
            "account", CanaryKind.ACCOUNT, self._account, bits=8.0 * ACCOUNT_BYTES, personal=True
        )
        return (*known, account)

    def prepare(self, session: PlannedSession) -> tuple[Attestation, ...]:
        """Install, set the clock, open the browser, answer its consent page, choose mode and switch."""
        phone, condition = self._ready(session), session.trial.condition
        name, day = session.trial.installation, session.trial.subject_day or 0
        self._leave()
        self._session = session
        is_new, left_ms = name not in self._clocks, self._clocks.get(name)
        # Before its space is opened: jobs that wait there fall due by the time of their own installation.
        phone.set_clock(START_MS + int(day * DAY_MS) if day or left_ms is None else left_ms)
        phone.use_space(name)
        if is_new:
            _equip(phone, condition)
        phone.launch()
        if is_new:
            _set_up(phone, session, self._account)
            self._clocks[name] = None
        self._reset_first(phone, session)
        switch = condition.get("switch")
        if switch and switch != "absent":
            phone.set_switch(switch)
        phone.set_incognito(condition.get("mode") == "incognito")
        return self._attest(session)

    def _leave(self) -> None:
        """End the app of the last session, which goes on if that broke off, and note what the clock shows."""
        if self._session is not None:
            screen, left = self._ready().kill(), self._session.trial.installation
            if left in self._clocks:
                self._clocks[left] = screen.clock_ms

    def _reset_first(self, phone: Phone, session: PlannedSession) -> None:
        """Do the reset that the condition asks for, and set the app up again where it forgot everything."""
        level = session.trial.condition.get("reset") or NO_RESET
        before = shown(phone)
        if level != NO_RESET:
            self._clocks.pop(session.trial.installation, None)  # until it is set up again
            reset(phone, level)
            if level == FACTORY_RESET:
                _equip(phone, session.trial.condition, clear=False)
            phone.launch()
        after = shown(phone)
        self._reset, self._resets = level_between(before, after), after.counts
        if level in ASKS_AGAIN:
            _set_up(phone, session, self._account)
        self._clocks.setdefault(session.trial.installation, None)

    def act(self, action: str, canary: Canary | None) -> ActionRecord:
        """Do it with the canary: visit its own site, search for it, play it, touch it."""
        at_ns = time.time_ns()
        seen = self._ready().use(_USED_AS.get(action, action), _text(action, canary))
        planted = None if canary is None else canary.id
        return ActionRecord(action, planted, at_ns, seen.happened, f"mode {seen.mode}")

    def wait(self, seconds: float) -> None:
        """Let time pass on the phone's clock."""
        self._ready().advance(seconds)

    def settle(self) -> tuple[Attestation, ...]:
        """Wait on the phone's clock, leave the app, kill it, start it again so that its queue drains."""
        phone = self._ready()
        assert self._session is not None
        attested = self._attest(self._session)
        is_found = phone.advance(0).telemetry == DEFAULT_TELEMETRY
        phone.advance(FLUSH_S if is_found else REPORT_S)
        phone.background()
        phone.advance(FLUSH_S)
        phone.kill()
        phone.launch()
        phone.advance(FLUSH_S)
        phone.kill()
        return attested

    def close(self) -> None:
        """Switch the phone off and stop the collector."""
        self._stack.close()

    def _ready(self, session: PlannedSession | None = None) -> Phone:
        """The phone of a session, or of the one that is under way."""
        current = session or self._session
        device = current.trial.device if current is not None else self._subject.device
        if device not in self._phones:
            raise LabError(f"the simulated phone {device!r} is not connected to a recorder yet")
        return self._phones[device]

    def _attest(self, session: PlannedSession) -> tuple[Attestation, ...]:
        """Read every level off the phone's own screen; what it does not show is not attested."""
        self._session = session
        phone, condition = self._ready(), session.trial.condition
        told = [Attestation(factor, level, _BY) for factor, level in phone.badge().items()]
        screen = phone.advance(0)
        account = "signed-in" if screen.account == self._account else "none"
        told.append(Attestation("account", account, _BY))
        for factor, level in (
            ("app", screen.app),
            ("telemetry", screen.telemetry),
            ("sdk", screen.sdk),
            ("channels", screen.channels),
        ):
            if condition.get(factor):
                told.append(Attestation(factor, level, _BY))
        if condition.get("device"):
            model = phone.identity.model
            told += [Attestation("device", name, _BY) for name in PROFILES if PROFILES[name].model == model]
        if condition.get("reset") and self._reset is not None and dict(screen.resets) == self._resets:
            told.append(Attestation("reset", self._reset, f"{_BY}: ids, question of consent, counters"))
        due_ms = START_MS + (session.trial.subject_day or 0) * DAY_MS
        if (gaps := condition.get("gaps")) and abs(screen.clock_ms - due_ms) < CLOCK_TOLERANCE_MS:
            told.append(Attestation("gaps", gaps, "the day of this start, read off the phone's clock"))
        return tuple(told)


def _text(action: str, canary: Canary | None) -> str:
    """What is entered on the phone."""
    if canary is None:
        return DECOY
    return canary.address or _TEXTS.get(action, "{canary}").format(canary=canary.value)


def _known(phone: Phone, mark: str) -> list[Canary]:
    """What can be read in a phone's settings."""
    readable = phone.identity
    hardware = {
        "android-id": (readable.android_id, 4.0 * len(readable.android_id)),
        "advertising-id": (readable.advertising_id, UUID_BITS),
        "imei": (readable.imei, log2(10) * len(readable.imei)),
        "serial": (readable.serial, 5.0 * len(readable.serial)),
    }
    return [
        Canary(f"{name}{mark}", CanaryKind.DEVICE_ID, value, bits, personal=True)
        for name, (value, bits) in hardware.items()
    ]


def _equip(phone: Phone, condition: Condition, *, clear: bool = True) -> None:
    """Channels, telemetry, SDK and app as the condition asks for; a new installation of the app."""
    wanted = {
        "channels": condition.get("channels") or DEFAULT_CHANNELS,
        "telemetry": condition.get("telemetry") or DEFAULT_TELEMETRY,
        "sdk": condition.get("sdk") or DEFAULT_SDK,
    }
    screen = phone.advance(0)
    if screen.channels != wanted["channels"]:
        phone.set_channels(wanted["channels"])
    if screen.telemetry != wanted["telemetry"]:
        phone.set_telemetry(wanted["telemetry"])
    if screen.sdk != wanted["sdk"]:
        phone.set_sdk(wanted["sdk"])
    if clear:
        phone.clear_data()  # of the app used before: it must not report during this session
    phone.install(condition.get("version") or "", condition.get("app") or DEFAULT_APP)
    if clear:
        phone.clear_data()


def _set_up(phone: Phone, session: PlannedSession, account: str) -> None:
    """What a person does once, after installing: sign in to the phone or out, answer the consent page."""
    if session.trial.condition.get("account") == "signed-in":
        phone.sign_in(account)
    else:
        phone.sign_out()
    consent = session.trial.condition.get("consent")
    if consent == "given":
        phone.set_consent("given")
    elif consent == "withdrawn":
        # What left while consent was given would stand in a session that is without it.
        phone.set_network("NULL")
        phone.set_consent("given")
        phone.set_network("WIFI")
        phone.set_consent("withdrawn")
