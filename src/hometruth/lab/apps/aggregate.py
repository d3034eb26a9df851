"""The telemetry that the vendor said it had: the seven categories it named, counted on the phone.

Once a week, at a random moment of Monday, a report of constant size leaves: one number from 0 to 7 for each
category, each under fresh noise (`randomise`). No identifier, no record per action, no time of an action. A
report is due whether or not the app was used or runs. Nothing is counted or sent before consent, nor while
the app is in a cell in which it does not send; nothing is sent again if it got lost.

The seven categories are the vendor's words (blog post of 2020-05-02). That it aggregated like this is not
known of any real app: everything else here is invented, as the measure that the statement is held against.
"""

import hashlib
import uuid
from collections.abc import Callable, MutableMapping, Sequence
from enum import StrEnum
from random import Random
from typing import Any
from urllib.parse import urlsplit

from hometruth.lab.android.clock import Clock, Timer
from hometruth.lab.android.profiles import Profile
from hometruth.lab.apps.browser import PAGE_LOAD_MS
from hometruth.lab.apps.declare import EventKind
from hometruth.lab.apps.randomise import randomised

CATEGORIES = (
    "system_information",
    "preferences",
    "feature_usage",
    "responsiveness",
    "performance",
    "memory_usage",
    "crash_reports",
)
"""Source: the vendor's blog post of 2020-05-02 (claim x08); the spelling is ours."""
BUCKETS = 8
"""Answers to choose from, for each category: one digit, so that every report has the same size."""
EPSILON = 0.02
"""Of one answer; small, since answers of one phone add up and millions of phones answer."""
REPORTS_WITH_CONTENT = 52
"""A year. After that a phone sends pure noise, on the same schedule, for good."""
REPORT_EPSILON = EPSILON * len(CATEGORIES)
"""Of one report: 0.14."""
LIFETIME_EPSILON = REPORT_EPSILON * REPORTS_WITH_CONTENT
"""Of all reports an app makes on one phone until its factory reset: 7.28. Clearing data renews nothing."""
DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
MONDAY_MS = 4 * DAY_MS
"""The first Monday after the epoch began."""
EVENT = "weekly_report"
COUNTERS = ("actions", "changes", "crashes", "starts")
"""All that is kept of what is done on the phone."""
IDLE_MB, ACTION_MB = 128, 16
"""Memory of an idle app and of one action. Invented."""

Store = MutableMapping[str, Any]


class Defect(StrEnum):
    """Ways to be less aggregated than one says; tests slip them in one by one."""

    IDENTIFIER = "identifier"
    """The same random token in every report."""
    STABLE_NOISE = "stable-noise"
    """The noise is drawn once: the vector of answers becomes a name."""
    HASHED_DOMAINS = "hashed-domains"
    """Digests of the hosts visited, as if nobody could try the hosts there are."""
    RARE_ADDRESSES = "rare-addresses"
    """A bucket for every address, however few visited it."""
    PER_ACTION = "per-action"
    """A record whenever something is done."""


class AggregateTelemetry:
    """The counters of one app on one phone, and the weekly job of the phone that reports them.

    Args:
        counters: What was counted since the last report; goes when the app's data are cleared.
        budget: How many reports this app has made on this phone; stays until factory reset.
        send: Post the events of one report.
        admits: Whether a report may leave now.
    """

    def __init__(
        self,
        *,
        profile: Profile,
        counters: Store,
        budget: Store,
        clock: Clock,
        rng: Random,
        send: Callable[[Sequence[dict[str, Any]]], None],
        admits: Callable[[], bool],
        defects: frozenset[Defect] = frozenset(),
    ) -> None:
        self._profile = profile
        self._counters = counters
        self._budget = budget
        self._clock = clock
        self._rng = rng
        self._send = send
        self._admits = admits
        self._defects = defects
        self._job: Timer | None = None

    def started(self, *, consented: bool) -> None:
        """Count the start."""
        if consented:
            self.schedule()
            self._count("starts")

    def resumed(self) -> None:
        """A session is not counted."""

    def consented(self) -> None:
        """From now on a report is due every week."""
        self.schedule()

    def withdrawn(self) -> None:
        """No report is due any more, and what was counted is forgotten."""
        self.cancel()
        self._counters.clear()

    def account_is(self, account: str | None, *, sends: bool) -> None:
        """Of no interest: nothing here knows of people."""

    def record(self, kind: EventKind, values: Sequence[Any]) -> None:
        """One more action; which one is not kept."""
        self._count(kind.counted_as)
        if self._defects:
            self._misbehave(kind, values)

    def flush(self) -> None:
        """The end of a session sends nothing."""

    def stop(self) -> None:
        """The job belongs to the phone and goes on when the app's process ends."""

    def schedule(self) -> None:
        """See that the weekly job runs next: next Monday, at a fresh random moment that marks no phone."""
        if self._job is None:
            monday_ms = _monday(self._clock.now_ms) + WEEK_MS
            due_ms = monday_ms + self._rng.randrange(DAY_MS)
            self._job = self._clock.call_after(due_ms - self._clock.now_ms, lambda: self._report(monday_ms))

    def cancel(self) -> None:
        """Run the weekly job no more."""
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _count(self, what: str) -> None:
        self._counters[what] = self._counters.get(what, 0) + 1

    def _report(self, monday_ms: int) -> None:
        self._job = None
        if self._admits():
            self._post(monday_ms, EVENT, {**self._told(), **self._slipped_in()})
            for what in COUNTERS:
                self._counters[what] = 0
        self.schedule()

    def _told(self) -> dict[str, int]:
        """What this week's report says."""
        spent = self._budget.get("reports", 0)
        self._budget["reports"] = spent + 1
        if spent >= REPORTS_WITH_CONTENT:
            return {category: self._rng.randrange(BUCKETS) for category in CATEGORIES}
        told = {
            category: randomised(value, BUCKETS, EPSILON, self._rng)
            for category, value in zip(CATEGORIES, self._values(), strict=True)
        }
        if Defect.STABLE_NOISE in self._defects:
            told = self._counters.setdefault("answers", told)
        return told

    def _values(self) -> tuple[int, ...]:
        """The true answer for each category, in order."""
        actions, changes, crashes, starts = (self._counters.get(what, 0) for what in COUNTERS)
        return (
            min(max(int(self._profile.android_version) - 4, 0), BUCKETS - 1),
            bucket(changes),
            bucket(actions),
            bucket(PAGE_LOAD_MS // 100 if actions else 0),
            bucket(starts),
            bucket((IDLE_MB + ACTION_MB * actions) // 64),
            bucket(crashes),
        )

    def _post(self, at_ms: int, name: str, properties: dict[str, Any]) -> None:
        event = {
            "time": at_ms,
            "type": "track",
            # The protocol wants a name for the sender: a new random one each time names nobody.
            "distinct_id": f"{self._rng.getrandbits(128):032x}",
            "lib": {"$lib": "Android"},
            "event": name,
            "properties": properties,
        }
        self._send([event])

    def _slipped_in(self) -> dict[str, Any]:
        extra: dict[str, Any] = {}
        if Defect.IDENTIFIER in self._defects:
            token = str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
            extra["uuid"] = self._counters.setdefault("uuid", token)
        addresses = self._counters.get("addresses", [])
        if Defect.HASHED_DOMAINS in self._defects:
            hosts = {urlsplit(address).hostname or "" for address in addresses}
            extra["domains"] = sorted(hashlib.sha256(host.encode()).hexdigest() for host in hosts)
        if Defect.RARE_ADDRESSES in self._defects:
            extra["addresses"] = dict.fromkeys(addresses, 1)
        return extra

    def _misbehave(self, kind: EventKind, values: Sequence[Any]) -> None:
        seen = [value for value in values if isinstance(value, str) and "://" in value]
        self._counters["addresses"] = sorted({*self._counters.get("addresses", []), *seen})
        if Defect.PER_ACTION in self._defects:
            self._post(self._clock.now_ms, kind.name, {"feature_usage": 1})


def bucket(count: int) -> int:
    """0, 1, 2-3, 4-7, ... as 0 to 7."""
    return min(count.bit_length(), BUCKETS - 1)


def _monday(now_ms: int) -> int:
    """The start of the week, UTC."""
    return now_ms - (now_ms - MONDAY_MS) % WEEK_MS
