"""What a leaking client adds for each visit of a treated trial: the behaviours whose proof is measured."""

import hashlib
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log2
from random import Random

from benchmarks.opaque.client import TRIAL_S, Event, event_json
from hometruth.opaque.barcode import LONGEST, SHORTEST

ALPHABET = string.ascii_letters + string.digits
HOST_LENGTHS = (50, 150)
LABEL = 50
"""Characters of one label of a host name, at the most."""
DOMAIN = ".canary.example"


@dataclass(frozen=True, slots=True)
class Visit:
    """One canary address and the second at which it is visited."""

    at_s: float
    host: str
    path: str

    @property
    def url(self) -> str:
        """The whole address."""
        return f"https://{self.host}/{self.path}"

    @property
    def bits(self) -> float:
        """Entropy of its random characters."""
        letters = len(self.host.removesuffix(DOMAIN).replace(".", ""))
        return letters * log2(32) + len(self.path) * log2(len(ALPHABET))


def visits(rng: Random, n: int, shortest: int = SHORTEST) -> list[Visit]:
    """*n* addresses of random length at random moments, in order; *shortest* is the least that is drawn."""
    moments = sorted(rng.uniform(0, TRIAL_S - 2) for _ in range(n))
    longest = shortest + LONGEST - SHORTEST
    return [Visit(at, _host(rng), _text(rng, rng.randint(shortest, longest))) for at in moments]


def _host(rng: Random) -> str:
    letters = "".join(rng.choices("abcdefghijkmnpqrstuvwxyz23456789", k=rng.randint(*HOST_LENGTHS)))
    return ".".join(letters[i : i + LABEL] for i in range(0, len(letters), LABEL)) + DOMAIN


def _text(rng: Random, length: int) -> str:
    return "".join(rng.choices(ALPHABET, k=length))


def _url(visit: Visit) -> dict[str, str]:
    return {"url": visit.url}


def _padded(size: int) -> Callable[[Visit], dict[str, str]]:
    def properties(visit: Visit) -> dict[str, str]:
        missing = -len(visit.url) % size
        return {"url": visit.url, "pad": "0" * missing}

    return properties


BEHAVIOURS: Mapping[str, Callable[[Visit], dict[str, str]]] = {
    "full URL": _url,
    "URL, padded to 256": _padded(256),
    "URL, padded to 1024": _padded(1024),
    "URL cut to 128 characters": lambda visit: {"url": visit.url[:128]},
    "host only": lambda visit: {"host": visit.host},
    "SHA-256 of URL": lambda visit: {"url": hashlib.sha256(visit.url.encode()).hexdigest()},
    "a bare event": lambda _: {},
}
"""Name to what the event of a visit says of it."""


def leak(name: str, seen: list[Visit], rng: Random, *, delay_s: float = 0.3) -> list[Event]:
    """The events that behaviour *name* records for the visits *seen*."""
    session = f"{rng.getrandbits(64):016x}"
    properties = BEHAVIOURS[name]
    return [
        Event(visit.at_s + delay_s, event_json(rng, session, "page_load", properties(visit)))
        for visit in seen
    ]
