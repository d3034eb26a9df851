"""Which TLS versions a client offers, read from its ClientHello (RFC 8446 sections 4.1.2 and 4.2.1)."""

SUPPORTED_VERSIONS = 43
NAMES = {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}
"""Spelt as OpenSSL does, which is how mitmproxy reports the version agreed upon."""


class _Reader:
    """Cuts length-prefixed pieces off a message; raises IndexError at its end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        piece = self._data[self._at : self._at + size]
        if len(piece) < size:
            raise IndexError(size)
        self._at += size
        return piece

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    def vector(self, size_of_length: int) -> bytes:
        return self.take(self.number(size_of_length))

    def __bool__(self) -> bool:
        return self._at < len(self._data)


def offered_versions(hello: bytes) -> tuple[str, ...]:
    """Versions offered in the body of a ClientHello, in the client's order; empty if it is damaged.

    Clients before TLS 1.3 name only their highest version. Reserved values that clients mix in (RFC 8701)
    and drafts are left out.
    """
    try:
        versions = _versions(_Reader(hello))
    except IndexError:
        return ()
    return tuple(NAMES[version] for version in versions if version in NAMES)


def _versions(hello: _Reader) -> list[int]:
    highest = hello.number(2)
    hello.take(32)
    hello.vector(1)
    hello.vector(2)
    hello.vector(1)
    extensions = _Reader(hello.vector(2)) if hello else _Reader(b"")
    while extensions:
        kind, body = extensions.number(2), _Reader(extensions.vector(2))
        if kind == SUPPORTED_VERSIONS:
            listed = body.vector(1)
            return [int.from_bytes(listed[at : at + 2]) for at in range(0, len(listed), 2)]
    return [highest]
