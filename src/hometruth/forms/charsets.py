"""The value in bytes, and how those bytes go wrong."""

import re
import unicodedata
from collections.abc import Iterator

from hometruth.forms.spelling import Spelling

CHARSETS = (
    *("cp1252", "iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-10", "iso-8859-13", "iso-8859-14"),
    *("iso-8859-15", "iso-8859-16", "cp1250", "cp1254", "cp1257", "cp1258", "mac-roman"),
    *("cp1251", "koi8-r", "koi8-u", "iso-8859-5", "cp866", "mac-cyrillic"),
    *("iso-8859-6", "cp1256", "iso-8859-7", "cp1253", "iso-8859-8", "cp1255", "cp874"),
    *("gb18030", "big5hkscs", "euc-jp", "iso-2022-jp", "cp932", "cp949"),
    *("cp437", "cp850", "hz", "utf-7"),
)
"""The encodings of the WHATWG (https://encoding.spec.whatwg.org/) but UTF-8 and UTF-16, by Python's names;
its gbk, tis-620, euc-kr, shift_jis, latin1 and iso-8859-9 are parts of these. The last line is older: code
pages of DOS and of consoles, and two for mail (RFC 1843, RFC 2152)."""
TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
"""Marks that windows-1258 writes behind their vowel (Vietnamese)."""
SHORTEST = 4
"""Bytes."""
_UNESCAPED = re.compile(r"[A-Za-z0-9@*_+\-./]")


def spell(value: str) -> Iterator[Spelling]:
    """Spellings in bytes of a value that is not ASCII alone; none of others."""
    if value.isascii():
        return
    texts = dict.fromkeys(
        unicodedata.normalize("NFC", text) for text in (value, value.lower(), value.upper())
    )
    for charset in CHARSETS:
        for text in texts:
            if data := _encoded(text, charset):
                yield Spelling("plain", data)
    for text in texts:
        yield Spelling("escape", "".join(map(_escaped, text)))
        yield Spelling("escape", "".join(each if each.isascii() else _escaped(each) for each in text))
        for charset in ("cp1252", "latin-1"):
            if wrong := _misread(text, charset):
                yield Spelling("mojibake", wrong)


def _encoded(text: str, charset: str) -> bytes:
    try:
        data = (_with_tones_apart(text) if charset == "cp1258" else text).encode(charset)
    except UnicodeEncodeError:
        return b""
    return data if len(data) >= SHORTEST else b""


def _with_tones_apart(text: str) -> str:
    apart = []
    for character in text:
        marks = unicodedata.normalize("NFD", character)
        tones = "".join(mark for mark in marks if mark in TONES)
        vowel = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in TONES))
        apart.append(character if character in _WHOLE_1258 else vowel + tones)
    return "".join(apart)


_WHOLE_1258 = frozenset(bytes(each for each in range(0x80, 0x100)).decode("cp1258", "ignore"))


def _escaped(character: str) -> str:
    """One character as JavaScript's `escape` writes it (ECMA-262 B.2.1.1)."""
    if _UNESCAPED.fullmatch(character):
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    numbers = [int.from_bytes(units[at : at + 2]) for at in range(0, len(units), 2)]
    return "".join(f"%{number:02X}" if number < 1 << 8 else f"%u{number:04X}" for number in numbers)


def _misread(text: str, charset: str) -> str:
    """UTF-8 read as a charset of single bytes; where that has no character, as the WHATWG, by number."""
    data = text.encode("utf-8", "surrogatepass")
    return "".join(_character(bytes([byte]), charset) for byte in data)


def _character(byte: bytes, charset: str) -> str:
    try:
        return byte.decode(charset)
    except UnicodeDecodeError:
        return byte.decode("latin-1")
