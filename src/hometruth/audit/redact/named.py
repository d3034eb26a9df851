"""Values by the names that stand before them, in texts of any format: markup, source, lines, parts.

What is JSON or a form as a whole is taken apart elsewhere (`rewrite`); here is what holds such things.
"""

import html
import json
import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from hometruth.audit.redact.sensitive import is_telling

_NAME = r"(?<![\w$])(?P<name>[A-Za-z_$][\w.\-$]{0,80})"
_SIGN = r"[\"']?\s{0,8}(?:=>|[:=])\s{0,8}"
_MARKUP = (
    # <input name="..." value="...">, <data value="..." name="...">, and property lists
    r"\bname=([\"'])(?P<name>[^\"'<>]{1,80})\1[^<>]{0,400}?\bvalue=([\"'])(?P<value>[^\"'<>]*)",
    r"\bvalue=([\"'])(?P<value>[^\"'<>]*)\1[^<>]{0,400}?\bname=([\"'])(?P<name>[^\"'<>]{1,80})",
    r"<key>(?P<name>[^<>]{1,80})</key>\s{0,80}<(?:string|integer|real|date|data)>(?P<value>[^<>]*)",
    r"<[^<>]{0,4000}?\s(?P<name>[\w.:\-]{1,80})\s{0,8}=\s{0,8}([\"'])(?P<value>[^\"'<>]*)",
)
_SOURCE = (
    # name: "value", name='value', "name":"value", and what is a text inside of a text
    rf"{_NAME}{_SIGN}\"(?P<value>(?:[^\"\\]|\\.)*)\"",
    rf"{_NAME}{_SIGN}[\"'](?P<value>[^\"'\r\n]+)(?=[\r\n<]|\Z)",  # cut off
    rf"{_NAME}{_SIGN}'(?P<value>(?:[^'\\]|\\.)*)'",
    rf"{_NAME}\\{{1,8}}[\"']?\s{{0,8}}:\s{{0,8}}\\{{1,8}}\"(?P<value>[^\"\\]*)",
)
_LABEL = re.compile(rf"{_NAME}(?:[ \t]{{0,8}}:[ \t]{{0,8}}|[ \t]{{1,8}}=[ \t]{{0,8}})(?=[^\s\"'])")
"""Of a header, a setting, an entry of a log: the rest of its line is the value."""
_END_OF_LINE = re.compile(r"[\r\n]|\Z")


class Escapes(Enum):
    """How a value stands there."""

    PLAIN = "as it is"
    SOURCE = "with the escapes of JSON and source texts"
    MARKUP = "with the entities of HTML and XML"


_PATTERNS = tuple(
    (re.compile(pattern, re.DOTALL), escapes)
    for escapes, those in ((Escapes.MARKUP, _MARKUP), (Escapes.SOURCE, _SOURCE))
    for pattern in those
)
_ELEMENT = re.compile(r"<(?P<name>[\w.:\-]{1,80})(?:\s[^<>]*)?>(?P<value>[^<>]+)(?=</(?P=name)>)")
_CDATA = re.compile(
    r"<(?P<name>[\w.:\-]{1,80})(?:\s[^<>]*)?>\s{0,80}<!\[CDATA\[(?P<value>.*?)\]\]>", re.DOTALL
)
_LINE = r"[^\r\n]{0,1000}"
_FIELD = (
    rf"\bname=(?P<quote>[\"']?)(?P<name>[^\"'\r\n;]{{0,200}})(?P=quote){_LINE}\r?\n"
    rf"(?:{_LINE}[^\r\n]\r?\n){{0,20}}\r?\n(?P<value>.*?)"
)
_PART = re.compile(
    rf"--(?P<mark>[^\r\n]{{1,200}})\r?\n(?:{_LINE}[^\r\n]\r?\n){{0,20}}?{_LINE}?"
    rf"{_FIELD}(?=\r?\n--(?P=mark)|\Z)",
    re.DOTALL,
)
_LOOSE_PART = re.compile(rf"{_FIELD}(?=\r?\n--|\Z)", re.DOTALL)
"""Fields of a multipart body; the second one where the line that divides them is not there: cut off."""
_USER = re.compile(r"://(?P<value>[^/\s:@]{1,256})(?=:[^/\s@]{1,256}@)")
_PASSWORD = re.compile(r"://[^/\s:@]{1,256}:(?P<value>[^/\s@]{1,256})(?=@)")
_JSON_BEGINS = re.compile(r"[\[{]\s{0,80}[\"\[{]")
MOST_FAILURES = 32
"""Places in one text at which JSON may seem to begin, and does not."""


class Named(NamedTuple):
    """A value, and what it is called."""

    start: int
    end: int
    name: str
    value: str
    escapes: Escapes = Escapes.PLAIN
    is_whole: bool = False
    """Something of its own (a part, an element, a JSON text), whatever it is called."""

    def text(self) -> str:
        """The value without the escapes."""
        if self.escapes is Escapes.MARKUP:
            return html.unescape(self.value)
        if self.escapes is Escapes.SOURCE and "\\" in self.value:
            try:
                text: str = json.loads(f'"{self.value}"', strict=False)
            except ValueError:
                return self.value
            return text
        return self.value

    def written(self, text: str) -> str:
        """A text with such escapes."""
        if text == self.text():
            return self.value
        if self.escapes is Escapes.MARKUP:
            return html.escape(text)
        return json.dumps(text)[1:-1] if self.escapes is Escapes.SOURCE else text


def named_values(text: str) -> Iterator[Named]:
    """Values that go by their name, and whole things inside; one in another comes after it."""
    found: list[Named] = []
    if "name=" in text:
        found += (_named(each, is_whole=True) for each in _PART.finditer(text))
        found += (_named(each) for each in _LOOSE_PART.finditer(text) if is_telling(each["name"]))
    found += _embedded(text)
    if "://" in text and "@" in text:
        found += (Named(*each.span("value"), "username", each["value"]) for each in _USER.finditer(text))
        found += (Named(*each.span("value"), "password", each["value"]) for each in _PASSWORD.finditer(text))
    if "</" in text:
        found += (_named(each, Escapes.MARKUP, is_whole=True) for each in _ELEMENT.finditer(text))
    if "]]>" in text:
        found += (_named(each, is_whole=True) for each in _CDATA.finditer(text))
    for pattern, escapes in _PATTERNS:
        found += (_named(each, escapes) for each in pattern.finditer(text) if is_telling(each["name"]))
    found += _labelled(text)
    return iter(sorted(found, key=lambda each: (each.start, -each.end, each.is_whole)))


def _named(found: re.Match[str], escapes: Escapes = Escapes.PLAIN, *, is_whole: bool = False) -> Named:
    return Named(*found.span("value"), found["name"], found["value"], escapes, is_whole)


def _labelled(text: str) -> Iterator[Named]:
    for label in _LABEL.finditer(text):
        if is_telling(label["name"]) and (end := _END_OF_LINE.search(text, label.end())):
            yield Named(label.end(), end.start(), label["name"], text[label.end() : end.start()])


def _embedded(text: str) -> Iterator[Named]:
    """JSON texts that stand in the text, as in events of a stream or the call of a function."""
    at = failures = 0
    while failures < MOST_FAILURES and (begins := _JSON_BEGINS.search(text, at)):
        start = begins.start()
        try:
            _, at = _DECODER.raw_decode(text, start)
            if at - start < len(text):
                yield Named(start, at, "", text[start:at], is_whole=True)
        except (ValueError, RecursionError):
            at = start + 1
            failures += 1


_DECODER = json.JSONDecoder(strict=False)
