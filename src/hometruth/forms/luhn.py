"""The check digit of IMEIs and payment cards (ISO/IEC 7812-1, annex B; for IMEIs 3GPP TS 23.003, annex B)."""

import re

_IMEI = re.compile(r"[0-9]{15}")


def luhn_sum(digits: str, *, doubled_last: bool) -> int:
    """Sum in which every second digit counts double, digits of the double added, from the right."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        digit = int(char) * (2 if (place % 2 == 0) == doubled_last else 1)
        total += digit - 9 if digit > 9 else digit
    return total


def check_digit(digits: str) -> int:
    """The digit that follows *digits*."""
    return -luhn_sum(digits, doubled_last=True) % 10


def is_imei(text: str) -> bool:
    """True for fifteen digits of which the last checks the others."""
    return bool(_IMEI.fullmatch(text)) and luhn_sum(text, doubled_last=False) % 10 == 0
