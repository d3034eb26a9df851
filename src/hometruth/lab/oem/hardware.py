"""Numbers of the hardware, which no reset changes. Synthetic: no real phone can have them."""

from random import Random

TEST_REPORTING_BODY = "00"
"""First digits of an IMEI that is for tests only (GSMA TS.06)."""
SERIAL_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
SERIAL_CHARACTERS = 12
"""Form of the serial number: invented."""


def new_imei(rng: Random) -> str:
    """15 digits, the last of which is the Luhn check (3GPP TS 23.003)."""
    digits = TEST_REPORTING_BODY + f"{rng.randrange(10**12):012}"
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-sum(sum(divmod(number, 10)) for number in doubled) % 10}"


def new_serial(rng: Random) -> str:
    """A serial number."""
    return "".join(rng.choice(SERIAL_ALPHABET) for _ in range(SERIAL_CHARACTERS))
