"""What the driver of a device in a person's hands is and takes, told without asking for the device."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from hometruth.experiment.drivers.base import LOOPBACK, Driver, DriverKind
from hometruth.handed_in import Table, Text
from hometruth.model import SITE, SITES, CanaryKind

if TYPE_CHECKING:
    from hometruth.experiment.plan import Plan

ACTIONS: Mapping[str, CanaryKind] = {
    "click-link": CanaryKind.PAGE,
    "visit": CanaryKind.PAGE,
    "search": CanaryKind.SEARCH,
    "type": CanaryKind.TYPED,
}
"""What a person is asked to do, with the kind of canary each plants."""
UNSEEN = (
    "on-device channels, by which apps and pages talk on 127.0.0.1: not watched",
    "what goes round the connection (through a proxy: DNS, QUIC, apps that ignore it)",
    "apps that trust only the system's certificates",
)
"""What no verdict about a phone in a hand speaks of, whatever its plan says."""
PORT = 8080
"""Of the proxy, as a person types it."""
Port = Annotated[int, Meta(ge=0, le=65535)]
Seconds = Annotated[float, Meta(ge=0, le=86_400)]


class GuidedOptions(Table, frozen=True):
    """``[subject.options]`` of a device in a person's hands."""

    listen: Text = "127.0.0.1"
    """Address of this machine that the device reaches; on loopback, that is a browser of this machine."""
    port: Port = PORT
    """Of the proxy; 0 takes any that is free."""
    wireguard: Port | None = None
    """UDP port of a tunnel, by which all comes that the device sends; without one, the proxy is the way."""
    device: Text | None = None
    """Address of the device; by default the person at the desk is asked about the first that comes."""
    package: Text | None = None
    """Android's name of the app: the tunnel takes its traffic and no other's."""
    desk_port: Port = 0
    """Of the desk page; 0 takes any that is free."""
    drain_s: Seconds = 30.0
    """How long the device is left alone after the last action."""
    preflight_s: Seconds = 120.0
    """How long is looked beforehand at what could be read; 0 leaves it out."""
    before: Text = "Leave it as it is."
    """In a series of pairs: what is so before each of the two, in words."""
    does: Text = "Use it."
    """In a series of pairs: what a secret coin decides about, in words."""
    does_s: Annotated[float, Meta(gt=0, le=3600)] = 30.0
    """In a series of pairs: the time for doing it, and as long for doing nothing."""
    certificate: bool = True
    """False for a device that takes none: nothing is opened, and only names, bytes and times are seen."""

    @property
    def brings_others(self) -> bool:
        """True if what other apps send comes, and is opened, too."""
        is_led = self.wireguard is not None and self.package is not None
        is_here = self.wireguard is None and self.listen in LOOPBACK
        return self.certificate and not is_led and not is_here


def _make(plan: Plan, folder: Path) -> Driver:
    from hometruth.experiment.drivers.guided import GuidedDriver  # noqa: PLC0415 - only runs need it

    assert isinstance(plan.options, GuidedOptions)
    return GuidedDriver(plan.options, folder, product=plan.subject.product)


def _brings_others(options: Table) -> bool:
    assert isinstance(options, GuidedOptions)
    return options.brings_others


def _asks_for_hosts(options: Table) -> bool:
    """Hosts are seen in a preflight, whose owner has agreed to be looked at."""
    assert isinstance(options, GuidedOptions)
    return options.certificate and options.preflight_s > 0


GUIDED = DriverKind(
    _make,
    ACTIONS,
    GuidedOptions,
    brings_others=_brings_others,
    asks_for_hosts=_asks_for_hosts,
    zones=(SITES, SITE),
    not_watched="on-device channels not watched",
    unseen=UNSEEN,
)
