"""The generations of the SDK that the lab speaks, as data with sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

WIFI, OFFLINE = "WIFI", "NULL"
NETWORKS = (WIFI, "5G", "4G", "3G", "2G", OFFLINE)
"""What ``$network_type`` can be."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One generation of the SDK: what it knows, and how it puts events on the wire."""

    name: str
    lib_version: str
    """``$lib_version``, which stands in every event."""
    sends_over: frozenset[str]
    """Networks over which it uploads by default."""
    is_of_today: bool
    """Whether it has ``identities``, today's presets, remote configuration and ``disableSDK``."""
    encrypts: bool
    """Whether its module for encryption is switched on; it still sends plain text until a key came."""
    source: str


ERA = Variant(
    name="era",
    lib_version="3.2.10",
    sends_over=frozenset({"WIFI", "5G", "4G", "3G"}),
    is_of_today=False,
    encrypts=False,
    source="sa-sdk-android at 512fc04a (2019-12-28), the version that palant-1 links to",
)
NOW = Variant(
    name="now",
    lib_version="6.8.4",
    sends_over=frozenset({"WIFI", "5G", "4G", "3G", "2G"}),
    is_of_today=True,
    encrypts=False,
    source="sa-sdk-android at 82b4800 (2025-07-18), 6.8.4; that these apps have it: invented",
)
ENCRYPTED = Variant(
    name="encrypted",
    lib_version=NOW.lib_version,
    sends_over=NOW.sends_over,
    is_of_today=True,
    encrypts=True,
    source="as now, with the module encrypt (first in 4.2.0, 2020-07-23); that these apps have it: invented",
)
VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {variant.name: variant for variant in (ERA, NOW, ENCRYPTED)}
)
