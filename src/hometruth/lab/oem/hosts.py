"""Where the vendor's channels go, and which of them a phone has.

Sources: palant-1 (see `apps.mint_browser`); decompiled: third-party decompilations of MiStat (``mistatv`` 5)
and of ``com.miui.analytics``, whose versions are not certain.
"""

from collections.abc import Mapping
from types import MappingProxyType

from hometruth.lab.apps.declare import TELEMETRY_HOST

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
