"""What the log of a HAR document says of the recording as a whole."""

from collections.abc import Iterator
from typing import Any

from hometruth.capture.har.entry import text_of
from hometruth.model import Gap, GapKind

CHROME = "WebInspector"
"""What Chromium's developer tools call themselves."""
SANITISED = (
    "no cookie and no authorization anywhere: Chrome takes them out of a HAR unless its settings allow "
    "sensitive data; silence about them means nothing"
)
"""Since version 130: https://developer.chrome.com/blog/new-in-devtools-130#har"""


def gaps_of_log(facts: dict[str, Any], file: str, *, n_entries: int, secrets: bool) -> Iterator[Gap]:
    """Gaps that the log itself tells of: connections that were refused, and what the export left out."""
    creator = facts.get("creator")
    name = text_of(creator.get("name")) if isinstance(creator, dict) else ""
    if name == CHROME and n_entries and not secrets:
        yield Gap(GapKind.NOT_RECORDED, file, SANITISED)
    refused = facts.get("_tlsErrors")
    for number, error in enumerate(refused if isinstance(refused, list) else ()):
        yield _refused(error if isinstance(error, dict) else {}, f"{file}, _tlsErrors[{number}]")


def _refused(error: dict[str, Any], where: str) -> Gap:
    """HTTP Toolkit's note of a client that did not accept its certificate."""
    host = text_of(error.get("hostname") or error.get("upstreamHostname")).lower() or None
    cause = text_of(error.get("cause")) or "no reason given"
    return Gap(GapKind.REFUSED_TLS, where, f"no TLS connection with the client: {cause}", host=host)
