"""Identifiers found without being told their names, how long they live, and what they join."""

from hometruth.identity.identifiers.answer import Answer, find_identifiers, search_identifiers
from hometruth.identity.identifiers.codes import Code, codes
from hometruth.identity.identifiers.documented import Documented
from hometruth.identity.identifiers.event import Comparison, Event, KnownValue, Phase, Place, Session
from hometruth.identity.identifiers.found import Found
from hometruth.identity.identifiers.kind import Basis, Kind
from hometruth.identity.identifiers.lifetime import FOREVER, SESSION, UNKNOWN, Kept, Lifetime
from hometruth.identity.identifiers.links import Link, LinkKind, components, links
from hometruth.identity.identifiers.rotation import Rotation, rotation
from hometruth.identity.identifiers.undecided import Reason, Undecided, grouped

__all__ = [
    "FOREVER",
    "SESSION",
    "UNKNOWN",
    "Answer",
    "Basis",
    "Code",
    "Comparison",
    "Documented",
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
    "Reason",
    "Rotation",
    "Session",
    "Undecided",
    "codes",
    "components",
    "find_identifiers",
    "grouped",
    "links",
    "rotation",
    "search_identifiers",
]
