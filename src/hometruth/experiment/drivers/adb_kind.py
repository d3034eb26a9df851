"""What the driver of a phone at a cable is and takes, told without asking for the phone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, field

from hometruth.errors import DriverError
from hometruth.experiment.drivers.base import Driver, DriverKind
from hometruth.handed_in import Table, Text, Texts
from hometruth.model import SITE, SITES, CanaryKind

if TYPE_CHECKING:
    from hometruth.experiment.plan import Plan

ACTIONS: Mapping[str, CanaryKind] = {
    "visit": CanaryKind.PAGE,
    "open-address": CanaryKind.PAGE,
    "search": CanaryKind.SEARCH,
    "type": CanaryKind.TYPED,
}
"""What can be done in a phone's browser, with the kind of canary each plants."""
UNSEEN = (
    "on-device channels, by which apps and pages talk on 127.0.0.1: not watched",
    "what goes round the connection (through a proxy setting: DNS, QUIC, apps that ignore it)",
)
"""What no verdict about a phone over adb speaks of, whatever its plan says."""
Port = Annotated[int, Meta(ge=0, le=65535)]
Package = Annotated[str, Meta(pattern=r"^[A-Za-z]\w*(\.[A-Za-z]\w*)+$", max_length=200)]


class AdbOptions(Table, frozen=True):
    """``[subject.options]`` of a phone."""

    package: Package
    """Android's name of the app (``com.android.chrome``)."""
    windows: dict[str, Texts]
    """Mode to the steps that open a window of it, from the app just opened."""
    address_bar: Texts
    """Steps after which what is typed stands in the address bar."""
    marks: dict[str, Text] = field(default_factory=dict)
    """Mode to what stands on the screen in its windows, and in those of no other mode."""
    serial: Text | None = None
    """Of the phone, as `adb devices` lists it; by default the only one there is."""
    apk: Text | None = None
    """File of an app that is installed for the run, and removed after it."""
    may_clear: bool = False
    """You state that all that the app keeps may be deleted, for good: between two installations, and for
    `profile = "fresh"`."""
    port: Annotated[int, Meta(ge=1024, le=65535)] = 8228
    """Of the phone's loopback, leading to the recorder."""
    wireguard: Port | None = None
    """UDP port of a tunnel, by which what the app sends comes; without one, the proxy setting is the way."""
    listen: Text = "0.0.0.0"  # noqa: S104 - a phone is another machine
    """With a tunnel: address of this machine, as the phone reaches it by its own network."""
    idle_s: float = 10.0
    """How long it is left alone after the last action."""


def _make(plan: Plan, folder: Path) -> Driver:
    from hometruth.experiment.drivers.adb import AdbDriver  # noqa: PLC0415 - only runs need it

    assert isinstance(plan.options, AdbOptions)
    if not plan.options.may_clear and _n_installations(plan) > 1:
        raise DriverError(
            f"plan {plan.id}: asks for {_n_installations(plan)} installations, and between two of them all "
            "that the app keeps is deleted: say may_clear = true, or repeat days instead of blocks"
        )
    return AdbDriver(plan.options, folder, plan.folder or Path())


def _n_installations(plan: Plan) -> int:
    cells = (cell for series in plan.series for cell in series.cells)
    return sum(
        cell.blocks * len({tuple(map(one.get, cell.installation)) for one in cell.conditions})
        for cell in cells
    )


def _brings_others(options: Table) -> bool:
    """The proxy is the whole phone's; the tunnel takes the one app's traffic."""
    assert isinstance(options, AdbOptions)
    return options.wireguard is None


ADB = DriverKind(
    _make,
    ACTIONS,
    AdbOptions,
    brings_others=_brings_others,
    zones=(SITES, SITE),
    not_watched="on-device channels not watched",
    unseen=UNSEEN,
)
