"""From the text of a HAR back to the bytes that were on the wire, as far as the recorder left a way back.

HAR is JSON, so bodies that are not text survive in one of three dialects: base64 and marked so; one character
per byte (Latin-1), unmarked; or with every byte that is not UTF-8 replaced by U+FFFD, which is a loss.
"""

import binascii
import re
from collections.abc import Collection

TEXT_TYPES = ("text/", "application/x-www-form-urlencoded", "multipart/form-data")
"""Beginnings of media types of text. Files in a multipart body that are not text hold control characters."""
TEXT_ENDINGS = ("json", "xml", "javascript", "graphql", "csv", "yaml")
REPLACEMENT = "\ufffd"
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1d\x1f]")
"""Control characters but for those of text: white space, form feed, the separator of JSON sequences."""
LONGEST_WORD = 512
"""Characters; of real base64, fewer than one text in 10 million is that long and without + / and =."""
BASE64 = "base64"
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_SPACE = re.compile(r"\s+")
_URL_SAFE = str.maketrans("-_", "+/")
_GZIP_AS_TEXT = ("\x1f\x08", "\x1f\ufffd\x08", "\x1f\ufffd")
"""Gzip begins with 1F 8B 08, and 8B is no UTF-8."""
_FROM_WINDOWS_1252 = {
    ord(bytes([byte]).decode("cp1252")): byte
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
"""JavaScript's "latin1" is windows-1252; bytes that this lacks stay control characters (WHATWG Encoding)."""
_WINDOWS_1252 = frozenset(map(chr, range(0x100))) | frozenset(map(chr, _FROM_WINDOWS_1252))


def is_text_type(mime_type: str) -> bool:
    """True for media types whose bodies are text (parameters are ignored)."""
    essence = mime_type.partition(";")[0].strip().lower()
    return essence.startswith(TEXT_TYPES) or essence.endswith(TEXT_ENDINGS)


def body_bytes(text: str, encoding: str, mime_type: str, sizes: Collection[int] = ()) -> bytes:
    """Bytes of a body from its HAR text.

    Args:
        encoding: The recorder's own mark, ``base64`` or anything else for none; a false mark is ignored.
        mime_type: Declared media type; decides how unmarked text above ASCII is read.
        sizes: What is said of how many bytes it has; text may be a character a byte, or not.
    """
    if encoding.strip().lower() == BASE64 and (data := from_base64(text)) is not None:
        return data
    if text.isascii():
        return text.encode("ascii")
    if looks_binary(text, mime_type) or "charset=iso-8859-1" in mime_type.lower():
        if max(text) <= "\xff":
            as_text = utf8(text)
            return as_text if len(as_text) in sizes and len(text) not in sizes else text.encode("latin-1")
        if _has_controls(text) and _WINDOWS_1252.issuperset(text):
            return text.translate(_FROM_WINDOWS_1252).encode("latin-1")
    return utf8(text)


def from_base64(text: str) -> bytes | None:
    """What base64 of either alphabet stands for, wrapped in lines or not; None if *text* is no base64."""
    packed = _SPACE.sub("", text).translate(_URL_SAFE)
    if not _BASE64.fullmatch(packed) or len(packed.rstrip("=")) % 4 == 1:
        return None
    bare = packed.rstrip("=")
    return binascii.a2b_base64(bare + "=" * (-len(bare) % 4))


def may_be_plain(text: str) -> bool:
    """True for base64 that may as well be a plain word, falsely marked: letters and digits only."""
    return len(text) <= LONGEST_WORD and text.isalnum() and text.isascii()


def looks_binary(text: str, mime_type: str) -> bool:
    """True if *text* stands for bytes that are not text, by its declared type or its control characters."""
    return not is_text_type(mime_type) or _has_controls(text)


def may_be_utf8(text: str, mime_type: str) -> bool:
    """True for text of a type that is none, of which each character may be a byte, or be written as text."""
    return not (text.isascii() or _has_controls(text) or is_text_type(mime_type)) and max(text) <= "\xff"


def lost_bytes(text: str, encoding: str, mime_type: str) -> str | None:
    """How the recorder lost bytes of a binary body that it has written as text; None if it did not."""
    if encoding.strip().lower() == BASE64 and from_base64(text) is not None:
        return None
    if text.startswith(_GZIP_AS_TEXT):
        return "the recorder turned gzip into text, and dropped or replaced what is no text"
    if REPLACEMENT in text and looks_binary(text, mime_type):
        return "the recorder replaced bytes of the request body that it could not show"
    return None


def _has_controls(text: str) -> bool:
    return _CONTROLS.search(text) is not None


def header_bytes(text: str) -> bytes:
    """Bytes of a header name or value.

    Recorders show header bytes either decoded as UTF-8 or one character per byte; what decodes as UTF-8 when
    taken as bytes was the latter.
    """
    try:
        raw = text.encode("latin-1")
        raw.decode("utf-8")
    except UnicodeError:
        return utf8(text)
    return raw


def utf8(text: str) -> bytes:
    """UTF-8; a byte of the file that was none comes back as it was, other lone surrogates are kept."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
