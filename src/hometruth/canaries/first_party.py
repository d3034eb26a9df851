"""Whether a host may have a value: the list a person gives with it. Narrower rules belong to experiments."""

from hometruth.model import Sighting


def is_first_party(sighting: Sighting) -> bool:
    """True if the canary's ``first_party`` names the recipient: *own host, not examined*, which is not clean.

    A name means that host alone; with a leading ``*.`` every host below it.
    """
    host = sighting.exchange.host.lower()
    return any(
        host.endswith(name[1:]) if name.startswith("*.") else host == name
        for name in sighting.canary.first_party
    )
