"""The lab's simulated phone as a subject: through the lab's public way to act on it, never its ledger."""

import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from math import log2
from pathlib import Path

from hometruth.errors import LabError
from hometruth.experiment.planned import Session
from hometruth.lab import VENDOR_HOSTS, Defect, Mutation, Phone, start_collector, start_phone
from hometruth.model import ActionRecord, Attestation, Canary, CanaryKind, Subject

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
    """Drives one simulated phone, installation by installation.

    Args:
        folder: Where the simulated vendor and phone keep what is theirs: database, storage, ledger.
        mutations: Cells in which the phone is made to differ from what is known of it (tests).
    """

    def __init__(
        self, subject: Subject, folder: Path, *, mutations: Sequence[Mutation | Defect] = ()
    ) -> None:
        self._subject = subject
        self._folder = folder
        self._mutations = tuple(mutations)
        self._stack = ExitStack()
        self._phone: Phone | None = None
        self._session: Session | None = None
        self._has = DEFAULT_TELEMETRY
        self._sdk = DEFAULT_SDK
        self._channels = DEFAULT_CHANNELS
        self._installation: str | None = None
        """What the phone holds now, once it is set up: None after a set-up that broke off."""
        self._account = f"synthetic-{secrets.token_hex(ACCOUNT_BYTES)}"

    def routes(self) -> Mapping[str, str]:
        """Start the vendor's collector; the recorder hands the vendor's host names over to it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        collector = self._stack.enter_context(start_collector(self._folder / "collector.db"))
        return dict.fromkeys(VENDOR_HOSTS, collector.url)

    def connect(self, proxy_url: str, ca_file: Path) -> tuple[Canary, ...]:
        """Switch the phone on; what can be read in its settings becomes known canaries."""
        self._phone = self._stack.enter_context(
            start_phone(
                self._subject.device,
                proxy=proxy_url,
                ca_file=ca_file,
                state_dir=self._folder / "phone",
                ledger=self._folder / "ledger.jsonl",
                seed=None,
                start_ms=START_MS,
                mutations=self._mutations,
            )
        )
        readable = self._phone.identity
        hardware = {
            "android-id": (readable.android_id, 4.0 * len(readable.android_id)),
            "advertising-id": (readable.advertising_id, UUID_BITS),
            "imei": (readable.imei, log2(10) * len(readable.imei)),
            "serial": (readable.serial, 5.0 * len(readable.serial)),
        }
        return (
            *(
                Canary(name, CanaryKind.DEVICE_ID, value, bits, personal=True)
                for name, (value, bits) in hardware.items()
            ),
            Canary("account", CanaryKind.ACCOUNT, self._account, bits=8.0 * ACCOUNT_BYTES, personal=True),
        )

    def prepare(self, session: Session) -> tuple[Attestation, ...]:
        """Install, set the clock, open the browser, answer its consent page, choose mode and switch."""
        phone, condition = self._ready(), session.trial.condition
        now_ms = START_MS + int((session.trial.subject_day or 0) * DAY_MS)
        phone.kill()  # a session that broke off left the app running
        is_new = session.trial.installation != self._installation
        if is_new:
            self._installation = None
            self._choose_channels(phone, condition.get("channels") or DEFAULT_CHANNELS)
            self._choose_telemetry(phone, condition.get("telemetry") or DEFAULT_TELEMETRY)
            self._choose_sdk(phone, condition.get("sdk") or DEFAULT_SDK)
            phone.clear_data()  # of the app used before: it must not report during this session
            phone.install(condition.get("version") or "", condition.get("app") or DEFAULT_APP)
            phone.clear_data()
        if is_new or session.trial.subject_day:
            phone.set_clock(now_ms)
        phone.launch()
        if is_new:
            _set_up(phone, session, self._account)
            self._installation = session.trial.installation
        switch = condition.get("switch")
        if switch and switch != "absent":
            phone.set_switch(switch)
        phone.set_incognito(condition.get("mode") == "incognito")
        return self._attest(session)

    def act(self, action: str, canary: Canary | None) -> ActionRecord:
        """Do it with the canary: visit its own site, search for it, play it, touch it."""
        seen = self._ready().use(_USED_AS.get(action, action), _text(action, canary))
        planted = None if canary is None else canary.id
        return ActionRecord(action, planted, time.time_ns(), seen.happened, f"mode {seen.mode}")

    def wait(self, seconds: float) -> None:
        """Let time pass on the phone's clock."""
        self._ready().advance(seconds)

    def settle(self) -> tuple[Attestation, ...]:
        """Wait on the phone's clock, leave the app, kill it, start it again so that its queue drains."""
        phone = self._ready()
        assert self._session is not None
        attested = self._attest(self._session)
        phone.advance(FLUSH_S if self._has == DEFAULT_TELEMETRY else REPORT_S)
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

    def _ready(self) -> Phone:
        if self._phone is None:
            raise LabError("the simulated phone is not connected to a recorder yet")
        return self._phone

    def _choose_telemetry(self, phone: Phone, telemetry: str) -> None:
        """Have the apps report in the way that the condition asks for."""
        if telemetry != self._has:
            phone.set_telemetry(telemetry)
            self._has = telemetry

    def _choose_sdk(self, phone: Phone, sdk: str) -> None:
        """Have the apps carry the generation of the SDK that the condition asks for."""
        if sdk != self._sdk:
            phone.set_sdk(sdk)
            self._sdk = sdk

    def _choose_channels(self, phone: Phone, channels: str) -> None:
        """Give the phone the channels that the condition asks for."""
        if channels != self._channels:
            phone.set_channels(channels)
            self._channels = channels

    def _attest(self, session: Session) -> tuple[Attestation, ...]:
        """Read every level off the phone's own screen; what it does not show is not attested."""
        self._session = session
        phone, condition = self._ready(), session.trial.condition
        shown = [Attestation(factor, level, _BY) for factor, level in phone.badge().items()]
        screen = phone.advance(0)
        account = "signed-in" if screen.account == self._account else "none"
        shown.append(Attestation("account", account, _BY))
        for factor, level in (
            ("app", screen.app),
            ("telemetry", screen.telemetry),
            ("sdk", screen.sdk),
            ("channels", screen.channels),
        ):
            if condition.get(factor):
                shown.append(Attestation(factor, level, _BY))
        due_ms = START_MS + (session.trial.subject_day or 0) * DAY_MS
        if (gaps := condition.get("gaps")) and abs(screen.clock_ms - due_ms) < CLOCK_TOLERANCE_MS:
            shown.append(Attestation("gaps", gaps, "the day of this start, read off the phone's clock"))
        return tuple(shown)


def _text(action: str, canary: Canary | None) -> str:
    """What is entered on the phone."""
    if canary is None:
        return DECOY
    return canary.address or _TEXTS.get(action, "{canary}").format(canary=canary.value)


def _set_up(phone: Phone, session: Session, account: str) -> None:
    """What a person does once, after installing: sign in to the phone or out, answer the consent page."""
    if session.trial.condition.get("account") == "signed-in":
        phone.sign_in(account)
    else:
        phone.sign_out()
    consent = session.trial.condition.get("consent")
    if consent in ("given", "withdrawn"):
        phone.set_consent("given")
    if consent == "withdrawn":
        phone.set_consent("withdrawn")
