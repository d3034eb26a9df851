"""Identifiers found without being told their names, how long they live, and what they join."""

from hometruth.identity.identifiers.codes import Code, codes
from hometruth.identity.identifiers.event import Comparison, Event, KnownValue, Phase, Place, Session
from hometruth.identity.identifiers.find import Found, Kind, find_identifiers
from hometruth.identity.identifiers.lifetime import FOREVER, SESSION, UNKNOWN, Kept, Lifetime
from hometruth.identity.identifiers.links import Link, LinkKind, components, links
from hometruth.identity.identifiers.rotation import Rotation, rotation

__all__ = [
    "FOREVER",
    "SESSION",
    "UNKNOWN",
    "Code",
    "Comparison",
    "Event",
    "Found",
    "Kept",
    "Kind",
    "KnownValue",
    "Lifetime",
    "Link",
    "LinkKind",
    "Phase",
    "Place",
    "Rotation",
    "Session",
    "codes",
    "components",
    "find_identifiers",
    "links",
    "rotation",
]
