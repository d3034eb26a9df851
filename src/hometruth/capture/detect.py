"""Tells by its first bytes what a file is, and says it in words when it is nothing we read."""

import re
from enum import StrEnum

HEAD_BYTES = 512
"""Enough for every signature below, white space before JSON included."""
ACCEPTED = "accepted are HAR 1.2 and mitmproxy flow files, plain or gzip-compressed"
_FLOW = re.compile(rb"\d{1,12}:\d{1,2}:[a-z_]+[;,]")
"""A netstring that begins like a dictionary: its length, then the length of its first key, then that key."""
_JSONP = re.compile(rb"[\w$.]+\s*\(")
_SIGNATURES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive (unpack it first)"),
    (b"\x28\xb5\x2f\xfd", "a zstd-compressed file (unpack it first)"),
    (b"\xfd7zXZ\x00", "an xz-compressed file (unpack it first)"),
    (b"\x0a\x0d\x0d\x0a", "a pcapng packet capture"),
    (b"\xd4\xc3\xb2\xa1", "a pcap packet capture"),
    (b"\xa1\xb2\xc3\xd4", "a pcap packet capture"),
    (b"\x4d\x3c\xb2\xa1", "a pcap packet capture"),
    (b"\xff\xfe", "text in UTF-16 (save it as UTF-8)"),
    (b"\xfe\xff", "text in UTF-16 (save it as UTF-8)"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "gzip inside gzip"),
)


class Kind(StrEnum):
    """What we read."""

    HAR = "har"
    FLOWS = "flows"


def kind_of(head: bytes) -> Kind | None:
    """The kind of a recording that begins with *head*; None if it is none we read."""
    if _FLOW.match(head):
        return Kind.FLOWS
    if _text(head).startswith(b"{"):
        return Kind.HAR
    return None


def looks_like(head: bytes) -> str:
    """In words, what a file that begins with *head* seems to be."""
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return f"looks like {name}"
    text = _text(head)
    if text.startswith(b"<"):
        return "looks like HTML or XML"
    if text.startswith(b"["):
        return "looks like a JSON list"
    if _JSONP.match(text):
        return "looks like JSONP (JSON wrapped in a call; save what is inside the parentheses)"
    try:
        is_text = "\0" not in head.decode()
    except UnicodeDecodeError:
        is_text = False
    return "looks like plain text" if is_text else "is in no format we know"


def _text(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()
