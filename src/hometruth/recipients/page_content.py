"""What the answer to a visit could make a browser do by itself: nothing, what it names, or anything.

HTML Living Standard (https://html.spec.whatwg.org/), CSP Level 3 (https://www.w3.org/TR/CSP3/).
"""

import html
import re
from dataclasses import dataclass
from enum import IntEnum

from hometruth.model import Exchange, Headers

MOST_READ = 1 << 20
"""Bytes of an answer that are read; what is longer may hold anything behind them."""
HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]*[a-z0-9]", re.IGNORECASE)
LOADS = re.compile(
    r"[\s\"'/](action|archive|background|cite|classid|codebase|data|formaction|href|http-equiv|icon|imagesrcset|longdesc"
    r"|manifest|ping|poster|profile|src|srcset|xlink:href)\s{0,9}=|<(form|base)[\s/>]|url\(|@import",
    re.IGNORECASE,
)
"""Attributes, tags and styles that name what is loaded, or where a click leads."""
RUNS = re.compile(r"<script[\s/>]|[\s\"'/]on[a-z]{3,30}\s{0,9}=|srcdoc|javascript:", re.IGNORECASE)
"""Script. Taken widely, like all that makes a page more able: then nobody is charged."""
LEADING = frozenset({b"location", b"refresh", b"link", b"report-to", b"reporting-endpoints", b"nel"})
"""Response headers that make a browser send something, or go somewhere."""
SNIFFED = frozenset({"", "unknown/unknown", "application/unknown", "*/*"})
"""Declared types for which a browser looks at the body (https://mimesniff.spec.whatwg.org/)."""
IGNORED = dict.fromkeys(map(ord, "\t\r\n"))
"""Characters that a browser takes out of addresses, ``java\nscript:`` included."""
_REPORTS = re.compile(rb"report-(uri|to)", re.IGNORECASE)


class Power(IntEnum):
    """What a page can do by itself, least first."""

    INERT = 0
    """It embeds nothing, has no script and leads nowhere."""
    NAMES = 1
    """It loads, or leads to, what it names, and nothing else."""
    UNRECORDED = 2
    """The recording does not hold it whole."""
    SCRIPT = 3
    """It has script, which may send anything anywhere."""


@dataclass(frozen=True, slots=True)
class PageContent:
    """What one answer can do."""

    power: Power
    names: frozenset[str] = frozenset()
    """Hosts that it names, lower case."""


def content_of(exchange: Exchange, body: bytes | None) -> PageContent:
    """What the answer of *exchange* can make a browser do.

    Args:
        body: The answer's body with its content coding off; None if it was not recorded or not decoded.
    """
    headers = exchange.response_headers
    leading = [value for name, value in headers if name.lower() in LEADING]
    policies = [value for name, value in headers if name.lower() == b"content-security-policy"]
    leading += [policy for policy in policies if _REPORTS.search(policy)]
    names = frozenset().union(
        *(_hosts(value.decode("latin-1")) for value in leading), (exchange.host,) * bool(leading)
    )
    least = Power.NAMES if leading else Power.INERT
    if body is None and exchange.status not in (204, 205):
        return PageContent(Power.UNRECORDED, names)
    inner = _body_content(exchange.host, _media_type(headers), body or b"")
    power = max(least, inner.power)
    if power is Power.SCRIPT and any(_runs_nothing(policy) for policy in policies):
        power = Power.NAMES
    return PageContent(power, names | inner.names)


def _body_content(host: str, media_type: str, body: bytes) -> PageContent:
    text = body[:MOST_READ].decode("utf-8", "replace")
    if "script" in media_type and "html" not in media_type:
        return PageContent(Power.SCRIPT, _hosts(text) | {host})
    if not (media_type in SNIFFED or any(kind in media_type for kind in ("html", "xml", "css"))):
        return PageContent(Power.INERT)
    text = html.unescape(text)
    power = Power.SCRIPT if RUNS.search(text.translate(IGNORED)) or RUNS.search(text) else Power.INERT
    power = max(power, Power.NAMES if LOADS.search(text) else Power.INERT)
    if len(body) > MOST_READ:
        power = max(power, Power.UNRECORDED)
    return PageContent(power, _hosts(text) | {host} if power else frozenset())


def _runs_nothing(policy: bytes) -> bool:
    """True if a Content-Security-Policy lets no script run: ``default-src 'none'`` and no exception."""
    directives = [part.split() for part in policy.decode("latin-1").lower().split(";") if part.strip()]
    sources = {words[0]: words[1:] for words in reversed(directives)}  # the first of a name counts
    scripts = [
        sources[name] for name in ("script-src", "script-src-elem", "script-src-attr") if name in sources
    ]
    frames = sources.get("frame-src", sources.get("child-src", sources.get("default-src", [])))
    return (
        sources.get("default-src") == ["'none'"]
        and all(s == ["'none'"] for s in scripts)
        and frames == ["'none'"]
    )


def _hosts(text: str) -> frozenset[str]:
    return frozenset(match[0].lower() for match in HOST.finditer(text))


def _media_type(headers: Headers) -> str:
    value = next((value for name, value in headers if name.lower() == b"content-type"), b"")
    return value.decode("latin-1").partition(";")[0].strip().lower()
