"""The two ways by which what a phone at a cable sends comes to the recorder: its proxy setting, or a tunnel.

What `adb` can do of the tunnel is little, as read in the source of Android's WireGuard app (March 2026): it
imports a configuration from a file or a code only, which a person has to choose; and it takes orders from
other apps that hold a permission of its own, which adb's shell is not given. So the file is put on the phone
and the app opened, and a person imports it and switches it on, once. That it is on, and was on all the time,
is seen; in the end the app is ended, which switches it off. Tried with a stand-in of the phone only.
"""

import secrets
import sys
from collections.abc import Callable
from typing import Protocol

from hometruth.errors import DriverError, escape_terminal
from hometruth.experiment.drivers.adb_device import PROXY, WIREGUARD, AdbPhone
from hometruth.experiment.drivers.adb_journal import PhoneJournal
from hometruth.experiment.drivers.desktop.x_display import waited_for

DOWNLOADS = "/sdcard/Download"
"""Where the app's own dialogue looks first, and adb's shell may write."""
BY_HAND_S = 600.0
"""Within which a person has imported the tunnel and switched it on."""


class WayHere(Protocol):
    """How what the phone sends comes here."""

    def lead(self, journal: PhoneJournal) -> None:
        """Bring it here, unless it comes already."""

    def check(self) -> None:
        """Raise `DriverError` unless what it sends comes here, and did since this was last asked, as far as
        the phone says."""


class ProxyWay:
    """The phone's proxy setting, by a port of its loopback that `adb reverse` leads here.

    Args:
        port: Of the phone's loopback.
        to: Of the recorder on this machine.
    """

    def __init__(self, phone: AdbPhone, port: int, to: int) -> None:
        self._phone = phone
        self._port = port
        self._to = to
        self._is_set = False

    def lead(self, journal: PhoneJournal) -> None:
        """Lead the port here again, whenever the phone was away; the setting stays."""
        if f"tcp:{self._port}" not in self._phone.reverses():
            self._phone.lead_here(journal, self._port, self._to)
        if not self._is_set:
            self._phone.set(journal, PROXY, self._proxy)
            self._is_set = True

    def check(self) -> None:
        """Both the port and the setting are as they were made."""
        if self._phone.reverses().get(f"tcp:{self._port}") != f"tcp:{self._to}":
            raise DriverError(f"{self._phone.serial}: was away, so that what it sent meanwhile is not known")
        if (now := self._phone.setting(PROXY)) != self._proxy:
            raise DriverError(f"{self._phone.serial}: somebody has set its proxy to {now}")

    @property
    def _proxy(self) -> str:
        return f"127.0.0.1:{self._port}"


class TunnelWay:
    """The phone's WireGuard app.

    Args:
        configuration: What the app reads.
        tell: Told what the person at the phone has to do, a sentence at a time.
    """

    def __init__(
        self, phone: AdbPhone, configuration: str, tell: Callable[[str], None] | None = None
    ) -> None:
        self._phone = phone
        self._configuration = configuration
        self._tell = tell or _say
        self._name = f"ht-{secrets.token_hex(4)}"
        self._is_there = False
        self._received = 0
        """Bytes that the tunnel had brought to the phone: a new one begins anew."""

    def lead(self, journal: PhoneJournal) -> None:
        """Put the configuration on the phone, and wait until a person has switched it on."""
        phone = self._phone
        if self._is_there and phone.tunnels():
            return
        if not self._is_there:
            self._put(journal)
        phone.open_wireguard()
        file = f"Download/{self._name}.conf"
        self._tell(
            "On the phone, in the WireGuard app: + and “Import from file”, choose "
            f"{file}, and switch “{self._name}” on. Android asks once whether it may."
        )
        if not waited_for(phone.tunnels, BY_HAND_S):
            raise DriverError(f"{phone.serial}: its tunnel {self._name} was not switched on")
        self._received = 0
        self._tell("The tunnel is on. Leave the phone alone from now on.")

    def _put(self, journal: PhoneJournal) -> None:
        phone = self._phone
        if not phone.has(WIREGUARD):
            raise DriverError(f"{phone.serial}: there is no WireGuard app on it ({WIREGUARD}); install it")
        if other := phone.setting("secure.always_on_vpn_app"):
            raise DriverError(
                f"{phone.serial}: a VPN is set to be always on ({other}); switch that off there"
            )
        if on := phone.tunnels():
            others = ", ".join(on)
            raise DriverError(
                f"{phone.serial}: a VPN is on ({others}), which this one would end; switch it off there"
            )
        phone.note_tunnel(journal, self._name)
        phone.put(journal, f"{DOWNLOADS}/{self._name}.conf", self._configuration.encode())
        self._is_there = True

    def check(self) -> None:
        """The tunnel is on, and the same one: a new one has brought fewer bytes than the old one had."""
        on = self._phone.tunnels()
        received = max(on.values(), default=0)
        if not on or received < self._received:
            raise DriverError(
                f"{self._phone.serial}: its tunnel is or was off, so that what it sent meanwhile is not known"
            )
        self._received = received


def _say(sentence: str) -> None:
    """On the terminal, if nobody else wants to be told."""
    sys.stderr.write(f"{escape_terminal(sentence)}\n")
    sys.stderr.flush()
