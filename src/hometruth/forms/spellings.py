"""Every spelling of a value, by the kinds of value that there are: a new kind is one entry in `KINDS`."""

from collections.abc import Callable, Iterator

from hometruth.forms import addresses, charsets, coordinates, devices, emails, telephones, words
from hometruth.forms.spelling import Spelling

KINDS: dict[str, Callable[[str], Iterator[Spelling]]] = {
    "telephone": telephones.spell,
    "address": addresses.spell,
    "e-mail": emails.spell,
    "device": devices.spell,
    "coordinates": coordinates.spell,
    "words": words.spell,
    "charset": charsets.spell,
}
"""Each gives the spellings of its kind of value, and none of other values."""


def spellings_of(value: str) -> dict[str, Spelling]:
    """Spellings that senders digest, by text; the value as it is has no name."""
    named: dict[str, Spelling] = {}
    for spelling in _all(value):
        if spelling.is_digested and isinstance(spelling.text, str) and spelling.text:
            named.setdefault(spelling.text, spelling)
    return named


def digested_bytes_of(value: str) -> dict[bytes, Spelling]:
    """The same for spellings that are bytes: ODIN-1 is the sha1 of the six bytes of a MAC address."""
    named: dict[bytes, Spelling] = {}
    for spelling in _all(value):
        if spelling.is_digested and isinstance(spelling.text, bytes):
            named.setdefault(spelling.text, spelling)
    return named


def is_assigned(value: str) -> bool:
    """True for values that somebody gives out once: telephone numbers, mailboxes, identifiers of devices."""
    return emails.is_email(value) or telephones.is_telephone(value) or devices.is_device(value)


def sought_spellings(value: str) -> Iterator[Spelling]:
    """Spellings that are looked for as they are, some perhaps twice; not the value itself."""
    return (spelling for spell in KINDS.values() for spelling in spell(value) if spelling.is_sought)


def _all(value: str) -> Iterator[Spelling]:
    trimmed = value.strip()
    for name, text in (
        ("", value),
        ("trimmed", trimmed),
        ("lower", value.lower()),
        ("upper", value.upper()),
        ("trimmed,lower", trimmed.lower()),
        ("trimmed,upper", trimmed.upper()),
    ):
        yield Spelling(name, text, is_sought=False, is_digested=True)
    for spell in KINDS.values():
        yield from spell(value)
