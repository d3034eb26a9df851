"""Check digits of numbers that states, banks and insurers give to people: what chance seldom gets right.

Each function names who says how it is computed. All take the number without spaces and signs, in capitals.
"""

import re
from collections.abc import Sequence
from datetime import date

from hometruth.forms.luhn import luhn_sum

MOST_TIMES = 3
"""How often the digit that comes twice may come in a German tax number, as of 2016."""
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_CF_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17),
            *(19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        ),
        strict=True,
    )
)
_CF_SWAPPED = str.maketrans("LMNPQRSTUV", "0123456789")
"""Letters that stand for digits where two people would have the same code."""
_CF_DIGITS = (6, 7, 9, 10, 12, 13, 14)
_CF_MONTHS = "ABCDEHLMPRST"
_VERHOEFF = (
    *("0123456789", "1234067895", "2340178956", "3401289567", "4012395678"),
    *("5987604321", "6598710432", "7659821043", "8765932104", "9876543210"),
)
_VERHOEFF_PLACES = (
    *("0123456789", "1576283094", "5803796142", "8916043527"),
    *("9453126870", "4286573901", "2793806415", "7046913258"),
)


def is_iban(text: str) -> bool:
    """True if the two digits behind the country check the rest (ISO 13616-1: ISO/IEC 7064, MOD 97-10)."""
    return _of_letters(text[4:] + text[:4]) % 97 == 1


def is_german_insurance_number(text: str) -> bool:
    """True for a letter and nine digits as § 290 SGB V has them: the letter counts as two digits."""
    if not re.fullmatch(r"[A-Z][0-9]{9}", text):
        return False
    digits = f"{ord(text[0]) - ord('A') + 1:02}{text[1:9]}"
    total = sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(digits))
    return total % 10 == int(text[9])


def is_german_tax_number(text: str) -> bool:
    """True for eleven digits as § 139b AO has them: ISO/IEC 7064, MOD 11,10. Of the first ten digits one
    comes twice or three times, never three in a row, and every other at most once."""
    if not re.fullmatch(r"[1-9][0-9]{10}", text):
        return False
    times = sorted((text[:10].count(digit) for digit in set(text[:10])), reverse=True)
    if not 2 <= times[0] <= MOST_TIMES or times[1] > 1 or re.search(r"(.)\1\1", text[:10]):
        return False
    product = 10
    for digit in text[:10]:
        product = (((product + int(digit)) % 10) or 10) * 2 % 11
    return (11 - product) % 10 == int(text[10])


def is_dutch_citizen_number(text: str) -> bool:
    """True for nine digits that pass the test of eleven (Besluit burgerservicenummer)."""
    if not re.fullmatch(r"[0-9]{9}", text) or not int(text):
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(int(digit) * weight for digit, weight in zip(text, weights, strict=True)) % 11 == 0


def is_french_insurance_number(text: str) -> bool:
    """True for fifteen characters as INSEE gives them: sex, year, month, place, order, key by 97."""
    found = re.fullmatch(r"[12][0-9]{2}(0[1-9]|1[0-2]|[2-9][0-9])(2[AB]|[0-9]{2})[0-9]{6}([0-9]{2})", text)
    if not found:
        return False
    number = int(text[:13].replace("2A", "19").replace("2B", "18"))
    return 97 - number % 97 == int(found[3])


def is_italian_tax_code(text: str) -> bool:
    """True for sixteen characters as D.M. 12/3/1974 has them, with a day that is one."""
    if not re.fullmatch(
        r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]", text
    ):
        return False
    plain = "".join(
        char.translate(_CF_SWAPPED) if place in _CF_DIGITS else char for place, char in enumerate(text)
    )
    if plain[8] not in _CF_MONTHS or not 1 <= int(plain[9:11]) % 40 <= 31:
        return False
    total = sum(_CF_ODD[char] for char in text[0:15:2])
    total += sum(int(char) if char.isdigit() else ord(char) - ord("A") for char in text[1:15:2])
    return chr(ord("A") + total % 26) == text[15]


def is_spanish_identity_number(text: str) -> bool:
    """True for a DNI or NIE, whose letter is the rest by 23 (Real Decreto 1553/2005)."""
    if not re.fullmatch(r"[0-9XYZ][0-9]{7}[A-Z]", text):
        return False
    number = text[:8].translate(str.maketrans("XYZ", "012"))
    return _DNI_LETTERS[int(number) % 23] == text[8]


def is_polish_citizen_number(text: str) -> bool:
    """True for eleven digits as PESEL has them: a day of birth with its century, an order, a check digit."""
    if not re.fullmatch(r"[0-9]{11}", text):
        return False
    century = (1900, 2000, 2100, 2200, 1800)[int(text[2]) // 2]
    if not _is_day(century + int(text[:2]), int(text[2:4]) % 20, int(text[4:6])):
        return False
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
    return sum(int(digit) * weight for digit, weight in zip(text, weights, strict=True)) % 10 == 0


def is_brazilian_tax_number(text: str) -> bool:
    """True for eleven digits, not all the same, of which two check the others (Receita Federal, CPF)."""
    if not re.fullmatch(r"[0-9]{11}", text) or len(set(text)) == 1:
        return False
    digits = [*map(int, text)]
    return all(_of_eleven(digits[:known], known + 1) == digits[known] for known in (9, 10))


def is_indian_resident_number(text: str) -> bool:
    """True for twelve digits as UIDAI gives them: the first from 2 on, the last by Verhoeff's algorithm."""
    if not re.fullmatch(r"[2-9][0-9]{11}", text):
        return False
    check = 0
    for place, digit in enumerate(reversed(text)):
        check = int(_VERHOEFF[check][int(_VERHOEFF_PLACES[place % 8][int(digit)])])
    return check == 0


def is_us_social_security_number(text: str) -> bool:
    """True for nine digits that may have been given out (20 CFR 422.103; SSA, randomisation of 2011).

    There is no check digit: without the name of a field it is any number.
    """
    found = re.fullmatch(r"([0-9]{3})([0-9]{2})([0-9]{4})", text)
    if not found:
        return False
    area, group, serial = found.groups()
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def is_card_number(text: str) -> bool:
    """True for digits of which the last checks the others (ISO/IEC 7812-1, annex B), not all the same."""
    return len(set(text)) > 1 and luhn_sum(text, doubled_last=False) % 10 == 0


def _of_letters(text: str) -> int:
    """The number in which a letter is two digits: A is 10."""
    return int("".join(str(int(char, 36)) for char in text))


def _of_eleven(digits: Sequence[int], first_weight: int) -> int:
    rest = sum(digit * (first_weight - place) for place, digit in enumerate(digits)) % 11
    return 0 if rest < 2 else 11 - rest


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
