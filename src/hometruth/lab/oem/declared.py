"""What the vendor's channels are made of: fields, hosts, packages, registrations, numbers of hardware.

Sources: palant-1 (see `apps.mint_browser`); decompiled: third-party decompilations of MiStat (``mistatv`` 5)
and of ``com.miui.analytics``, whose versions are not certain. Invented: the packages, in the style of such
names (some may be the real ones; none was verified); the ids, keys and the secret that apps and server both
hold, as with any such service; and the numbers of the hardware, which no reset changes, and which no real
phone can have.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

from hometruth.lab.apps.declare import TELEMETRY_HOST, NameSource


@dataclass(frozen=True, slots=True)
class ChannelField:
    """One field of a request."""

    name: str
    holds: str
    """What the lab puts there."""
    name_is: NameSource
    content_is: NameSource
    """Where it is known from that this is what stands there."""


SENSORS_ONLY, APPS, ALL = "sensors", "apps", "all"

CHANNELS = (SENSORS_ONLY, APPS, ALL)
"""What a phone has: Sensors Analytics alone; with MiStat, all that its apps report to; the system's own too.

The real phones had all. Sensors alone is the lab's simplification, and its default: only that channel's
content was ever published, and the statements that are judged speak of the browsers, not of the system.
"""

MISTAT_INTERNATIONAL = "data.mistat.intl.xiaomi.com"

MISTAT_HOSTS: Mapping[str, str] = MappingProxyType(
    {
        "CN": "data.mistat.xiaomi.com",
        "IN": "data.mistat.india.xiaomi.com",
        "RU": "data.mistat.rus.xiaomi.com",
    }
)
"""Hosts by country; any other has the international one. Source: decompiled; which countries: assumed."""

MISTAT_PATH = "/mistats/v2"
"""Source: decompiled. ``/mistats`` and ``/mistats/v3`` exist as well, and are not modelled."""

TRACKING_HOST = "tracking.intl.miui.com"

TRACKING_PATH = "/track/spock"
"""Source: decompiled. In 2017 the path was ``/track/v1`` (a blog of 2017-11-18)."""

VENDOR_HOSTS = (TELEMETRY_HOST, MISTAT_INTERNATIONAL, *MISTAT_HOSTS.values(), TRACKING_HOST)
"""Every host of the vendor that the lab answers."""


def mistat_url(region: str) -> str:
    """Where MiStat posts from a phone of that country.

    The decompiled code names ``http`` for the Chinese host. That phones elsewhere used ``https`` is assumed.
    """
    return f"https://{MISTAT_HOSTS.get(region, MISTAT_INTERNATIONAL)}{MISTAT_PATH}"


@dataclass(frozen=True, slots=True)
class Package:
    """An app as Android knows it."""

    name: str
    main_screen: str
    """The screen that shows when it is opened."""


PACKAGES: Mapping[str, Package] = MappingProxyType(
    {
        "mint-browser": Package("com.mi.globalbrowser.mini", "com.mi.globalbrowser.mini.BrowserActivity"),
        "mi-browser": Package("com.android.browser", "com.android.browser.BrowserActivity"),
        "mi-browser-pro": Package("com.mi.globalbrowser", "com.mi.globalbrowser.BrowserActivity"),
        "music-player": Package("com.miui.player", "com.miui.player.ui.MusicBrowserActivity"),
        "system": Package("com.miui.home", "com.miui.home.launcher.Launcher"),
    }
)
"""By the lab's name of the app."""

DIALLER = Package("com.android.incallui", "com.android.incallui.InCallActivity")
"""Shown while a call lasts."""

ANALYTICS = "com.miui.analytics"
"""The system's own analytics. Source: decompiled code bears this name."""

PREINSTALLED = (ANALYTICS, PACKAGES["system"].name, DIALLER.name)
"""There from the factory, beside the apps that the owner installs."""

PROMOTED = ("com.example.promoted.game", "com.example.promoted.shop")
"""What lies in a folder of promoted apps."""


@dataclass(frozen=True, slots=True)
class Registration:
    """An app as MiStat knows it."""

    app_id: str
    app_key: str


REGISTRATIONS: Mapping[str, Registration] = MappingProxyType(
    {
        "mint-browser": Registration("1000000001", "synthetic-key-01"),
        "mi-browser": Registration("1000000002", "synthetic-key-02"),
        "mi-browser-pro": Registration("1000000003", "synthetic-key-03"),
        "music-player": Registration("1000000004", "synthetic-key-04"),
        "system": Registration("1000000005", "synthetic-key-05"),
    }
)
"""For MiStat, by the lab's name of the app."""

SPOCK_SECRET = "synthetic-spock-secret"  # noqa: S105 - protects nothing
"""What the system's analytics sign with."""

TEST_REPORTING_BODY = "00"
"""First digits of an IMEI that is for tests only (GSMA TS.06)."""

SERIAL_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

SERIAL_CHARACTERS = 12
"""Form of the serial number: invented."""


def new_imei(rng: Random) -> str:
    """15 digits, the last of which is the Luhn check (3GPP TS 23.003)."""
    digits = TEST_REPORTING_BODY + f"{rng.randrange(10**12):012}"
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-sum(sum(divmod(number, 10)) for number in doubled) % 10}"


def new_serial(rng: Random) -> str:
    """A serial number."""
    return "".join(rng.choice(SERIAL_ALPHABET) for _ in range(SERIAL_CHARACTERS))
