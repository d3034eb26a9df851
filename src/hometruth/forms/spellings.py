"""The usual spellings of a value before it is digested: what trackers do to it first.

Sources: Google, "Format customer data for enhanced conversions" (trimmed, lower case, no dots before
gmail.com); Unified ID 2.0, "Normalization and encoding" (there also without +suffix); Meta, "Customer
information parameters" (e-mail trimmed and in lower case, phone numbers as digits); ITU-T E.164.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

SHORTEST_PART = 5
"""Characters; digests of shorter parts of a value are digests of words that everybody sends."""
_EMAIL = re.compile(r"([^@\s]+)@([^@\s]+\.[^@\s]+)")
_PHONE = re.compile(r"(?:\+|00)?[0-9][0-9 ()./\-]{5,}")
_MAC = re.compile(r"[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){5}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_GMAIL = frozenset({"gmail.com", "googlemail.com"})


def spellings_of(value: str) -> dict[str, str]:
    """Spellings by text, each with its name: empty for the value as it is."""
    named: dict[str, str] = {}
    for name, text in _all(value):
        if text:
            named.setdefault(text, name)
    return named


def whole_spellings(value: str) -> dict[str, str]:
    """Only those that say the whole value in other characters, not a part of it."""
    whole = {"digits", "no-dashes"} if is_uuid(value) else {"digits"}
    return {
        text: name
        for text, name in spellings_of(value).items()
        if name.startswith(("email:", "phone:", "mac:")) or name in whole
    }


def is_uuid(value: str) -> bool:
    """True for a UUID as RFC 9562 writes it, in either case."""
    return _UUID.fullmatch(value) is not None


def _all(value: str) -> Iterator[tuple[str, str]]:
    trimmed = value.strip()
    lower = trimmed.lower()
    yield "", value
    yield "trimmed", trimmed
    yield "lower", value.lower()
    yield "upper", value.upper()
    yield "trimmed,lower", lower
    yield "trimmed,upper", trimmed.upper()
    if email := _EMAIL.fullmatch(lower):
        yield from _of_email(email[1], email[2])
    elif "://" in lower:
        yield from _of_url(trimmed)
    elif _MAC.fullmatch(lower):
        yield from _of_mac(re.sub("[:-]", "", lower))
    elif _PHONE.fullmatch(lower):
        digits = re.sub("[^0-9]", "", lower)
        international = digits.removeprefix("00") if lower.startswith("00") else digits
        yield "digits", digits
        yield "phone:e164", f"+{international}"
        yield "phone:international", international
    elif "-" in lower and len(bare := lower.replace("-", "")) >= SHORTEST_PART:
        yield "no-dashes", bare
        yield "no-dashes,upper", bare.upper()


def _of_email(local: str, domain: str) -> Iterator[tuple[str, str]]:
    plain_local = local.partition("+")[0]
    if domain in _GMAIL:
        yield "email:google", f"{local.replace('.', '')}@{domain}"
        yield "email:uid2", f"{plain_local.replace('.', '')}@{domain}"
        yield "email:gmail.com", f"{plain_local.replace('.', '')}@gmail.com"
    yield "email:no-plus", f"{plain_local}@{domain}"
    yield from _parts(("local-part", local), ("local-part,no-plus", plain_local), ("domain", domain))


def _of_url(url: str) -> Iterator[tuple[str, str]]:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return
    query = f"?{parts.query}" if parts.query else ""
    yield from _parts(
        ("no-scheme", url.split("://", 1)[1]),
        ("no-query", url.partition("?")[0].partition("#")[0]),
        ("no-fragment", url.partition("#")[0]),
        ("no-slash", url.rstrip("/")),
        ("host", host),
        ("host,no-www", host.removeprefix("www.")),
        ("origin", f"{parts.scheme}://{host}"),
        ("host+path", f"{host}{parts.path}"),
        ("path", parts.path),
        ("path+query", f"{parts.path}{query}"),
    )


def _of_mac(bare: str) -> Iterator[tuple[str, str]]:
    pairs = [bare[start : start + 2] for start in range(0, 12, 2)]
    for name, text in (("colons", ":".join(pairs)), ("dashes", "-".join(pairs)), ("bare", bare)):
        yield f"mac:{name}", text
        yield f"mac:{name},upper", text.upper()


def _parts(*named: tuple[str, str]) -> Iterator[tuple[str, str]]:
    return ((name, text) for name, text in named if len(text) >= SHORTEST_PART)
