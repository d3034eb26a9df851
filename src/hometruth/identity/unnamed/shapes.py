"""Personal data by its form, wherever it stands in a text: what chance would hardly write."""

import re
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_address
from typing import NamedTuple

from publicsuffixlist import PublicSuffixList

from hometruth.forms import check_digits
from hometruth.identity.unnamed.known import known_forms, words_of
from hometruth.model.unnamed import Clue, PersonalKind

_EMAIL = re.compile(
    r"(?<![\w.%+\-'@])[A-Za-z0-9_%+'][A-Za-z0-9._%+\-']{0,63}@[A-Za-z0-9](?:[A-Za-z0-9\-]{0,62}\.){1,8}"
    r"[A-Za-z]{2,24}(?![\w\-@])"
)
_RESERVED = frozenset({"test", "example", "invalid", "localhost", "local", "internal"})
"""Top-level domains of tests and of nets of one's own: RFC 2606, RFC 6762, and ICANN for the last."""
_USER_OF_ADDRESS = re.compile(r"://[^/\s]{0,300}$")
_TELEPHONE = re.compile(r"(?<![\w.+/=])\+[1-9][0-9](?:[ ().\-]{0,2}[0-9]){6,13}(?![\w+/=]|\.[0-9])")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[ -]?[0-9]{2}[ -]?[A-Za-z0-9]")
_CARD = re.compile(
    r"(?<![\w.,+\-/=%])"
    r"(?:[0-9]{12,19}|[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{4}|[0-9]{4}([ -])[0-9]{6}\2[0-9]{5})"
    r"(?![\w/=%]|[.,\-][0-9])"
)
_USUAL_CARD = frozenset({15, 16})
"""Digits of nearly every card: of others the field must say that they are one."""
_LONG_NUMBER = re.compile(r"(?<![A-Za-z0-9])[0-9]{10,}(?![A-Za-z0-9])")
_NUMBERING = frozenset(
    {
        *(
            "id",
            "uid",
            "guid",
            "uuid",
            "ids",
            "time",
            "timestamp",
            "ts",
            "date",
            "correlator",
            "ord",
            "rnd",
            "rand",
        ),
        *(
            "random",
            "nonce",
            "seq",
            "sequence",
            "version",
            "session",
            "token",
            "hash",
            "key",
            "cb",
            "cache",
            "ref",
        ),
        *("reference", "count", "size", "bytes", "order", "tracking", "trace", "span"),
    }
)
"""Words of names under which programs number things."""
_INSURANCE_DE = re.compile(r"(?<![A-Za-z0-9])[A-Z][0-9]{9}(?![A-Za-z0-9])")
_TAX_CODE_IT = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{6}[0-9A-Z]{2}[A-Z][0-9A-Z]{2}[A-Z][0-9A-Z]{3}[A-Z](?![A-Za-z0-9])"
)
_TAX_NUMBER_BR = re.compile(r"(?<![\w.\-])[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}(?![\w\-])")
_LONGEST_ADDRESS = 48
"""Characters of one as text, in brackets and with a zone."""
SHORTEST = 6
"""Characters of the shortest thing that is found."""


class Likeness(NamedTuple):
    """What looks personal in a text."""

    kind: PersonalKind
    text: str
    """Without groups, in one case: equal for equal things."""
    start: int
    end: int
    clues: tuple[Clue, ...]
    """None where it is something else after all, by the field in which it stands."""


def shapes_in(text: str, path: str, said: frozenset[PersonalKind]) -> Iterator[Likeness]:
    """Everything in *text* that has the form of something personal.

    Args:
        path: Of the field.
        said: What the name of the field says.
    """
    if len(text) < SHORTEST:
        return
    if "@" in text:
        yield from _emails(text, path)
    if "+" in text:
        yield from _telephones(text)
    if ":" in text and is_public_address(text):
        yield Likeness(PersonalKind.IP_ADDRESS, text.strip().lower(), 0, len(text), (Clue.WHOLE,))
    if any(char.isdigit() for char in text):
        yield from _ibans(text)
        yield from _cards(text, path, said)
        yield from _checked(text)


def _emails(text: str, path: str) -> Iterator[Likeness]:
    known = known_forms()
    is_code = any(each.fullmatch(path) for each in known.no_email_paths)
    for found in _EMAIL.finditer(text):
        address = found[0].lower()
        domain = address.rpartition("@")[2]
        if (
            _is_domain(domain)
            and not any(each.fullmatch(address) for each in known.no_email_texts)
            and not _USER_OF_ADDRESS.search(text[max(0, found.start() - 310) : found.start()])
        ):
            yield Likeness(PersonalKind.EMAIL, address, *found.span(), () if is_code else (Clue.SYNTAX,))


def _telephones(text: str) -> Iterator[Likeness]:
    for found in _TELEPHONE.finditer(text):
        digits = re.sub("[^0-9]", "", found[0])
        clue = Clue.WHOLE if found[0] == text.strip() else Clue.SYNTAX
        yield Likeness(PersonalKind.TELEPHONE, digits, *found.span(), (clue,))


def _ibans(text: str) -> Iterator[Likeness]:
    known = known_forms().ibans
    for start in _IBAN.finditer(text):
        form = known.get(text[start.start() : start.start() + 2].upper())
        found = form.match(text, start.start()) if form else None
        if found is None or not (found[0] == found[0].upper() or found[0] == found[0].lower()):
            continue
        number = re.sub("[ -]", "", found[0]).upper()
        if check_digits.is_iban(number):
            yield Likeness(PersonalKind.IBAN, number, *found.span(), (Clue.COUNTRY, Clue.CHECK_DIGITS))


def _cards(text: str, path: str, said: frozenset[PersonalKind]) -> Iterator[Likeness]:
    is_said = PersonalKind.PAYMENT_CARD in said
    for found in _CARD.finditer(text):
        number = re.sub("[ -]", "", found[0])
        is_grouped = number != found[0]
        if not _is_issued(number) or not check_digits.is_card_number(number):
            continue
        clues = [Clue.ISSUER, Clue.CHECK_DIGITS]
        if is_said:
            clues.append(Clue.FIELD)
        elif is_grouped:
            clues.append(Clue.GROUPS)
        elif len(number) not in _USUAL_CARD or _numbers_things(path):
            clues = []
        elif found[0] == text.strip():
            clues.append(Clue.WHOLE)
        elif len(_LONG_NUMBER.findall(text)) > 1:
            clues = []
        yield Likeness(PersonalKind.PAYMENT_CARD, number, *found.span(), tuple(clues))


def _checked(text: str) -> Iterator[Likeness]:
    for kind, form, check in (
        (PersonalKind.INSURANCE_NUMBER_DE, _INSURANCE_DE, check_digits.is_german_insurance_number),
        (PersonalKind.TAX_CODE_IT, _TAX_CODE_IT, check_digits.is_italian_tax_code),
        (PersonalKind.TAX_NUMBER_BR, _TAX_NUMBER_BR, check_digits.is_brazilian_tax_number),
    ):
        for found in form.finditer(text):
            number = re.sub("[.-]", "", found[0])
            if check(number):
                yield Likeness(kind, number, *found.span(), (Clue.SYNTAX, Clue.CHECK_DIGITS))


def is_public_address(text: str) -> bool:
    """True for an IP address that is somebody's in the net of all."""
    try:
        return len(text) <= _LONGEST_ADDRESS and ip_address(text.strip().strip("[]")).is_global
    except ValueError:
        return False


def _is_issued(number: str) -> bool:
    return any(
        len(number) in digits and first.match(number) is not None for first, digits in known_forms().cards
    )


def _numbers_things(path: str) -> bool:
    """True for a list, or a field in which programs number things: one in forty is a card's by chance."""
    return path.endswith("]") or not _NUMBERING.isdisjoint(
        words_of(re.split(r"[.\[\]\"]+", path.rstrip('.[]"0123456789'))[-1])
    )


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False, only_icann=True)


def _is_domain(domain: str) -> bool:
    """True for a name under a top-level domain that there is, or that tests and nets of one's own use."""
    return domain.rpartition(".")[2] in _RESERVED or _suffixes().privatesuffix(domain) is not None
