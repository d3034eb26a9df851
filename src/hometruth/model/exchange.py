"""One request with its response and WebSocket messages: what every reader produces.

Bytes stay bytes: header values, paths and bodies of hostile or old software need not be text.
``None`` means *not recorded*, which is a gap; ``b""`` means recorded and empty.
"""

from dataclasses import dataclass
from enum import StrEnum

from hometruth.model.recipient import Sender

Headers = tuple[tuple[bytes, bytes], ...]


class Part(StrEnum):
    """Where in the request, or in its answer, a value sits."""

    METHOD = "method"
    AUTHORITY = "authority"
    """What the address, or ``:authority``, says besides host and port: a user name, another host."""
    SNI = "sni"
    """Server name of the TLS handshake, where it is not the host."""
    HOST = "host"
    PATH = "path"
    QUERY = "query"
    HEADER = "header"
    HEADER_NAME = "header name"
    COOKIE = "cookie"
    BODY = "body"
    MESSAGE = "message"
    ANSWER = "answer"
    """Named by what of it: ``body``, ``header Set-Cookie``, ``message [3]`` (WebSocket, received)."""


class Delivery(StrEnum):
    """Whether what was sent reached anybody, as far as the recording tells."""

    YES = "yes"
    """Something answered it."""
    NO_ANSWER = "no answer"
    """No server was found, or none answered before the recording ended: it may have arrived."""
    BLOCKED = "blocked"
    """It never left: stopped by a blocker, or answered from a cache."""
    NOT_RECORDED = "not recorded"
    """The recorder keeps no answers, so nobody can tell."""

    @property
    def is_attempt(self) -> bool:
        """True if it was only tried to send it, as far as anybody saw."""
        return self in (Delivery.NO_ANSWER, Delivery.BLOCKED)


@dataclass(frozen=True, slots=True)
class Source:
    """The place an exchange was read from, so that anyone can look it up again."""

    file: str
    index: int
    """0-based position among the exchanges of the file (HAR: of ``log.entries``)."""
    flow_id: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One WebSocket message."""

    sent: bool
    """True if it left the client."""
    data: bytes
    is_text: bool
    time_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Extra:
    """Something that was sent and has no place of its own in an exchange, or that is recorded twice and
    otherwise, as in a recording that somebody has half cleaned."""

    part: Part
    name: str
    """Says where in the recording, or on the wire, it stands."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Tls:
    """What is known of the client's side of the TLS connection."""

    negotiated: str | None = None
    """Version agreed between client and recorder: as much a property of the recorder."""
    offered: tuple[str, ...] = ()
    """Versions the client itself offered in its ClientHello."""
    sni: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, with its response if any.

    ``target`` is the request target as sent (path and query, undecoded); ``request_body`` the body as sent,
    with its Content-Encoding still on, unless the recorder stored it decoded (HAR does).
    """

    id: str
    source: Source
    method: str
    scheme: str
    host: str
    """Host name of the URL, lower case, without port; as sent, so IDNA names are in their ASCII form."""
    port: int
    target: bytes
    request_headers: Headers
    request_body: bytes | None
    started_ns: int | None = None
    """UTC, nanoseconds since the epoch."""
    http_version: str = ""
    status: int | None = None
    response_headers: Headers = ()
    response_body: bytes | None = None
    messages: tuple[Message, ...] = ()
    tls: Tls | None = None
    server_address: tuple[str, int] | None = None
    error: str | None = None
    delivered: Delivery = Delivery.YES
    authority: bytes = b""
    """As sent, where it says more than host and port; empty if it does not."""
    trial: str | None = None
    """Id of the trial it was recorded in, if the recorder knew; in a sighting, the one it speaks of."""
    sent_by: Sender | None = None
    """Who sent it, where the recorder knew; what the request itself says is not in here."""
    extras: tuple[Extra, ...] = ()
    """What else was sent, and what the recorder tells otherwise in a second place."""

    @property
    def url(self) -> str:
        """The URL as text for people; undecodable bytes are shown as ``\\xNN``."""
        default = {"http": 80, "https": 443, "ws": 80, "wss": 443}.get(self.scheme)
        port = "" if self.port == default else f":{self.port}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{port}{self.target.decode('utf-8', 'backslashreplace')}"

    def request_header(self, name: str) -> bytes | None:
        """First value of a request header, compared without case; None if absent."""
        wanted = name.lower().encode()
        return next((value for key, value in self.request_headers if key.lower() == wanted), None)
