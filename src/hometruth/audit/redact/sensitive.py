"""What is personal or secret by its name or its shape. Rather too much than too little.

Names are those under which HTTP, OAuth 2.0 (RFC 6749), advertising SDKs and ordinary forms carry such values.
"""

import re
from itertools import pairwise

SECRET_HEADERS = frozenset(
    {
        *("authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate"),
        *("authentication-info", "x-api-key", "x-forwarded-for", "x-real-ip", "forwarded", "from"),
        *("if-none-match", "etag", "sec-websocket-key", "sec-websocket-accept"),
    }
)
COOKIE_HEADERS = frozenset({"cookie", "set-cookie", "cookie2", "set-cookie2"})
_HARD = frozenset(
    re.findall(
        r"[a-z]+",
        """
        password passwd passphrase passcode pwd pword pswd pw pass passwort kennwort
        secret token auth authorization oauth cookie csrf xsrf
        jwt credential credentials signature sig hmac crc checksum apikey otp pin sid sessionid bearer sso
        saml ticket
        """,
    )
)
"""Words of a name whose value is a secret as a whole; checksums tell whether a guess is right."""
_SOFT = frozenset(
    re.findall(
        r"[a-z]+",
        """
        email mail user phone telephone tel mobile msisdn imei imsi iccid meid mac serial ip lat latitude lon
        lng longitude street zip postcode postal birthday birthdate dob username login firstname lastname
        surname fullname nickname uid userid account accountid androidid idfa idfv gaid adid aaid oaid
        gpsadid deviceid clientid visitorid installid installationid anonymousid distinctid personid
        advertisingid session etag
        """,
    )
)
"""Words of a name whose value is a person's or a device's."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
NOTHING = re.compile(r"|true|false|null|none|nil|undefined|-?[0-9.]{1,3}", re.IGNORECASE)
"""Values that tell nothing wherever they stand."""
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][+\-]?[0-9]{1,3})?|[eE][+\-][0-9]{1,3})?")
"""As JSON writes them (RFC 8259); an exponent that could be part of a code in hexadecimal is none here."""

EMAIL = r"[A-Za-z0-9._+\-]{1,64}(?:@|%40)[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){0,6}\.[A-Za-z]{2,24}"
TELEPHONE = r"(?<![\w.+])(?:\+|%2[Bb])[1-9][0-9](?:[ ().\-]?[0-9]){6,13}(?![0-9])"
"""International, as E.164 has it: a number without the sign looks like any other number."""
JWT = r"\beyJ[A-Za-z0-9_\-]{6,}\.[A-Za-z0-9_\-]{2,}\.[A-Za-z0-9_\-]*"
"""RFC 7519."""
UUID = r"\b[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\b"
MAC = r"\b(?:[0-9A-Fa-f]{2}[:\-]){5}[0-9A-Fa-f]{2}\b"
IP_ADDRESS = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"
SHORTEST_TOKEN = 16
"""Characters; shorter ones are names of files and versions as often."""
TOKEN_CHANGES = 0.2
"""Changes between small letters, capitals and digits per character, from which on nobody chose them."""
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_CHANGE = re.compile(r"(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[a-z])")


def is_secret_name(name: str) -> bool:
    """True if whatever is called so is a secret as a whole."""
    return not _HARD.isdisjoint(_words(name))


def is_personal_name(name: str) -> bool:
    """True if what is called so names a person or a device."""
    words = _words(name)
    return not _SOFT.isdisjoint(words - {"user"} if "useragent" in words else words)


def is_telling(name: str) -> bool:
    """True if a name says of its value that it goes, wherever it stands."""
    return is_secret_name(name) or is_personal_name(name) or name.lower() in COOKIE_HEADERS | SECRET_HEADERS


def closest(name: str, around: str) -> str:
    """The name that decides about a value: its own, or that of what it stands in, if that is a secret."""
    return around if is_secret_name(around) and not is_secret_name(name) else name


def _words(name: str) -> set[str]:
    """Words of a name, alone and with the one after: ``device_id`` is also ``deviceid``."""
    words = [word.lower() for word in _WORD.findall(name[:200])]
    return {*words, *map("".join, pairwise(words))}


def looks_random(text: str) -> bool:
    """True for what nobody chose: long digits in hexadecimal, and letters and digits that take turns."""
    if len(text) < SHORTEST_TOKEN:
        return False
    if _HEX.fullmatch(text) and not text.isdigit() and not text.isalpha():
        return True
    return len(_CHANGE.findall(text)) >= TOKEN_CHANGES * len(text)
