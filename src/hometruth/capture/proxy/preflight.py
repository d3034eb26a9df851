"""From what a preflight noted to one word for each host: could it be read, and if not, why.

A fatal alert says why a client refuses a certificate (RFC 8446 section 6.2). One that trusts only the
system's authorities says `unknown_ca`, as Python, Chromium and Firefox do, or `certificate_unknown`; what is
pinned mostly hangs up without a word once the handshake is over. Which of the two it is cannot be told for
sure; that it is not read can.
"""

import zlib
from collections.abc import Collection, Iterable, Sequence

from hometruth.capture.proxy.own_pages import HOST
from hometruth.capture.proxy.passing import ENCIPHERED, NOT_READABLE, READABLE
from hometruth.capture.proxy.resolver import OWN
from hometruth.model import LET_THROUGH, Gap, GapKind, HostSeen, Readability, is_within

OVER_QUIC = "over QUIC"
"""In what is noted of a handshake that failed, where it was one of QUIC's."""
DISTRUSTS = ("unknown ca", "certificate unknown", "unknown_ca", "certificate_unknown")
"""In the alert of a client that knows no such authority."""
SMALLEST_ENCIPHERED = 256
"""Bytes: what is shorter grows when it is packed, whatever it is."""
MEDIA = ("image/", "video/", "audio/", "font/", "application/zip", "application/gzip", "application/wasm")
"""Begin types of content that is packed by nature."""


def looks_enciphered(body: bytes, content_type: str) -> bool:
    """True if a body, out of its content-coding, is like random bytes: packing makes it no smaller."""
    if len(body) < SMALLEST_ENCIPHERED or content_type.lower().startswith(MEDIA):
        return False
    return len(zlib.compress(body, 1)) >= len(body)


def readable_hosts(gaps: Iterable[Gap], asked: Collection[str] = ()) -> tuple[HostSeen, ...]:
    """One row for each host, by name.

    Args:
        gaps: What was noted, none of it kept.
        asked: Names asked of the recorder's own resolver.
    """
    by_host: dict[str, list[Gap]] = {}
    for gap in gaps:
        if gap.host and not is_within(gap.host, HOST) and gap.host not in OWN:
            by_host.setdefault(gap.host, []).append(gap)
    seen = [_host(host, mine) for host, mine in by_host.items()]
    never = {name for name in asked if not is_within(name, HOST)} - by_host.keys()
    seen += [HostSeen(name, Readability.NEVER_SEEN) for name in never]
    return tuple(sorted(seen, key=lambda one: one.host))


def _host(host: str, gaps: Sequence[Gap]) -> HostSeen:
    read = any(gap.detail.startswith(READABLE) for gap in gaps)
    return HostSeen(
        host,
        _readability(gaps, read=read),
        sum(gap.size_bytes or 0 for gap in gaps),
        sum(gap.received_bytes or 0 for gap in gaps),
        also_read=read,
    )


def _readability(gaps: Sequence[Gap], *, read: bool) -> Readability:
    if any(gap.kind in (GapKind.RESOLVES_ELSEWHERE, GapKind.CHANGED) for gap in gaps):
        return Readability.ELSEWHERE
    refused = [gap for gap in gaps if gap.kind is GapKind.REFUSED_TLS]
    unused = [gap for gap in gaps if gap.kind is GapKind.UNUSED]
    if refused and (read or any(word in gap.detail for gap in refused for word in DISTRUSTS)):
        return Readability.BROWSERS_ONLY
    if any(gap.detail.startswith(ENCIPHERED) for gap in gaps):
        return Readability.OWN_ENCRYPTION
    if read:
        return Readability.READABLE
    closed = (*refused, *unused)
    if closed and all(OVER_QUIC in gap.detail for gap in closed):
        return Readability.QUIC_ONLY
    if closed:
        return Readability.PINNED
    if any(gap.detail.startswith(NOT_READABLE) or gap.kind is GapKind.NOT_HTTP for gap in gaps):
        return Readability.OWN_ENCRYPTION
    if any(gap.kind in LET_THROUGH for gap in gaps):
        return Readability.NOT_OPENED
    return Readability.NEVER_SEEN
