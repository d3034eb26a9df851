"""Formats that are encrypted on purpose for somebody else: named, so that *opaque* has a reason."""

from hometruth.model import Exchange

SEALED_TYPES = {
    b"message/ohttp-req": "Oblivious HTTP (RFC 9458)",
    b"message/ohttp-chunked-req": "Oblivious HTTP in chunks (RFC 9458 and its draft of chunks)",
    b"application/oblivious-dns-message": "Oblivious DNS over HTTPS (RFC 9230)",
}
"""Media types of bodies that only the server behind a relay can open."""


def sealed(exchange: Exchange) -> str:
    """Why the body cannot be read, if its media type says that it is sealed; else empty."""
    media_type = (exchange.request_header("content-type") or b"").partition(b";")[0].strip().lower()
    name = SEALED_TYPES.get(media_type, "") if exchange.request_body else ""
    return f"{name}: encrypted for the server behind the relay" if name else ""
