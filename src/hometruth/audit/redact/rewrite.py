"""Replaces inside every wrapping that can be put on again: peeled, replaced, wrapped again in the same way.

Apart from `peel`, which only opens: what is written here must come out of it changed, and nothing else. What
cannot be put on again is left to the proof (`prove`), which looks through every layer there is.
"""

import base64
import binascii
import gzip
import json
import re
import zlib
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import brotli
import zstandard

from hometruth.audit.redact.named import named_values
from hometruth.audit.redact.replacements import Replacements
from hometruth.audit.redact.sensitive import (
    COOKIE_HEADERS,
    EMAIL,
    JWT,
    MAC,
    NOTHING,
    NUMBER,
    SECRET_HEADERS,
    TELEPHONE,
    UUID,
    closest,
    is_personal_name,
    is_secret_name,
    is_telling,
    looks_random,
)
from hometruth.forms.luhn import is_imei
from hometruth.peel.layers.compression import gunzip, inflate, inflate_raw, unbrotli, unzstd
from hometruth.peel.layers.layer import Context, Opened

MAX_DEPTH = 24
MAX_UNPACKED_BYTES = 1 << 26
SHORTEST_WORD = 8
"""Characters of the shortest word that is tried as base64 or hexadecimal."""
SURE_WORD = 16
"""Characters from which on a word that decodes to text is no accident."""
SHORTEST_SOUGHT = 3
"""Characters; what has no more holds nothing removed."""
SHORTEST_SPOT = 5
"""Characters; nothing that looks personal is shorter."""
_STRING = r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|\'(?:[^\'\\]|\\.)*\''
_NUMBER = r"-?\d[\d.eE+\-]*"
_JSON = re.compile(
    rf"\s*(?=[\[{{\"])(?:{_STRING}|{_NUMBER}|[A-Za-z_$][\w$]*(?=\s*:)|true|false|null|[\s,:{{}}\[\]])*+"
    r"[\w.\-+]{0,20}",
    re.DOTALL,
)
"""JSON by its signs: also several values, with names or apostrophes as JavaScript has them, or cut off."""
_JSON_PART = re.compile(
    rf"(?P<string>{_STRING})(?P<colon>\s*:)?|(?P<bare>[A-Za-z_$][\w$]*)\s*:|(?P<number>{_NUMBER})|(?P<sign>[{{}}\[\],])",
    re.DOTALL,
)
_NAMES, _VALUES = frozenset({"name", "key", "field", "k", "n"}), frozenset({"value", "val", "v"})
"""Fields that hold the name of another one, and that one: ``{"name": "pin", "value": "12345"}``."""
_NAMED_BEHIND = re.compile(r"""\s*,\s*["']?(?:name|key|field|k|n)["']?\s*:\s*["']([^"'\\]{1,80})["']""")
_ONE_MORE = re.compile(r"""\s*,\s*(?:"(?:[^"\\]|\\.)*"|'[^']*'|[\w.\-+]{1,80})\s*\]""", re.DOTALL)
_LAST = re.compile(r"\s*\]")
_NAME_ONLY = re.compile(r"[A-Za-z_][A-Za-z_.\-]{0,80}")
_PAIR = re.compile(r"(?<![\w.\-\[\]%$+*/=])([\w.\-\[\]%$+*]{1,200})=([^&#\s\"'<>]*)")
_LOOKS = rf"(?P<email>{EMAIL})|(?P<jwt>{JWT})|(?P<uuid>{UUID})|(?P<mac>{MAC})|(?P<telephone>{TELEPHONE})"
_ESCAPED = r"|(?P<percent>[^\s\"'<>&=;,?]*%[0-9A-Fa-f]{2}[^\s\"'<>&=;,?]*)"
_CODES = r"|(?P<word>[A-Za-z0-9+/_\-]{8,}={0,2})|(?P<digits>(?<!\d)\d{15}(?!\d))"
_SPOT, _SPOT_ESCAPED = re.compile(_LOOKS + _CODES), re.compile(_LOOKS + _ESCAPED + _CODES)
"""What looks personal; the second one, which is slow where there is no percent sign, where there is one."""
_STRUCTURE = re.compile(rb"[?&;#=]")
_SCHEME = re.compile(r"([A-Za-z][\w\-]{0,30} +)(.+)", re.DOTALL)
_WEB = re.compile(r"\s*https?(?:://|%3A%2F%2F)", re.IGNORECASE)
_BETWEEN_COOKIES = re.compile(r"([;\r\n])")
_COOKIE = re.compile(r'(\s*)(?:([^=]*=\s*))?("?)(.*?)("?\s*)', re.DOTALL)
_RULES = frozenset(
    {
        *("path", "domain", "expires", "max-age", "samesite", "version", "comment", "port", "priority"),
        *("secure", "httponly", "partitioned", "discard"),
    }
)
"""Attributes of a Set-Cookie header (RFC 6265, 2965): what a browser does with the cookie, not the cookie."""
_UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HEX = re.compile(r"(?:[0-9a-f]{2})+|(?:[0-9A-F]{2})+")


class Rewriter:
    """Rewrites texts and bytes with one set of replacements."""

    def __init__(self, replacements: Replacements) -> None:
        self.replacements = replacements
        self._memo: dict[tuple[str, str], str] = {}

    def settle(self) -> bool:
        """Use what was learned; False if that is nothing new."""
        new = self.replacements.settle()
        if new:
            self._memo.clear()
        return new

    def data(self, data: bytes, name: str = "", depth: int = 0, *, coding: str = "") -> bytes | None:
        """Bytes with everything inside replaced; None if they are neither text nor packed text.

        Args:
            coding: Compression that they are said to have, of the kinds that do not show.
        """
        if not data:
            return data
        packed = _unpacked(data, coding)
        if packed is not None:
            inner, pack = packed
            new = self.data(inner, name, depth + 1) if depth < MAX_DEPTH else None
            return data if new == inner else None if new is None else pack(new)
        text = _as_text(data)
        return None if text is None else _bytes(self.text(text, name, depth))

    def text(self, text: str, name: str = "", depth: int = 0) -> str:
        """A text, with everything inside replaced.

        Args:
            name: What it is the value of.
        """
        key = (name, text)
        if key not in self._memo:
            self._memo[key] = self._text(text, name, depth)
        return self._memo[key]

    def known(self, text: str) -> str:
        """A text with what was removed replaced, and nothing else."""
        return self._spliced(text, self.replacements.spans(_bytes(text)), str)

    def tree(self, value: object, name: str = "") -> Any:
        """Any value of a document, each text and number in it by the name it stands under."""
        match value:
            case bool() | None:
                return value
            case str():
                return self.text(value, name)
            case bytes():
                return self.raw(value, name)
            case int() | float():
                written = json.dumps(value)
                new = self.number(written, name)
                return value if new == written else json.loads(new)
            case dict():
                names = (each for each in map(value.get, _NAMES) if isinstance(each, str))
                called = next(filter(is_telling, names), "")
                return {
                    self.tree(key): self.field(
                        closest(called if called and key in _VALUES else str(key), name), each
                    )
                    for key, each in value.items()
                }
            case [str(called), each] if is_telling(called) and not _is_telling_word(each):
                return [self.text(called), self.field(closest(called, name), each)]
            case list() | tuple():
                return type(value)(self.tree(each, name) for each in value)
        raise TypeError(f"no part of a document: {type(value).__name__}")

    def raw(self, data: bytes, name: str = "") -> bytes:
        """Bytes that are text, though perhaps broken."""
        return _bytes(self.text(_text_of(data), name))

    def number(self, number: str, name: str, depth: int = 0) -> str:
        """A number as JSON writes it, by the name it stands under; it stays one."""
        if is_secret_name(name) or is_personal_name(name) or is_imei(number):
            new = self.secret(number)
        else:
            new = self.text(number, "", depth + 1)
        return new if new == number or NUMBER.fullmatch(new) else "0"

    def field(self, name: str, value: object, depth: int = 0) -> Any:
        """The value of a header, or of whatever else has a name and a value."""
        if not isinstance(value, str):
            return self.tree(value, name)
        if name.lower() in COOKIE_HEADERS:
            return self.cookies(name, value)
        if name.lower() in SECRET_HEADERS:
            return self._credentials(name, value)
        return self.text(value, name, depth)

    def _credentials(self, name: str, value: str) -> str:
        """The value of a header whose whole value is a secret; the scheme of credentials stays."""
        credentials = _SCHEME.fullmatch(value) if name.lower().endswith("authorization") else None
        if credentials is None:
            return self._whole(value)
        for part in _basic(credentials[2]):
            self._whole(part, is_password=True)
        return credentials[1] + self._whole(credentials[2], is_password=True)

    def cookies(self, name: str, value: str) -> str:
        """A Cookie or Set-Cookie header, the value of each replaced, quoted or nameless ones too."""
        rules = _RULES if name.lower().startswith("set-") else frozenset()
        return "".join(self._cookie(each, rules) for each in _BETWEEN_COOKIES.split(value))

    def _cookie(self, text: str, rules: Set[str]) -> str:
        parts = _COOKIE.fullmatch(text)
        if parts is None or text == ";":
            return text
        space, start, quote_, value, end = parts.groups("")
        name = start.strip(" \t=")
        if (name or value).lower() in rules and "=" not in value:
            return self.text(text)
        new = self._whole(value) if is_secret_name(name) else self.secret(value)
        return f"{space}{self.text(start)}{quote_}{new}{end}"

    def secret(self, text: str, *, is_password: bool = False) -> str:
        """What takes the place of a secret, which is removed as a whole; of a web address, what is in it."""
        if _WEB.match(text) and not is_password:
            return self._pairs(text, 1)
        return self._whole(text, is_password=is_password)

    def _whole(self, text: str, *, is_password: bool = False) -> str:
        if NOTHING.fullmatch(text.strip()):
            return text
        return self.replacements.of(text, is_secret=is_password)

    def _text(self, text: str, name: str, depth: int) -> str:
        if depth > MAX_DEPTH or not text:
            return text
        if name and not NOTHING.fullmatch(text.strip()):
            if is_secret_name(name):
                return self._whole(text, is_password=True)
            if is_personal_name(name) and not self.replacements.spans(_bytes(text)) and not _is_json(text):
                return self.secret(text)
        if '"' in text and _JSON.fullmatch(text):
            return _JSON_PART.sub(_JsonParts(self, name, depth).replaced, text)
        return self._pairs(text, depth)

    def _pairs(self, text: str, depth: int) -> str:
        """A text of any other kind: values by their names, the rest as it stands."""
        across = [span for span in self.replacements.spans(_bytes(text)) if _STRUCTURE.search(span[2])]
        if across:  # a value that holds the signs between fields is no field
            return self._spliced(text, across, lambda part: self._pairs(part, depth))
        new: list[str] = []
        done = 0
        for each in named_values(text):
            if each.start >= done:
                value = self.field(each.name, each.text(), depth + 1)
                new += (self._form(text[done : each.start], depth), each.written(value))
                done = each.end
        return "".join((*new, self._form(text[done:], depth)))

    def _form(self, text: str, depth: int) -> str:
        """A text that may be a form or hold URLs."""
        new: list[str] = []
        done = 0
        for pair in _PAIR.finditer(text):
            new += (self._loose(text[done : pair.start()], depth), self._loose(pair[1], depth), "=")
            new.append(self._value(pair[1], pair[2], depth))
            done = pair.end()
        return "".join((*new, self._loose(text[done:], depth)))

    def _value(self, name: str, value: str, depth: int) -> str:
        """The value of a form field, decoded, replaced, and written as it was."""
        decoded = unquote_to_bytes(value.replace("+", " "))
        plus = "+" in value and "+" not in value.replace("+", " ") and " " in decoded.decode("latin-1")
        text = decoded.decode("utf-8", "surrogateescape")
        new = self.text(text, unquote_to_bytes(name).decode("utf-8", "replace"), depth + 1)
        if new == text:
            # base64 in a form may hold its plus signs bare, and a removed value may be as it is written here
            return self._loose(value, depth) if "+" in value or self._holds_removed(value) else value
        written = quote(_bytes(new), safe=_bare(value))
        return written.replace("%20", "+") if plus else written

    def _holds_removed(self, text: str) -> bool:
        return bool(self.replacements.spans(_bytes(text)))

    def _loose(self, text: str, depth: int) -> str:
        """Text without fields: removed values wherever they stand, and what looks personal between them."""
        spans = self.replacements.spans(_bytes(text)) if len(text) > SHORTEST_SOUGHT else []
        return self._spliced(text, spans, lambda part: self._between(part, depth))

    def _between(self, text: str, depth: int) -> str:
        if len(text) <= SHORTEST_SPOT:
            return text
        pattern = _SPOT_ESCAPED if "%" in text else _SPOT
        return pattern.sub(lambda spot: self._spot(spot, depth), text)

    @staticmethod
    def _spliced(text: str, spans: Sequence[tuple[int, int, bytes]], between: Callable[[str], str]) -> str:
        """A text with these bytes of it replaced, and what is between them rewritten."""
        if not spans:
            return between(text)
        data, new, done = _bytes(text), list[str](), 0
        for start, end, value in spans:
            new += (between(_text_of(data[done:start])), _text_of(value))
            done = end
        return "".join((*new, between(_text_of(data[done:]))))

    def _spot(self, spot: re.Match[str], depth: int) -> str:
        text = spot[0]
        if self.replacements.is_made(text):
            return text
        match spot.lastgroup:
            case "word":
                return self._word(text, depth)
            case "digits":
                return self.secret(text) if is_imei(text) else text
            case "percent":
                decoded = unquote_to_bytes(text).decode("utf-8", "surrogateescape")
                new = self.text(decoded, "", depth + 1)
                return text if new == decoded else quote(_bytes(new), safe=_bare(text))
            case _:
                return self.secret(text)

    def _word(self, word: str, depth: int) -> str:
        """A word of an alphabet: what it is in base64 or hexadecimal, else whether it looks drawn."""
        for decode in (_from_hex, _from_base64):
            if (opened := decode(word)) is None:
                continue
            inner, encode = opened
            if (digest := self.replacements.digest(inner)) is not None and len(inner) >= 8:
                return encode(digest)
            if not _has_sense(inner):
                continue
            new = self.data(inner, "", depth + 1)
            if new is not None and new != inner:
                return encode(new)
            if new is not None and len(word) >= SURE_WORD:
                return word
        if "/" in word:
            return "/".join(self._part(part) for part in word.split("/"))
        return self._part(word)

    def _part(self, word: str) -> str:
        if is_imei(word):
            return self.secret(word)
        bare = word.rstrip("=")
        return self.secret(word) if looks_random(bare) and not self.replacements.is_made(word) else word


@dataclass
class _Around:
    """An object or a list that is open."""

    name: str
    """What it is the value of."""
    called: str = ""
    """What it says that its value is called; of a list of two, its first text."""
    is_empty_list: bool = False
    """Nothing of it was read yet."""


class _JsonParts:
    """Replaces the strings and numbers of a JSON text in place, whatever is between them."""

    def __init__(self, rewriter: Rewriter, name: str, depth: int) -> None:
        self._rewriter = rewriter
        self._depth = depth
        self._key = name
        self._open = [_Around(name)]

    def replaced(self, part: re.Match[str]) -> str:
        if part["sign"]:
            self._sign(part["sign"])
            return part[0]
        if part["bare"]:
            self._key = part["bare"]
            return part[0]
        if part["number"]:
            return self._rewriter.number(part[0], self._name(part), self._depth)
        return self._string(part)

    def _string(self, part: re.Match[str]) -> str:
        written = part["string"]
        sign, is_cut = written[0], len(written) == 1 or written[-1] != written[0]
        inside = written[1:] if is_cut else written[1:-1]
        try:
            text = json.loads(f'"{inside}"', strict=False) if sign == '"' else inside
        except ValueError:
            text = inside
        if part["colon"]:
            self._key = text
            name = ""
        else:
            name = self._name(part)
            around = self._open[-1]
            is_first_of_two = around.is_empty_list and _ONE_MORE.match(part.string, part.end())
            if self._key.lower() in _NAMES or is_first_of_two:
                around.called = text
            around.is_empty_list = False
        new: str = self._rewriter.field(name, text, self._depth + 1)
        if new == text:
            return part[0]
        inner = json.dumps(new, ensure_ascii="\\u" in inside)[1:-1] if sign == '"' else new
        return f"{sign}{inner}{'' if is_cut else sign}{part['colon'] or ''}"

    def _name(self, part: re.Match[str]) -> str:
        """What decides about a value: its name, that of what it stands in, or what stands beside it."""
        around = self._open[-1]
        if self._key.lower() in _VALUES:
            behind = _NAMED_BEHIND.match(part.string, part.end())
            called = around.called or (behind[1] if behind else "")
        elif _LAST.match(part.string, part.end()) and not _is_telling_word(part[0].strip("\"'")):
            called = around.called
        else:
            called = ""
        return closest(called if is_telling(called) else self._key, around.name)

    def _sign(self, sign: str) -> None:
        if sign in "{[":
            self._open[-1].is_empty_list = False
            self._open.append(_Around(closest(self._key, self._open[-1].name), is_empty_list=sign == "["))
            self._key = self._open[-1].name if sign == "[" else ""
        elif sign in "}]" and len(self._open) > 1:
            self._open.pop()
            self._key = self._open[-1].name


def _is_telling_word(value: object) -> bool:
    """True for what is no value, but another name."""
    return isinstance(value, str) and _NAME_ONLY.fullmatch(value) is not None and is_telling(value)


def _is_json(text: str) -> bool:
    """True for an object, a list or a string that is whole, and can be taken apart."""
    if text.lstrip()[:1] not in ("[", "{", '"') or '"' not in text:
        return False
    try:
        json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def _packed_raw(data: bytes) -> bytes:
    return zlib.compress(data, wbits=-15)


_Open = Callable[[bytes, Context], Opened | None]
_Pack = Callable[[bytes], bytes]
_PACKINGS: tuple[tuple[_Open, _Pack], ...] = (
    (gunzip, lambda data: gzip.compress(data, mtime=0)),
    (inflate, zlib.compress),
    (unzstd, lambda data: zstandard.ZstdCompressor().compress(data)),
)
_CODINGS: dict[str, tuple[_Open, _Pack]] = {
    "br": (unbrotli, brotli.compress),
    "deflate": (inflate_raw, _packed_raw),
}
"""Compression without a signature: only where a Content-Encoding says so."""


def _unpacked(data: bytes, coding: str = "") -> tuple[bytes, _Pack] | None:
    """What is inside a compressed stream, and how to pack it again; None if it is not whole, or too long."""
    for unpack, pack in (*_PACKINGS, *([_CODINGS[coding]] if coding in _CODINGS else ())):
        opened = unpack(data, Context(room_bytes=MAX_UNPACKED_BYTES))
        if opened is not None and len(opened.pieces) == 1 and not opened.damage and not opened.stopped:
            return opened.pieces[0].data, pack
    return None


def _as_text(data: bytes) -> str | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if _UNPRINTED.search(text) else text


def _has_sense(data: bytes) -> bool:
    """True for what is no accident of decoding: compressed, or printable text."""
    if _unpacked(data) is not None:
        return True
    return len(data) > 5 and _as_text(data) is not None


def _from_hex(word: str) -> tuple[bytes, Callable[[bytes], str]] | None:
    if not _HEX.fullmatch(word):
        return None
    upper = word != word.lower()
    return bytes.fromhex(word), lambda new: new.hex().upper() if upper else new.hex()


def _from_base64(word: str) -> tuple[bytes, Callable[[bytes], str]] | None:
    bare = word.rstrip("=")
    safe = "-" in bare or "_" in bare
    if len(bare) < SHORTEST_WORD or len(bare) % 4 == 1 or (safe and ("+" in bare or "/" in bare)):
        return None
    padded = bare + "=" * (-len(bare) % 4)
    try:
        data = base64.b64decode(padded, b"-_" if safe else b"+/", validate=True)
    except binascii.Error:
        return None
    strip = not word.endswith("=") and len(bare) % 4 != 0

    def encode(new: bytes) -> str:
        text = base64.b64encode(new, b"-_" if safe else b"+/").decode()
        return text.rstrip("=") if strip else text

    return data, encode


def _basic(credentials: str) -> list[str]:
    """User and password of HTTP Basic credentials (RFC 7617)."""
    opened = _from_base64(credentials)
    text = _as_text(opened[0]) if opened else None
    return [part for part in text.split(":", 1) if part] if text and ":" in text else []


def _bare(value: str) -> str:
    """Signs that the value holds without an escape."""
    return "".join(sorted({each for each in value if each in "/:@!$'()*,;~?#[]|=&"}))


def _text_of(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character that JSON escaped
        return text.encode("utf-8", "surrogatepass")
