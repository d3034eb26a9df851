"""What a file is that no reader reads, in words, and what to do instead."""

import re
from collections.abc import Callable
from typing import NamedTuple

from hometruth.capture.reader import Start

_SIGNATURES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\x00", "an SQLite database, and none of OpenWPM"),
    (b"\x7fELF", "a program"),
)
_JSONP = re.compile(rb"[\w$.]+\s*\(")


class KnownFormat(NamedTuple):
    """A format that is known and not read: it holds no traffic, or there was no true file to build a reader
    by."""

    sniff: Callable[[Start], bool]
    is_what: str
    """In words, with what to do instead."""


def _starts(pattern: bytes) -> Callable[[Start], bool]:
    compiled = re.compile(pattern)
    return lambda start: compiled.match(start.text) is not None


def _has(*signs: bytes, first: bytes = b"{") -> Callable[[Start], bool]:
    return lambda start: start.text.startswith(first) and all(sign in start.text for sign in signs)


def _is_packed(*signs: bytes, at: int = 0) -> Callable[[Start], bool]:
    return lambda start: start.head[at:].startswith(signs)


PACKED: tuple[KnownFormat, ...] = (
    KnownFormat(_is_packed(b"7z\xbc\xaf\x27\x1c"), "is a 7z archive; give the folder that it unpacks to"),
    KnownFormat(_is_packed(b"Rar!\x1a\x07"), "is a RAR archive; give the folder that it unpacks to"),
    KnownFormat(_is_packed(b"ustar", at=257), "is a tar archive; give the folder that it unpacks to"),
)
"""Archives that are not opened: there may be recordings in them."""
KEY_LOG = KnownFormat(
    _starts(rb"(#[^\n]*\n|\s)*(CLIENT_|SERVER_|EXPORTER_|EARLY_|RSA |QUIC_)[A-Z0-9_]* ?[0-9A-Fa-f]{16,}"),
    "is a TLS key log; give the packet capture that it opens, and this file with --keys",
)
NOT_READ: tuple[KnownFormat, ...] = (
    *PACKED,
    KnownFormat(
        _starts(rb"(#[^\n]*\n)*#separator "),
        "is a log by Zeek, without bodies and with few headers; give the packet capture it was made from",
    ),
    KEY_LOG,
    KnownFormat(
        _starts(rb"<\?xml[^>]*>\s*<OWASPZAPReport\b|<OWASPZAPReport\b"),
        "is a report by ZAP: the attacks of a scanner, not what an app sent; export the messages or a HAR",
    ),
    KnownFormat(
        _has(b'"__export_source"', b"insomnia"),
        "is an export by Insomnia: templates of requests, not what was sent; record with a proxy",
    ),
    KnownFormat(
        _starts(rb"(_type|type): (export|collection|spec)\.insomnia"),
        "is an export by Insomnia: templates of requests, not what was sent; record with a proxy",
    ),
    KnownFormat(
        _has(b'"uri_ins"', b'"Website Evidence Collection"'),
        "is Website Evidence Collector's summary, without a list of requests; give requests.har beside it",
    ),
    KnownFormat(
        _has(b'"type"', b'"stack"', b'"columnNumber"', b'"origin"', first=b"["),
        "is Website Evidence Collector's event data, without a list of requests; give requests.har beside it",
    ),
    KnownFormat(
        _has(b'"uri_ins"', b'"script"'),
        "is the summary by Blacklight, without a list of requests; record the visit as HAR or with a proxy",
    ),
    KnownFormat(
        _has(b'"message"', b'"level"', b'"timestamp"', b'"type":"'),
        "is the log by Blacklight, without a list of requests; record the visit as HAR or with a proxy",
    ),
    KnownFormat(
        _has(b'"socketEventType"', b'"destIp"', first=b"["),
        "is PiRogue's socket trace, without content; give the packet capture beside it, with its key log",
    ),
    KnownFormat(
        _has(b'"alg"', b'"iv"', b'"key"', first=b"["),
        "is PiRogue's log of encryption, of which we have no true file; give the packet capture beside it",
    ),
    KnownFormat(
        _starts(rb'(?=[^\n]{0,400}"?\bdaddr\b)(?=[^\n]{0,400}"?\bdport\b)[^\n{<]{0,400}[,;]'),
        "is a list by NetGuard or TrackerControl, of which we have no true file; give a packet capture",
    ),
)
"""In the order in which they are tried."""


def not_read(start: Start) -> KnownFormat | None:
    """What is known of a format that is not read; None if it is no such one."""
    return next((each for each in NOT_READ if each.sniff(start)), None)


ADVICE = {
    ".chls": "a session of Charles: export it as JSON session (.chlsj) or HAR",
    ".chlz": "a zipped session of Charles: export it as JSON session (.chlsj) or HAR",
    ".proxymanlog": "a log by Proxyman: export it as HAR",
    ".proxymanlogv2": "a log by Proxyman: export it as HAR",
    ".trace": "a trace by Instruments: record with a proxy instead",
    ".etl": "a trace by Windows: turn it into pcapng with etl2pcapng",
}
"""What to do with a file that cannot be told by content, if it is what its name says."""


def looks_like(start: Start, name: str = "") -> str:
    """In words, what a file that starts like this seems to be; its name helps where nothing else does."""
    suffix = next((each for each in ADVICE if name.lower().endswith(each)), None)
    seems = _seems(start)
    return f"{seems}; by its name {ADVICE[suffix]}" if suffix else seems


def _seems(start: Start) -> str:
    for signature, name in _SIGNATURES:
        if start.head.startswith(signature):
            return f"looks like {name}"
    text = start.text
    if text.startswith(b"<"):
        return "looks like HTML or XML"
    if text.startswith(b"["):
        return "looks like a JSON list"
    if _JSONP.match(text):
        return "looks like JSONP (JSON wrapped in a call; save what is inside the parentheses)"
    return "looks like plain text" if _is_text(start.head) else "is in no format we know"


def _is_text(head: bytes) -> bool:
    """True if it is UTF-8, but for a character cut at its end, without NUL."""
    try:
        return "\0" not in head.decode()
    except UnicodeDecodeError as err:
        return err.start > len(head) - 4 and b"\0" not in head
