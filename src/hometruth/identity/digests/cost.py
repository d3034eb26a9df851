"""What finding a value from its digest costs somebody who does not know it: guesses, divided by a rate."""

import time
from dataclasses import dataclass

from hometruth.identity.digests.imei import DIGESTS

GPU_RATES = {"md5": 68.24e9, "sha1": 23.27e9, "sha256": 9.94e9}
"""Guesses a second."""
GPU_SOURCE = "hashcat on one RTX 3090, siseci/hashcat-benchmark-comparison, issue 3"
BATCH = 2_000
"""Guesses between two looks at the clock."""


@dataclass(frozen=True, slots=True)
class Space:
    """A kind of value, and how many there can be."""

    kind: str
    what: str
    guesses: float


SPACES = (
    Space("imei", "IMEI, model known: every serial number", 10**6),
    Space("imei", "IMEI, model unknown: every 14 digits", 10**14),
    Space("mac", "MAC address, maker known", 2**24),
    Space("mac", "MAC address, any", 2**48),
    Space("phone", "phone number, 8 digits unknown", 10**8),
    Space("phone", "phone number, 10 digits unknown", 10**10),
    Space("phone", "every mobile number there can be (Hagen et al. 2021)", 1.18e11),
    Space("android_id", "Android ID: 64 random bits", 2**64),
    Space("uuid", "advertising or instance id (UUID v4): 122 random bits", 2**122),
)
"""E-mail addresses are a list, not a space: a stranger tries those that leaked elsewhere."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds for all guesses of a space; half of that on average."""

    space: Space
    algorithm: str
    here_s: float
    """On one core of this machine, in plain Python."""
    gpu_s: float


def costs(rates: dict[str, float]) -> tuple[Cost, ...]:
    """The cost of every space, with the *rates* measured here (guesses a second, by algorithm)."""
    return tuple(
        Cost(space, algorithm, space.guesses / rate, space.guesses / GPU_RATES[algorithm])
        for space in SPACES
        for algorithm, rate in rates.items()
    )


def measure_rate(algorithm: str, seconds: float = 1.0) -> float:
    """Guesses of fifteen digits a second, on one core, while the clock runs."""
    digest_of = DIGESTS[algorithm]
    done = 0
    began = time.perf_counter()
    while (taken := time.perf_counter() - began) < seconds:
        for number in range(done, done + BATCH):
            digest_of(b"%015d" % number).digest()
        done += BATCH
    return done / taken
