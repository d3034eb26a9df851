"""Identifiers found without being told their names, how long they live, and what they join."""

from hometruth.identity.identifiers.answer import Answer, find_identifiers, search_identifiers
from hometruth.identity.identifiers.codes import codes, grouped
from hometruth.identity.identifiers.links import components, links
from hometruth.identity.identifiers.occurrences import Event
from hometruth.identity.identifiers.rotation import rotation

__all__ = [
    "Answer",
    "Event",
    "codes",
    "components",
    "find_identifiers",
    "grouped",
    "links",
    "rotation",
    "search_identifiers",
]
