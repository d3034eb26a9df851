"""What finding a value from its digest costs a stranger: guesses, divided by a rate."""

import hashlib
import re
import time
from collections.abc import Callable

from hometruth.errors import CanaryError
from hometruth.forms.luhn import check_digit, luhn_sum
from hometruth.model.reidentification import Cost, Space, Sweep

GPU_RATES = {"md5": 68.24e9, "sha1": 23.27e9, "sha256": 9.94e9}
"""Guesses a second; see `GPU_SOURCE`."""
BATCH = 2_000
"""Guesses between two looks at the clock."""
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


TAC_DIGITS = 8
"""Type allocation code: the model, public."""
SERIAL_DIGITS = 6
DIGITS = TAC_DIGITS + SERIAL_DIGITS + 1
N_SERIALS = 10**SERIAL_DIGITS
DIGESTS: dict[str, Callable[..., "hashlib._Hash"]] = {
    "md5": hashlib.md5,
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
}


def own_imei(text: str) -> str:
    """The fifteen digits of an IMEI as people write it.

    Raises:
        CanaryError: If it is none; the value is not repeated.
    """
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(rf"[0-9]{{{DIGITS}}}", digits):
        raise CanaryError(f"not an IMEI: it needs {DIGITS} digits; *#06# shows yours")
    if int(digits[-1]) != check_digit(digits[:-1]):
        raise CanaryError(
            "not an IMEI: its last digit does not follow from the others; look for a typing error"
        )
    return digits


def sweep_serials(imei: str, algorithm: str = "md5") -> Sweep:
    """Find the tester's own IMEI again from its digest and its model alone.

    Takes the number and not a digest, on purpose: this shows what a stranger could do, and does it to nobody
    else.
    """
    imei = own_imei(imei)
    digest_of = DIGESTS[algorithm]
    wanted = digest_of(imei.encode()).digest()
    tac = imei[:TAC_DIGITS]
    # The check digit depends on sums of parts only: those of 2 x 1,000 parts instead of 1,000,000 numbers.
    base = luhn_sum(tac, doubled_last=True)
    parts = [f"{number:03d}" for number in range(1000)]
    upper = [base + luhn_sum(part, doubled_last=False) for part in parts]
    lower = [luhn_sum(part, doubled_last=True) for part in parts]
    ends = [str(-total % 10) for total in range(max(upper) + max(lower) + 1)]
    place = 0
    began = time.perf_counter()
    for first, high in zip(parts, upper, strict=True):
        head = tac + first
        for second, low in zip(parts, lower, strict=True):
            if digest_of((head + second + ends[high + low]).encode()).digest() == wanted:
                place = int(first + second) + 1
    seconds = time.perf_counter() - began
    return Sweep(algorithm, place > 0, place, N_SERIALS, seconds)
