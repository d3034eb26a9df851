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
from urllib.parse import quote, unquote_to_bytes

from hometruth.redact.replacements import Replacements
from hometruth.redact.sensitive import (
    EMAIL,
    JWT,
    MAC,
    NOTHING,
    NUMBER,
    TELEPHONE,
    UUID,
    closest,
    is_imei,
    is_personal_name,
    is_secret_name,
    looks_random,
)

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
GZIP, ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_JSON_PART = re.compile(
    r'"((?:[^"\\]|\\.)*)"(\s*:)?|(?<![\w."])-?\d[\d.eE+\-]*(?![\w."])|([{}\[\]])', re.DOTALL
)
_LOOKS_JSON = re.compile(r'\s*[\[{"]')
_PAIR = re.compile(r"(^|[?&;#])([\w.\-\[\]%$+*]{1,200})=([^&#\s\"'<>]*)")
_MULTIPART = re.compile(r'(name="([^"]*)"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n)(.*?)(?=\r?\n--)', re.DOTALL)
_ELEMENT = re.compile(r"(<([\w.:\-]{1,80})(?:\s[^<>]*)?>)([^<>]+)(?=</\2>)")
_LOGIN = re.compile(r"(?<=://)([^/\s:@]{1,256}):([^/\s@]{1,256})(?=@)")
_SPOT = re.compile(
    rf"(?P<email>{EMAIL})|(?P<jwt>{JWT})|(?P<uuid>{UUID})|(?P<mac>{MAC})|(?P<telephone>{TELEPHONE})"
    r"|(?P<percent>[^\s\"'<>&=;,?]*%[0-9A-Fa-f]{2}[^\s\"'<>&=;,?]*)"
    r"|(?P<word>[A-Za-z0-9+/_\-]{8,}={0,2})|(?P<digits>(?<!\d)\d{15}(?!\d))"
)
_STRUCTURE = re.compile(rb"[?&;#=]")
_SCHEME = re.compile(r"([A-Za-z][\w\-]{0,30} +)(.+)", re.DOTALL)
_WEB = re.compile(r"\s*https?://", re.IGNORECASE)
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
        self._memo.clear()
        return self.replacements.settle()

    def data(self, data: bytes, name: str = "", depth: int = 0) -> bytes | None:
        """Bytes with everything inside replaced; None if they are neither text nor packed text."""
        if not data:
            return data
        packed = _unpacked(data)
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

    def number(self, number: str, name: str, depth: int = 0) -> str:
        """A number as JSON writes it, by the name it stands under; it stays one."""
        if is_secret_name(name) or is_personal_name(name) or is_imei(number):
            new = self.secret(number)
        else:
            new = self.text(number, "", depth + 1)
        return new if new == number or NUMBER.fullmatch(new) else "0"

    def header(self, name: str, value: str) -> str:
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
        if _LOOKS_JSON.match(text) and '"' in text:
            return _JSON_PART.sub(_JsonParts(self, name, depth).replaced, text)
        if 'name="' in text and "--" in text:
            text = _MULTIPART.sub(lambda part: part[1] + self.text(part[3], part[2], depth + 1), text)
        return self._pairs(text, depth)

    def _pairs(self, text: str, depth: int) -> str:
        """A text that may be a form or hold URLs: values by their names, the rest as it stands."""
        across = [span for span in self.replacements.spans(_bytes(text)) if _STRUCTURE.search(span[2])]
        if across:  # a value that holds the signs between fields is no field
            return self._spliced(text, across, lambda part: self._pairs(part, depth))
        text = _LOGIN.sub(
            lambda login: f"{self.secret(login[1])}:{self._whole(login[2], is_password=True)}", text
        )
        text = _ELEMENT.sub(lambda each: each[1] + self.text(each[3], each[2], depth + 1), text)
        new: list[str] = []
        done = 0
        for pair in _PAIR.finditer(text):
            new += (self._loose(text[done : pair.start()], depth), pair[1], self._loose(pair[2], depth), "=")
            new.append(self._field(pair[2], pair[3], depth))
            done = pair.end()
        return "".join((*new, self._loose(text[done:], depth)))

    def _field(self, name: str, value: str, depth: int) -> str:
        """The value of a form field, decoded, replaced, and written as it was."""
        decoded = unquote_to_bytes(value.replace("+", " "))
        plus = "+" in value and "+" not in value.replace("+", " ") and " " in decoded.decode("latin-1")
        text = decoded.decode("utf-8", "surrogateescape")
        new = self.text(text, unquote_to_bytes(name).decode("utf-8", "replace"), depth + 1)
        if new == text:
            # base64 in a form may hold its plus signs bare
            return self._loose(value, depth) if "+" in value else value
        written = quote(_bytes(new), safe=_bare(value))
        return written.replace("%20", "+") if plus else written

    def _loose(self, text: str, depth: int) -> str:
        """Text without fields: removed values wherever they stand, and what looks personal between them."""
        spans = self.replacements.spans(_bytes(text)) if len(text) > SHORTEST_SOUGHT else []
        return self._spliced(text, spans, lambda part: self._between(part, depth))

    def _between(self, text: str, depth: int) -> str:
        if len(text) <= SHORTEST_SPOT:
            return text
        return _SPOT.sub(lambda spot: self._spot(spot, depth), text)

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


class _JsonParts:
    """Replaces the strings and numbers of a JSON text in place, whatever is between them."""

    def __init__(self, rewriter: Rewriter, name: str, depth: int) -> None:
        self._rewriter = rewriter
        self._depth = depth
        self._key = name
        self._outer = [name]
        """What stands around: names of the objects and lists that are open."""

    def replaced(self, part: re.Match[str]) -> str:
        if part[3] is not None:
            return self._bracket(part[3])
        name = closest(self._key, self._outer[-1])
        if part[1] is None:
            return self._rewriter.number(part[0], name, self._depth)
        try:
            text = json.loads(f'"{part[1]}"', strict=False)
        except ValueError:
            text = part[1]
        if part[2] is not None:
            self._key = text
            name = ""
        new = self._rewriter.text(text, name, self._depth + 1)
        if new == text:
            return part[0]
        return json.dumps(new, ensure_ascii="\\u" in part[1]) + (part[2] or "")

    def _bracket(self, sign: str) -> str:
        if sign in "{[":
            self._outer.append(closest(self._key, self._outer[-1]))
            self._key = self._outer[-1] if sign == "[" else ""
        elif len(self._outer) > 1:
            self._key = self._outer.pop()
        return sign


def _is_json(text: str) -> bool:
    """True for an object, a list or a string that is whole, and can be taken apart."""
    if not _LOOKS_JSON.match(text) or '"' not in text:
        return False
    try:
        json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def _unpacked(data: bytes) -> tuple[bytes, Callable[[bytes], bytes]] | None:
    """What is inside a compressed stream, and how it is packed again; None if it is none that we can."""
    try:
        if data.startswith(GZIP):
            return _inflated(data, 31), lambda new: gzip.compress(new, mtime=0)
        if _ZLIB.match(data):
            return _inflated(data, 15), zlib.compress
        if data.startswith(ZSTD):
            import zstandard  # noqa: PLC0415

            inner = zstandard.ZstdDecompressor().decompress(data, max_output_size=MAX_UNPACKED_BYTES)
            return inner, zstandard.ZstdCompressor().compress
    except (zlib.error, ValueError, ImportError):
        return None
    except Exception as err:
        if type(err).__name__ != "ZstdError":
            raise
    return None


def _inflated(data: bytes, window: int) -> bytes:
    stream = zlib.decompressobj(window)
    inner = stream.decompress(data, MAX_UNPACKED_BYTES)
    if not stream.eof or stream.unused_data:
        raise ValueError("cut short, too long, or followed by something")
    return inner


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
