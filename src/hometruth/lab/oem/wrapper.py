"""The apps' own wrapper: one call for an event, two services that hear of it. Source: palant-1."""

from collections.abc import Sequence
from typing import Any

from hometruth.lab.apps.declare import EventKind
from hometruth.lab.apps.telemetry import Telemetry


class Both:
    """Two ways to report as one; itself a `Telemetry`."""

    def __init__(self, first: Telemetry, second: Telemetry) -> None:
        self._both = (first, second)

    def started(self, *, consented: bool) -> None:
        """Tell both."""
        for one in self._both:
            one.started(consented=consented)

    def resumed(self) -> None:
        """Tell both."""
        for one in self._both:
            one.resumed()

    def consented(self) -> None:
        """Tell both."""
        for one in self._both:
            one.consented()

    def withdrawn(self) -> None:
        """Tell both."""
        for one in self._both:
            one.withdrawn()

    def account_is(self, account: str | None, *, sends: bool) -> None:
        """Tell both."""
        for one in self._both:
            one.account_is(account, sends=sends)

    def record(self, kind: EventKind, values: Sequence[Any]) -> None:
        """Tell both."""
        for one in self._both:
            one.record(kind, values)

    def flush(self) -> None:
        """Tell both."""
        for one in self._both:
            one.flush()

    def stop(self) -> None:
        """Tell both."""
        for one in self._both:
            one.stop()
