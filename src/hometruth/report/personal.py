"""Personal values kept out of a report: found in every spelling we can foresee, and replaced or withheld.

A spelling that stands openly (plain, other case, percent-, JSON- or HTML-escaped) is replaced in place. One
that is wrapped (base64, hexadecimal, UTF-16, reversed) cannot be cut out without leaving a decodable rest, so
bytes holding it are withheld as a whole by the caller.
"""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from urllib.parse import quote, quote_plus

from hometruth.model import Audit, Sighting
from hometruth.report.text import mask

_RUN = re.compile(r"[A-Za-z0-9+/_=%-]")
"""Characters of base64 and hexadecimal runs; a wrapped value is removed with the whole run around it."""
MIN_IMAGE_CHARS = 5
"""Shorter base64 cores or hexadecimal runs would match unrelated bytes everywhere."""


class Masker:
    """Replaces personal values wherever they occur, and counts the places."""

    def __init__(
        self, values: Iterable[str], digests: Iterable[bytes] = (), *, withholds: bool = True
    ) -> None:
        """Prepare to look for *values*.

        Args:
            values: The personal values.
            digests: One-way spellings that were sighted: those of an e-mail can be guessed back.
            withholds: Whether bytes that wrap a value are kept back as a whole.
        """
        self.values = tuple(
            sorted({value for value in values if value}, key=lambda value: (-len(value), value))
        )
        shown_as = {spelling: mask(value) for value in self.values for spelling in _spellings(value)}
        shown_as |= {digest.decode("latin-1"): mask("") for digest in digests if digest}
        self._shown_as = {spelling.lower(): shown for spelling, shown in shown_as.items()}
        self._open = _any_of(sorted(shown_as, key=len, reverse=True), re.IGNORECASE)
        self._open_bytes = _any_case_of(sorted(shown_as, key=len, reverse=True))
        images = {image for value in self.values for image in _images(value)}
        self._wrapped_bytes = _any_of_bytes(sorted(images, key=len, reverse=True))
        text_images = {image.decode() for image in images if image.isascii() and b"\0" not in image}
        self._wrapped = _any_of(sorted(text_images, key=len, reverse=True), 0)
        self.withholds = withholds
        self.places = 0

    def text(self, text: str) -> str:
        """*text* with every personal value in it replaced, wrapped ones with the run around them."""
        for start, end in reversed(list(self._runs(text))):
            self.places += 1
            text = text[:start] + mask("") + text[end:]
        return self._open.sub(self._replace, text) if self._open else text

    def spans(self, data: bytes) -> list[tuple[int, int, str]]:
        """Places in *data* where a value stands openly: start, end, what to show instead."""
        found = self._open_bytes.finditer(data) if self._open_bytes else ()
        return [(m.start(), m.end(), self._as_shown(m[0].decode("utf-8", "replace"))) for m in found]

    def wraps(self, data: bytes) -> bool:
        """True if *data* holds a personal value in a spelling that can be decoded back."""
        return bool(self._wrapped_bytes and self._wrapped_bytes.search(data))

    def _replace(self, match: re.Match[str]) -> str:
        self.places += 1
        return self._as_shown(match[0])

    def _as_shown(self, spelling: str) -> str:
        return self._shown_as.get(spelling.lower(), mask(""))

    def _runs(self, text: str) -> Iterator[tuple[int, int]]:
        position = 0
        for match in self._wrapped.finditer(text) if self._wrapped else ():
            if match.start() < position:
                continue
            start, end = match.span()
            while start > position and _RUN.match(text[start - 1]):
                start -= 1
            while end < len(text) and _RUN.match(text[end]):
                end += 1
            yield start, end
            position = end


def masker_for(audit: Audit, *, reveal: bool = False) -> Masker:
    """The masker for one audit: personal canaries always, and identifiers where the subject is real.

    A simulated phone's values are nobody's. Its personal ones are masked as a real one's would be, but bytes
    that wrap them are not withheld, so that its proofs can be followed from the raw request.
    """
    if reveal:
        return Masker(())
    values = {finding.canary.value for finding in audit.findings if finding.canary.personal}
    values |= {proof.sighting.canary.value for proof in audit.proofs if proof.sighting.canary.personal}
    real = audit.subject.kind != "simulated"
    if real:
        values |= {identifier.value for identifier in audit.identifiers}
    digests = {s.form.needle for s in personal_sightings(audit) if not s.form.is_plain}
    return Masker(values, digests, withholds=real)


def personal_sightings(audit: Audit) -> tuple[Sighting, ...]:
    """Every sighting of a personal value."""
    mine = [sighting for finding in audit.findings for sighting in finding.sightings]
    mine += [proof.sighting for proof in audit.proofs]
    return tuple(sighting for sighting in mine if sighting.canary.personal)


def _spellings(value: str) -> set[str]:
    """Open spellings; case is ignored when they are looked for."""
    plain = {value, value.lower(), value.upper()}
    escaped = {escape(v) for v in plain for escape in (_percent, _plus, html.escape, _json, _json_slash)}
    return plain | escaped | {_percent(v) for v in escaped} | set(_unwrapped(value))


def _unwrapped(value: str) -> Iterator[str]:
    """What is left where a value that happens to be hexadecimal or base64 was decoded once too often."""
    for decode in (bytes.fromhex, partial(base64.b64decode, validate=True)):
        with suppress(ValueError):
            decoded = decode(value)
            if len(decoded) >= MIN_IMAGE_CHARS:
                yield decoded.decode("utf-8", "backslashreplace")


def _utf8(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def _percent(value: str) -> str:
    return quote(_utf8(value), safe="")


def _plus(value: str) -> str:
    return quote_plus(_utf8(value))


def _json(value: str) -> str:
    return json.dumps(value)[1:-1]


def _json_slash(value: str) -> str:
    return _json(value).replace("/", "\\/")


def _images(value: str) -> Iterator[bytes]:
    """Spellings under wrappings whose output shows through bytes: base64 (three alignments), hex, UTF-16."""
    for spelling in {value, value.lower(), value.upper()}:
        data = _utf8(spelling)
        yield from _long_enough((data.hex().encode(), data.hex().upper().encode()))
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            for shift in range(3):
                whole = encode(b"\0" * shift + data).rstrip(b"=")
                spoilt = (0, 2, 3)[shift]
                last = -1 if (shift + len(data)) % 3 else len(whole)
                yield from _long_enough((whole[spoilt:last],))
        yield spelling.encode("utf-16-le", "surrogatepass")
        yield spelling.encode("utf-16-be", "surrogatepass")
        if len(data) >= MIN_IMAGE_CHARS and data != data[::-1]:
            yield data[::-1]


def _long_enough(images: Iterable[bytes]) -> Iterator[bytes]:
    return (image for image in images if len(image) >= MIN_IMAGE_CHARS)


def _any_of(needles: Iterable[str], flags: int) -> re.Pattern[str] | None:
    pattern = "|".join(map(re.escape, needles))
    return re.compile(pattern, flags) if pattern else None


def _any_of_bytes(needles: Iterable[bytes]) -> re.Pattern[bytes] | None:
    pattern = b"|".join(map(re.escape, needles))
    return re.compile(pattern) if pattern else None


def _any_case_of(spellings: Iterable[str]) -> re.Pattern[bytes] | None:
    """Match the UTF-8 of any of *spellings*, without regard to case in any script."""
    pattern = b"|".join(b"".join(map(_any_case, spelling)) for spelling in spellings)
    return re.compile(pattern, re.IGNORECASE) if pattern else None


def _any_case(char: str) -> bytes:
    if char.isascii():
        return re.escape(char.encode())
    cases = dict.fromkeys((char, char.lower(), char.upper()))
    return b"(?:" + b"|".join(re.escape(_utf8(case)) for case in cases) + b")"
