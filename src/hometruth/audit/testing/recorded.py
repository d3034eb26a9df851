"""What one test planted and recorded, and what it may assert of that."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import msgspec

from hometruth.audit.crew import Crew
from hometruth.audit.gate import Gatekeeper
from hometruth.audit.scanner import Scanner
from hometruth.audit.testing.told import exchange_text, transfer_text
from hometruth.canaries import mint
from hometruth.canaries.evidence import bits_of
from hometruth.capture.proxy import Recorder, Sinkhole
from hometruth.capture.proxy.authority import key_pin
from hometruth.errors import CanaryError, CaptureError, PolicyError
from hometruth.forms import SHORTEST_VALUE
from hometruth.model import (
    DECIDING_BITS,
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
from hometruth.policy import NO_POLICY, load_policy
from hometruth.policy.load import ANYBODY, Permission, goes_to, host_fault
from hometruth.report.gate_text import sentence

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
            if fault := host_fault([host]):
                raise CaptureError(f"hometruth_routes: {fault}")
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
        self._is_used = False
        """True while a test records."""

    def started(self, setting: ProxySetting) -> Recorder:
        """A recorder with this setting, running.

        Raises:
            CaptureError: The present test records with another setting already.
        """
        if self._running and self._running[0] == setting:
            self._is_used = True
            return self._running[1]
        if self._is_used:
            # To end it would cut its clients off, and what they sent would be forgotten with it.
            raise CaptureError("this test records already: one recording a test, by recorded or by record(…)")
        self.close()
        self._n_started += 1
        recorder = setting.recorder(self._folder / f"recorded-{self._n_started}.mitm", self.exchanges.append)
        recorder.__enter__()
        self._running, self._is_used = (setting, recorder), True
        return recorder

    def forget(self) -> None:
        """What comes from now on belongs to no test, and what came is of no interest any more."""
        self._is_used = False
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

    def settled(self, *, least_s: float = POLL_S) -> int:
        """Wait for what is under way, for a while; how much still was when the wait was over.

        Args:
            least_s: What a client has just sent may lie in the system's buffers for so long, seconds.
        """
        until = time.monotonic() + SETTLE_S
        time.sleep(least_s)
        while (left := self._recorder.n_under_way) and time.monotonic() < until:
            time.sleep(POLL_S)
        self._recorder.check()
        return left

    @property
    def exchanges(self) -> list[Exchange]:
        """What this test sent so far, as far as it has ended."""
        return [each for each in list(self._shared.exchanges) if each.trial == self._trial]

    @property
    def gaps(self) -> list[Gap]:
        """Connections of this test that could not be opened."""
        return [each for each in self._recorder.gaps() if each.trial == self._trial]


class Witness:
    """Canaries, recording and assertions of one test.

    Args:
        policy: The file of the policy that holds in tests, if there is one.
    """

    def __init__(self, trial: str, policy: Path | None, attach: Callable[[str, str], None]) -> None:
        self.n_silences = 0
        """Assertions that something was not sent."""
        self.n_controls = 0
        """Assertions that something was sent, which held."""
        self._policy = load_policy(policy, None) if policy else NO_POLICY
        self._trial, self._attach = trial, attach
        self.sent_late: tuple[str, ...] = ()
        """What the test says was not sent, and was after its last assertion: a sentence each."""
        self._silences: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []
        """Canary, hosts and exceptions of each assertion that held."""
        self._n_judged = 0
        """Exchanges that the last assertion saw."""
        self._canaries: dict[str, Canary] = {}
        self._recorded: Recorded | None = None

    def watch(self, shared: SharedRecorder, setting: ProxySetting) -> Recorded:
        """Record for this test from now on; assertions are about the newest recording."""
        self._recorded = Recorded(shared, setting, self._trial)
        return self._recorded

    def end(self) -> None:
        """Look at what came after the last assertion, such as what a page sends when it is closed."""
        if self._recorded is None or not self._silences:
            return
        self._recorded.settled(least_s=0.0)
        late = self._recorded.exchanges[self._n_judged :]
        for name, wanted, excepted in dict.fromkeys(self._silences) if late else ():
            hosts = {each.recipient for each in self._sent(name, wanted, self._held(late, (), excepted))}
            told = f"{name!r} was sent to {', '.join(sorted(hosts))} after the last assertion"
            self.sent_late += (told,) if hosts else ()

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
            PolicyError: No host could ever fit what is given, or all do: then it could not fail.
        """
        name = self._name(value)
        wanted, excepted = _patterns("to", ANYBODY if to is None else to), _patterns("except_for", except_for)
        if not wanted or ANYBODY in excepted:
            raise PolicyError(
                "assert_not_leaked: to names nobody, or except_for everybody: it could not fail"
            )
        self.n_silences += 1
        gated, exchanges, n_under_way = self._gated(excepted)
        for transfer in self._sent(name, wanted, gated):
            self._tell(transfer, exchanges)
        unseen = [each for each in gated.obstacles if each.kind not in NOT_OURS]
        if unseen:
            raise AssertionError(f"nobody can say that {name!r} was not sent: {_because(unseen)}")
        if n_under_way:
            raise AssertionError(
                f"nobody can say that {name!r} was not sent: {n_under_way} exchanges were still under way "
                f"after {SETTLE_S:g} s; close the browser, or its WebSockets, before asserting"
            )
        self._silences.append((name, wanted, excepted))

    def assert_sent(self, value: str, *, to: Hosts | None = None) -> None:
        """Somebody got the value: the positive control.

        Raises:
            AssertionError: It was not seen to arrive.
        """
        name = self._name(value)
        wanted = _patterns("to", ANYBODY if to is None else to)
        gated, exchanges, _ = self._gated(())
        weak = 0.0
        for transfer in gated.transfers:
            arrived = not transfer.delivered.is_attempt and transfer.is_addressed
            if transfer.canary == name and arrived and goes_to(wanted, transfer.host):
                if transfer.evidence_bits >= DECIDING_BITS:
                    self.n_controls += 1
                    return
                weak = max(weak, transfer.evidence_bits)
        hosts = sorted({each.host for each in exchanges})
        where = "anybody" if to is None else ", ".join(wanted)
        seen = f"{len(exchanges)} requests, to {', '.join(hosts[:10])}" if hosts else "no request at all"
        if weak:
            seen += f"; what may be it has {weak:.0f} bits of evidence, and {DECIDING_BITS:.0f} decide"
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

    @staticmethod
    def _sent(name: str, wanted: Sequence[str], gated: Gated) -> Iterator[Transfer]:
        """Transfers of this canary to these hosts that nothing excuses."""
        fine = (Ruling.ALLOWED, Ruling.OWN_HOST, Ruling.WAIVED)
        for transfer in gated.transfers:
            mine = transfer.canary == name and transfer.ruling not in fine
            if mine and goes_to(wanted, transfer.host):
                yield transfer

    def _gated(self, except_for: Sequence[str]) -> tuple[Gated, list[Exchange], int]:
        """Everything recorded so far, held against the policy and these exceptions; how much was under way.

        Raises:
            AssertionError: The search finds what was never planted.
        """
        if self._recorded is None:
            raise CaptureError("nothing is recorded: let the test use the fixture recorded, or record(…)")
        recorded = self._recorded
        # Before the exchanges are taken: what ends later is not among them, and counts as under way.
        n_under_way = recorded.settled()
        exchanges = recorded.exchanges
        self._n_judged = len(exchanges)
        return self._held(exchanges, recorded.gaps, except_for), exchanges, n_under_way

    def _held(self, exchanges: Iterable[Exchange], gaps: Iterable[Gap], except_for: Sequence[str]) -> Gated:
        """These held against the policy and these exceptions.

        Raises:
            AssertionError: The search finds what was never planted.
        """
        policy = self._policy
        if except_for:
            excepted = Permission(canary="*", to=tuple(except_for), reason="except_for")
            policy = msgspec.structs.replace(policy, allow=(*policy.allow, excepted))
        canaries = tuple(self._canaries.values())
        keeper = Gatekeeper(canaries, policy)
        with Crew(Scanner(canaries, n_phantoms=N_PHANTOMS), jobs=1) as crew:
            keeper.take(crew.examine([*exchanges, *gaps]))
        gated = keeper.gated()
        if invented := [each for each in gated.obstacles if each.kind is ObstacleKind.PHANTOM]:
            raise AssertionError(_because(invented))
        return gated

    def _tell(self, transfer: Transfer, exchanges: Collection[Exchange]) -> None:
        place = transfer.capture, transfer.entry
        exchange = next(each for each in exchanges if (each.source.file, each.source.index) == place)
        self._attach("hometruth: the exchange", exchange_text(exchange))
        canaries = tuple(self._canaries.values())
        raise AssertionError(
            transfer_text(
                transfer, exchange, Scanner(canaries, n_phantoms=0).search(), Path(exchange.source.file)
            )
        )


def _patterns(name: str, hosts: Hosts) -> tuple[str, ...]:
    """The hosts as a policy has them.

    Raises:
        PolicyError: One that no host can ever fit.
    """
    given = (hosts,) if isinstance(hosts, str) else tuple(hosts)
    if fault := host_fault(given):
        raise PolicyError(f"{name} holds {fault}")
    return given


def _because(obstacles: Iterable[Obstacle]) -> str:
    return " ".join(sentence(each) for each in obstacles)
