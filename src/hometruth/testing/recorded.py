"""What one test planted and recorded, and what it may assert of that."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import msgspec

from hometruth.audit.crew import Crew
from hometruth.audit.gate import Gatekeeper
from hometruth.audit.scanner import Scanner
from hometruth.canaries import mint
from hometruth.canaries.bits import bits_of
from hometruth.capture.proxy import Recorder, Sinkhole
from hometruth.capture.proxy.authority import key_pin
from hometruth.errors import CanaryError, CaptureError
from hometruth.forms import SHORTEST_VALUE
from hometruth.model import (
    Canary,
    CanaryKind,
    Exchange,
    Gap,
    Gated,
    Obstacle,
    ObstacleKind,
    Ruling,
    Transfer,
)
from hometruth.policy import Policy
from hometruth.policy.load import Permission, goes_to
from hometruth.report.gate_text import sentence
from hometruth.testing.told import exchange_text, transfer_text

SETTLE_S = 2.0
"""How long what is under way may take to end before it counts as not seen."""
POLL_S = 0.02
N_PHANTOMS = 50
"""Fewer than of a scan: every assertion searches anew."""
NOT_OURS = frozenset({ObstacleKind.NO_CONTROL, ObstacleKind.ATTEMPT, ObstacleKind.WEAK, ObstacleKind.EXPIRED})
"""Reasons not to pass that an assertion judges by itself, or that are about the policy."""

Hosts = str | Iterable[str]


class PlantedValue(str):
    """The value of a canary: a text like any other, to type, send and compare."""

    __slots__ = ("canary",)
    canary: Canary

    @classmethod
    def of(cls, canary: Canary) -> Self:
        """The value, which knows whose it is."""
        value = cls(canary.value)
        value.canary = canary
        return value


@dataclass(frozen=True, slots=True)
class ProxySetting:
    """How a recorder deals with hosts."""

    routes: tuple[tuple[str, str], ...] = ()
    sinkhole: bool = False
    upstream_ca: str | None = None

    @classmethod
    def of(cls, routes: Iterable[str], *, sinkhole: bool, upstream_ca: str | None = None) -> Self:
        """From lines ``HOST = URL``.

        Raises:
            CaptureError: A line is none.
        """
        pairs = []
        for line in routes:
            host, equals, url = (part.strip() for part in line.partition("="))
            if not (host and equals and url):
                raise CaptureError(f"hometruth_routes: {line!r} is not HOST = URL")
            pairs.append((host, url))
        return cls(tuple(pairs), sinkhole, upstream_ca)

    def recorder(self, flow_file: Path, on_exchange: Callable[[Exchange], None]) -> Recorder:
        """A recorder that is not running yet."""
        routes = dict(self.routes)
        # Zones name what is answered here; hosts that are routed are answered here in any case.
        zones = () if self.sinkhole else tuple(routes)
        return Recorder(
            flow_file,
            sinkhole=Sinkhole(routes, zones=zones) if routes or self.sinkhole else None,
            upstream_ca=Path(self.upstream_ca) if self.upstream_ca else None,
            on_exchange=on_exchange,
        )


class SharedRecorder:
    """The recorder of a process, which tests use one after the other; started when one needs it."""

    def __init__(self, folder: Path, usual: ProxySetting) -> None:
        self.usual = usual
        self.exchanges: list[Exchange] = []
        self._folder = folder
        self._running: tuple[ProxySetting, Recorder] | None = None
        self._n_started = 0

    def started(self, setting: ProxySetting) -> Recorder:
        """A recorder with this setting, running."""
        if self._running and self._running[0] == setting:
            return self._running[1]
        self.close()
        self._n_started += 1
        recorder = setting.recorder(self._folder / f"recorded-{self._n_started}.mitm", self.exchanges.append)
        recorder.__enter__()
        self._running = setting, recorder
        return recorder

    def forget(self) -> None:
        """What comes from now on belongs to no test, and what came is of no interest any more."""
        if self._running:
            self._running[1].mark(None)
        self.exchanges.clear()

    def close(self) -> None:
        """End the recorder, if one runs."""
        if self._running:
            recorder = self._running[1]
            self._running = None
            recorder.__exit__(None, None, None)


class Recorded:
    """A recording proxy, for as long as one test lasts."""

    def __init__(self, shared: SharedRecorder, setting: ProxySetting, trial: str) -> None:
        self._shared, self._trial = shared, trial
        self._recorder = shared.started(setting)
        self._recorder.mark(trial)

    @property
    def url(self) -> str:
        """What a client must be given as its proxy, for http and https."""
        return self._recorder.url

    @property
    def ca_file(self) -> Path:
        """PEM file of the certificate that a client must trust."""
        return self._recorder.ca_file

    @property
    def spki_pin(self) -> str:
        """Base64 of the SHA-256 of its public key, as Chromium takes it."""
        return key_pin(self.ca_file)

    @property
    def flow_file(self) -> Path:
        """The recording: what this test sent is in it with that of the tests before."""
        return self._recorder.flow_file

    @property
    def environment(self) -> dict[str, str]:
        """Variables by which requests, httpx, curl and newer Node use the proxy and trust its certificate.

        For a child process, beside what it has; for this one, ``monkeypatch.setenv``. Sources:
        requests.readthedocs.io (REQUESTS_CA_BUNDLE), curl's manual (CURL_CA_BUNDLE), OpenSSL (SSL_CERT_FILE),
        nodejs.org/api/cli.html (NODE_EXTRA_CA_CERTS, NODE_USE_ENV_PROXY).
        """
        proxies = dict.fromkeys(
            ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), self.url
        )
        trust = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
        nobody = {"no_proxy": "", "NO_PROXY": ""}
        return {**proxies, **nobody, **dict.fromkeys(trust, str(self.ca_file)), "NODE_USE_ENV_PROXY": "1"}

    @property
    def browser_arguments(self) -> list[str]:
        """Arguments of Chromium, also for Selenium's ``options.add_argument``: all goes through the proxy."""
        return [
            f"--proxy-server={self.url}",
            "--proxy-bypass-list=<-loopback>",
            f"--ignore-certificate-errors-spki-list={self.spki_pin}",
            "--disable-quic",
        ]

    @property
    def playwright(self) -> dict[str, object]:
        """Arguments of Playwright's ``chromium.launch(**recorded.playwright)``."""
        return {
            "proxy": {"server": self.url, "bypass": "<-loopback>"},
            "args": self.browser_arguments[1:],
        }

    def settled(self, timeout_s: float = SETTLE_S) -> int:
        """Wait for what is under way, at most so long; how much still is."""
        until = time.monotonic() + timeout_s
        while self._recorder.n_under_way and time.monotonic() < until:
            time.sleep(POLL_S)
        self._recorder.check()
        return self._recorder.n_under_way

    @property
    def exchanges(self) -> list[Exchange]:
        """What this test sent so far, as far as it has ended."""
        return [each for each in list(self._shared.exchanges) if each.trial == self._trial]

    @property
    def gaps(self) -> list[Gap]:
        """Connections of this test that could not be opened."""
        return [each for each in self._recorder.gaps() if each.trial == self._trial]


class Witness:
    """Canaries, recording and assertions of one test."""

    def __init__(self, trial: str, policy: Policy, attach: Callable[[str, str], None]) -> None:
        self.n_silences = 0
        """Assertions that something was not sent."""
        self.n_controls = 0
        """Assertions that something was sent, which held."""
        self._trial, self._policy, self._attach = trial, policy, attach
        self._canaries: dict[str, Canary] = {}
        self._recorded: Recorded | None = None

    def watch(self, shared: SharedRecorder, setting: ProxySetting) -> Recorded:
        """Record for this test from now on; assertions are about the newest recording."""
        self._recorded = Recorded(shared, setting, self._trial)
        return self._recorded

    def mint(self, kind: str = "page", name: str | None = None) -> PlantedValue:
        """A value that exists nowhere else.

        Args:
            kind: What it stands for: ``search``, ``page``, ``account`` …
            name: What it is called in messages; the kind by default, with a number from the second on.

        Raises:
            CanaryError: There is no such kind, or another value has this name.
        """
        if kind not in set(CanaryKind):
            raise CanaryError(f"canary: {kind!r} is no kind of canary; use one of {', '.join(CanaryKind)}")
        n_alike = sum(each.kind == kind for each in self._canaries.values())
        return self._planted(replace(mint(kind), id=name or (f"{kind} {n_alike + 1}" if n_alike else kind)))

    def know(self, value: str, name: str) -> PlantedValue:
        """A value that exists anyway; its digests and usual spellings are looked for, too.

        Raises:
            CanaryError: Another value has this name, or this one is so short that chance would find it.
        """
        if len(value.encode()) < SHORTEST_VALUE:
            raise CanaryError(f"known: {value!r} has less than {SHORTEST_VALUE} bytes; take a longer value")
        return self._planted(Canary(name, CanaryKind.KNOWN, value, bits_of(value), personal=True))

    def assert_not_leaked(self, value: str, *, to: Hosts | None = None, except_for: Hosts = ()) -> None:
        """Nobody got the value, and enough was seen to say so.

        Args:
            value: What `mint` or `know` gave.
            to: Hosts of which none may have got it (``*.host`` for those below); anybody by default.
            except_for: Hosts that may have it, beside those that the policy names.

        Raises:
            AssertionError: Somebody got it, or may have; or too little was seen to say that nobody did.
        """
        name = self._name(value)
        self.n_silences += 1
        gated, exchanges = self._gated(_patterns(except_for))
        fine = (Ruling.ALLOWED, Ruling.OWN_HOST, Ruling.WAIVED)
        wanted = None if to is None else _patterns(to)
        for transfer in gated.transfers:
            mine = transfer.canary == name and transfer.ruling not in fine
            if mine and (wanted is None or goes_to(wanted, transfer.recipient)):
                self._tell(transfer, exchanges)
        unseen = [each for each in gated.obstacles if each.kind not in NOT_OURS]
        if unseen:
            raise AssertionError(f"nobody can say that {name!r} was not sent: {_because(unseen)}")
        self._refuse_under_way(name)

    def assert_sent(self, value: str, *, to: Hosts | None = None) -> None:
        """Somebody got the value: the positive control.

        Raises:
            AssertionError: It was not seen to arrive.
        """
        name = self._name(value)
        gated, exchanges = self._gated(())
        wanted = None if to is None else _patterns(to)
        for transfer in gated.transfers:
            decides = transfer.ruling is not Ruling.WEAK or wanted is not None
            arrived = transfer.canary == name and decides and not transfer.delivered.is_attempt
            if arrived and (wanted is None or goes_to(wanted, transfer.recipient)):
                self.n_controls += 1
                return
        hosts = sorted({each.host for each in exchanges})
        where = "anybody" if wanted is None else ", ".join(wanted)
        seen = f"{len(exchanges)} requests, to {', '.join(hosts[:10])}" if hosts else "no request at all"
        raise AssertionError(f"{name!r} was not seen to arrive at {where}; recorded: {seen}")

    def _planted(self, canary: Canary) -> PlantedValue:
        if canary.id in self._canaries:
            raise CanaryError(f"canary: another value of this test is called {canary.id!r}")
        self._canaries[canary.id] = canary
        return PlantedValue.of(canary)

    def _name(self, value: str) -> str:
        for name, canary in self._canaries.items():
            if canary.value == value:
                return name
        raise CanaryError(
            f"{value!r:.80} is no value of this test: plant it with canary(…), or name it with known(…)"
        )

    def _gated(self, except_for: Sequence[str]) -> tuple[Gated, list[Exchange]]:
        """Everything recorded so far, held against the policy and these exceptions."""
        recorded = self._watching()
        recorded.settled()
        exchanges = recorded.exchanges
        policy = self._policy
        if except_for:
            excepted = Permission(canary="*", to=tuple(except_for), reason="except_for")
            policy = msgspec.structs.replace(policy, allow=(*policy.allow, excepted))
        canaries = tuple(self._canaries.values())
        keeper = Gatekeeper(canaries, policy)
        with Crew(Scanner(canaries, n_phantoms=N_PHANTOMS), jobs=1) as crew:
            keeper.take(crew.examine([*exchanges, *recorded.gaps]))
        return keeper.gated(), exchanges

    def _watching(self) -> Recorded:
        if self._recorded is None:
            raise CaptureError("nothing is recorded: let the test use the fixture recorded, or record(…)")
        return self._recorded

    def _refuse_under_way(self, name: str) -> None:
        if left := self._watching().settled(0):
            raise AssertionError(
                f"nobody can say that {name!r} was not sent: {left} exchanges are still under way after "
                f"{SETTLE_S:g} s; close the browser, or its WebSockets, before asserting"
            )

    def _tell(self, transfer: Transfer, exchanges: Collection[Exchange]) -> None:
        place = transfer.capture, transfer.entry
        exchange = next(each for each in exchanges if (each.source.file, each.source.index) == place)
        self._attach("hometruth: the exchange", exchange_text(exchange))
        canaries = tuple(self._canaries.values())
        raise AssertionError(
            transfer_text(
                transfer, exchange, Scanner(canaries, n_phantoms=0).search(), self._watching().flow_file
            )
        )


def _patterns(hosts: Hosts) -> tuple[str, ...]:
    return (hosts,) if isinstance(hosts, str) else tuple(hosts)


def _because(obstacles: Iterable[Obstacle]) -> str:
    return " ".join(sentence(each) for each in obstacles)
