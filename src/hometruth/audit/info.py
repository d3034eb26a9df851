"""What is in a recording, and what is not: a fold over its examined exchanges that searches for nothing."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from hometruth.audit.crew import Crew
from hometruth.audit.examine import Examined
from hometruth.audit.scan import Capture
from hometruth.audit.scanner import Scanner
from hometruth.capture import open_capture, read_connections
from hometruth.capture.connections import scope_in_words
from hometruth.model import Budget, Gap, GapKind
from hometruth.model.capture_info import Bodies, CaptureInfo
from hometruth.peel import peel_exchange
from hometruth.recipients import asked_names

CONTENT_CODINGS = frozenset({b"gzip", b"x-gzip", b"deflate", b"br", b"zstd", b"compress"})
"""That are opened where they are sound (RFC 9110, 8.4.1, and the IANA registry)."""


def describe(
    capture: Capture, *, keys: Path | None = None, budget: Budget | None = None, jobs: int | None = None
) -> CaptureInfo:
    """What a recording holds.

    Args:
        keys: A TLS key log, for a packet capture.

    Raises:
        CaptureError: It cannot be read.
    """
    reading = open_capture(capture, keys=keys)
    sums = _InfoSums()
    if isinstance(capture, Path):
        sums.looked_into = scope_in_words(capture)
        for gap in read_connections(capture):
            sums.miss(gap)
    with Crew(Scanner(budget=budget or Budget()), note=_is_body_closed, jobs=jobs) as crew:
        for item in crew.examine(reading.items):
            sums.miss(item) if isinstance(item, Gap) else sums.take(item)
    return sums.told(reading.file, reading.format, reading.maker.recorder)


def _is_body_closed(examined: Examined, _peeled: object) -> bool:
    """True if the body itself holds bytes that no layer opens, not only a cookie or an address.

    Asked of every exchange, so that every part is peeled, not only what may hold a canary.
    """
    exchange = examined.exchange
    if not exchange.request_body or all(gap.kind is not GapKind.OPAQUE for gap in examined.gaps):
        return False
    of_body = tuple(pair for pair in exchange.request_headers if pair[0].lower().startswith(b"content-"))
    alone = peel_exchange(replace(exchange, target=b"", request_headers=of_body, messages=(), extras=()))
    return any(gap.kind is GapKind.OPAQUE for gap in alone.gaps)


class _InfoSums:
    def __init__(self) -> None:
        self.exchanges = self.websockets = self.sent = self.received = 0
        self.bodies: Counter[str] = Counter()
        self.hosts: Counter[str] = Counter()
        self.protocols: Counter[str] = Counter()
        self.apps: Counter[str] = Counter()
        self.gaps: Counter[str] = Counter()
        self.names: dict[str, dict[str, None]] = {}
        self.drops: dict[str, None] = {}
        self.times: list[int] = []
        self.looked_into: tuple[str, ...] = ()

    def miss(self, gap: Gap) -> None:
        self.gaps[str(gap.kind)] += 1
        if gap.kind is GapKind.NEVER_RECORDED and gap.host is None:
            self.drops[gap.detail] = None
        if gap.exchange is None and gap.host:
            self._name(gap.host)
            if gap.sender and gap.sender.app:
                self.apps[gap.sender.app] += 0
            self._at(gap.at_ns)

    def take(self, item: Examined) -> None:
        exchange = item.exchange
        self.exchanges += 1
        self.hosts[exchange.host] += 1
        self.protocols[exchange.http_version or exchange.scheme.upper() or "unknown"] += 1
        if exchange.sent_by and exchange.sent_by.app:
            self.apps[exchange.sent_by.app] += 1
        self._at(exchange.started_ns)
        if exchange.messages and exchange.method not in ("TCP", "UDP", "DNS", "TLS", "QUIC"):
            sent = sum(message.sent for message in exchange.messages)
            self.websockets += 1
            self.sent += sent
            self.received += len(exchange.messages) - sent
        for asked in asked_names(exchange):
            self.names.setdefault(asked.name, {}).update(dict.fromkeys(asked.aliases))
        if exchange.tls and exchange.tls.sni:
            self._name(exchange.tls.sni)
        for gap in item.gaps:
            self.miss(gap)
        self._body(item)

    def _name(self, host: str) -> None:
        try:
            ip_address(host)
        except ValueError:
            self.names.setdefault(host, {})

    def _body(self, item: Examined) -> None:
        body = item.exchange.request_body
        self.bodies["absent" if body is None else "present" if body else "empty"] += 1
        if item.noted:
            codings = (item.exchange.request_header("content-encoding") or b"").lower().split(b",")
            is_told = not CONTENT_CODINGS.isdisjoint(coding.strip() for coding in codings)
            self.bodies["undecodable" if is_told else "opaque"] += 1

    def _at(self, at_ns: int | None) -> None:
        if at_ns is not None:
            self.times = [min(at_ns, *self.times), max(at_ns, *self.times)] if self.times else [at_ns, at_ns]

    def told(self, file: str, format_name: str, recorder: str) -> CaptureInfo:
        first, last = map(_iso, self.times or (None, None))
        return CaptureInfo(
            file=file,
            format=format_name,
            recorder=recorder,
            first=first,
            last=last,
            exchanges=self.exchanges,
            hosts=dict(self.hosts.most_common()),
            protocols=dict(self.protocols.most_common()),
            bodies=Bodies(**{name: self.bodies[name] for name in Bodies.__slots__}),
            websockets=self.websockets,
            messages=(self.sent, self.received),
            apps=dict(self.apps.most_common()),
            names={name: tuple(aliases) for name, aliases in self.names.items()},
            gaps=dict(self.gaps.most_common()),
            drops=tuple(self.drops),
            looked_into=self.looked_into,
        )


def _iso(at_ns: int | None) -> str | None:
    if at_ns is None:
        return None
    try:
        return datetime.fromtimestamp(at_ns / 1_000_000_000, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, ValueError, OSError):
        return None  # a recording may hold any number
