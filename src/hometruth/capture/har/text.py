"""From the text of a HAR back to the bytes that were on the wire, as far as the recorder left a way back.

HAR is JSON, so bodies that are not text survive in one of three dialects: base64 and marked so; one character
per byte (Latin-1), unmarked; or with every byte that is not UTF-8 replaced by U+FFFD, which is a loss.
"""

import binascii

TEXT_TYPES = ("text/", "application/x-www-form-urlencoded", "multipart/form-data")
"""Beginnings of media types of text. Files in a multipart body that are not text hold control characters."""
TEXT_ENDINGS = ("json", "xml", "javascript", "graphql", "csv", "yaml")
REPLACEMENT = "\ufffd"
_TEXT_CONTROLS = frozenset("\t\n\r\f\x1e")
"""Control characters that occur in text: white space, form feed, and the separator of JSON sequences."""


def is_text_type(mime_type: str) -> bool:
    """True for media types whose bodies are text (parameters are ignored)."""
    essence = mime_type.partition(";")[0].strip().lower()
    return essence.startswith(TEXT_TYPES) or essence.endswith(TEXT_ENDINGS)


def body_bytes(text: str, encoding: str, mime_type: str) -> bytes:
    """Bytes of a body from its HAR text.

    Args:
        encoding: The recorder's own mark, ``base64`` or anything else for none; a false mark is ignored.
        mime_type: Declared media type; decides how unmarked text above ASCII is read.
    """
    if encoding.strip().lower() == "base64":
        try:
            return binascii.a2b_base64(text.encode("ascii"))
        except (binascii.Error, UnicodeEncodeError):
            return utf8(text)
    if text.isascii():
        return text.encode("ascii")
    one_byte_each = looks_binary(text, mime_type) or "charset=iso-8859-1" in mime_type.lower()
    if one_byte_each and max(text) <= "\xff":
        return text.encode("latin-1")
    return utf8(text)


def looks_binary(text: str, mime_type: str) -> bool:
    """True if *text* stands for bytes that are not text, by its declared type or its control characters."""
    return not is_text_type(mime_type) or any(char < " " and char not in _TEXT_CONTROLS for char in text)


def lost_bytes(text: str, mime_type: str) -> bool:
    """True if the recorder has put U+FFFD where it could not show a byte of a binary body."""
    return REPLACEMENT in text and looks_binary(text, mime_type)


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
