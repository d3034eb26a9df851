"""How a channel declares its fields as data: what stands in each, and which half of that is known."""

from dataclasses import dataclass

from hometruth.lab.apps.declare import NameSource


@dataclass(frozen=True, slots=True)
class ChannelField:
    """One field of a request."""

    name: str
    holds: str
    """What the lab puts there."""
    name_is: NameSource
    content_is: NameSource
    """Where it is known from that this is what stands there."""
