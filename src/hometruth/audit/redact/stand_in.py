"""A random value of the same length and kind of characters, so that every format takes it."""

import re
from functools import cache
from random import Random

from hometruth.audit.redact.sensitive import EMAIL, IP_ADDRESS, NUMBER, TELEPHONE, UUID
from hometruth.canaries import is_minted, mint
from hometruth.forms.luhn import check_digit, is_imei

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_HEX_DIGITS = "0123456789abcdef"
_IP_ADDRESS = re.compile(IP_ADDRESS)
_NOBODYS = ("192.0.2.", "198.51.100.", "203.0.113.")
"""Blocks of addresses for documentation (RFC 5737)."""
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*://)([^/?#:]+)(.*)", re.DOTALL)
_WHOLE_EMAIL = re.compile(EMAIL)
_WHOLE_TELEPHONE = re.compile(TELEPHONE)
_WHOLE_UUID = re.compile(UUID)
_HEX = re.compile(r"[0-9a-f:\-]+|[0-9A-F:\-]+")
_RESERVED = (".example", ".test")
"""Ends of domains that are nobody's (RFC 2606), longest first."""
COUNTRY_CHARACTERS = 3
"""Of a telephone number: its sign and country, which stay."""
BLOCK = 0x40
"""Letters beyond ASCII are replaced by others of their block, which take as many bytes."""


def stand_in(value: str, rng: Random) -> str:
    """A value to put in the place of another one."""
    if is_minted(value):
        return _in_case_of(value, mint("page", rng=rng).value)
    if _IP_ADDRESS.fullmatch(value):
        return rng.choice(_NOBODYS) + str(rng.randint(1, 254))
    if is_imei(value):
        body = "".join(rng.choices("0123456789", k=14))
        return f"{body}{check_digit(body)}"
    if _WHOLE_UUID.fullmatch(value):  # the digits that say which kind of UUID it is stay
        drawn = _drawn(value, rng)
        return drawn[:14] + value[14] + drawn[15:19] + value[19] + drawn[20:]
    if _WHOLE_TELEPHONE.fullmatch(value):
        return value[:COUNTRY_CHARACTERS] + _drawn(value[COUNTRY_CHARACTERS:], rng)
    if _WHOLE_EMAIL.fullmatch(value) and "@" in value:
        return _email(value, rng)
    if address := _ADDRESS.fullmatch(value):
        return address[1] + _host(address[2], rng) + _drawn(address[3], rng)
    if NUMBER.fullmatch(value):
        return _number(value, rng)
    return _drawn(value, rng)


def _number(value: str, rng: Random) -> str:
    """A number of the same length and size: a nought in front stays, and so does the exponent."""
    at = len(value) - len(value.lstrip("-"))
    mantissa = re.split("[eE]", value)[0]
    first = "0" if value[at] == "0" and len(mantissa) > at + 1 else rng.choice("123456789")
    return value[:at] + first + _drawn(mantissa[at + 1 :], rng) + value[len(mantissa) :]


def _email(value: str, rng: Random) -> str:
    """A mailbox of a domain that is nobody's."""
    local, _, domain = value.partition("@")
    return f"{_drawn(local, rng)}@{_host(domain, rng)}"


def _host(host: str, rng: Random) -> str:
    """A host that is nobody's, where the length allows one."""
    end = next((each for each in _RESERVED if len(each) < len(host)), "")
    if not end:
        return _drawn(host, rng)
    return "".join(rng.choices(_LOWER, k=len(host) - len(end))) + end


def _drawn(value: str, rng: Random) -> str:
    """Each character by another of its kind; hexadecimal digits by such."""
    if _HEX.fullmatch(value) and any(each.isdigit() for each in value) and any(map(str.isalpha, value)):
        digits = _HEX_DIGITS if value == value.lower() else _HEX_DIGITS.upper()
        return "".join(each if each in ":-" else rng.choice(digits) for each in value)
    return "".join(rng.choice(_kind(each)) for each in value)


@cache
def _kind(character: str) -> str:
    """Characters that can take the place of one; itself alone where it is no letter or digit."""
    if "0" <= character <= "9":
        return "0123456789"
    if character.isascii():
        if not character.isalpha():
            return character
        return _LOWER if character.islower() else _LOWER.upper()
    if not character.isalpha():
        return character
    first = ord(character) // BLOCK * BLOCK
    size = len(character.encode())
    block = (chr(at) for at in range(first, first + BLOCK))
    like = [each for each in block if each.isalpha() and len(each.encode()) == size]
    return "".join(each for each in like if each.islower() == character.islower()) or character


def _in_case_of(value: str, new: str) -> str:
    return "".join(each.upper() if old.isupper() else each for old, each in zip(value, new, strict=True))
