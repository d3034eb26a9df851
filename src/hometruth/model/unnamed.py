"""Personal data that nobody named: what it looks like, and what speaks for it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class PersonalCategory(StrEnum):
    """What sort of personal data it is."""

    CONTACT = "contact"
    FINANCIAL = "financial"
    GOVERNMENT_ID = "government-id"
    HEALTH = "health"
    IDENTITY = "identity"
    WHEREABOUTS = "whereabouts"
    ONLINE = "online"
    SECRET = "secret"  # noqa: S105 - a category, no password


class PersonalKind(StrEnum):
    """What a value that nobody named looks like."""

    EMAIL = "email"
    TELEPHONE = "telephone"
    POSTAL_ADDRESS = "postal-address"
    IBAN = "iban"
    PAYMENT_CARD = "payment-card"
    TAX_NUMBER_DE = "tax-number-de"
    INSURANCE_NUMBER_DE = "insurance-number-de"
    CITIZEN_NUMBER_NL = "citizen-number-nl"
    INSURANCE_NUMBER_FR = "insurance-number-fr"
    TAX_CODE_IT = "tax-code-it"
    IDENTITY_NUMBER_ES = "identity-number-es"
    CITIZEN_NUMBER_PL = "citizen-number-pl"
    TAX_NUMBER_BR = "tax-number-br"
    RESIDENT_NUMBER_IN = "resident-number-in"
    SOCIAL_SECURITY_NUMBER_US = "social-security-number-us"
    DIAGNOSIS = "diagnosis"
    NAME = "name"
    BIRTH_DATE = "birth-date"
    LOCATION = "location"
    IP_ADDRESS = "ip-address"
    PASSWORD = "password"  # noqa: S105 - a kind, no password
    CONNECTION = "connection"
    """No value: any request tells a third party the address and the browser of who sends it."""

    @property
    def category(self) -> PersonalCategory:
        """What sort of personal data it is."""
        return CATEGORY_OF[self]


CATEGORY_OF: Final = {
    kind: category
    for category, kinds in {
        PersonalCategory.CONTACT: ("email", "telephone", "postal-address"),
        PersonalCategory.FINANCIAL: ("iban", "payment-card"),
        PersonalCategory.GOVERNMENT_ID: (
            *("tax-number-de", "citizen-number-nl", "insurance-number-fr", "tax-code-it"),
            *("identity-number-es", "citizen-number-pl", "tax-number-br", "resident-number-in"),
            "social-security-number-us",
        ),
        PersonalCategory.HEALTH: ("insurance-number-de", "diagnosis"),
        PersonalCategory.IDENTITY: ("name", "birth-date"),
        PersonalCategory.WHEREABOUTS: ("location",),
        PersonalCategory.ONLINE: ("ip-address", "connection"),
        PersonalCategory.SECRET: ("password",),
    }.items()
    for kind in map(PersonalKind, kinds)
}


class Clue(StrEnum):
    """What speaks for it; no number of clues is proof, as a planted value is."""

    CHECK_DIGITS = "check digits"
    COUNTRY = "length and characters of its country"
    ISSUER = "range of a card issuer"
    SYNTAX = "syntax"
    FIELD = "name of the field"
    GROUPS = "groups of digits"
    WHOLE = "the whole field"
    RECIPIENT = "a third party"


@dataclass(frozen=True, slots=True)
class Resemblance:
    """Values of one kind in one field of one exchange; the values themselves are not kept."""

    kind: PersonalKind
    part: str
    path: str
    """Field, with ``{kind}`` in place of what looks personal in it."""
    chain: tuple[str, ...]
    """Layers around the first."""
    shown: str
    """The first, masked."""
    digests: frozenset[bytes]
    """Of each, by which those that are the same are told."""
    times: int
    clues: tuple[Clue, ...]
