"""The raw parts of an exchange: what was sent, before any layer is peeled.

The host is HOST, from the URL; a Host header (or HTTP/2 ``:authority``) that says the same is not counted
again. The request target is PATH as a whole; its query is QUERY, inside it. The Cookie header is COOKIE.
Other headers are HEADER, each by its name, and trailers with them. The body is BODY. WebSocket messages that
the client sent are MESSAGE, named by their position: ``[0]``, ``[1]``... A document cut into several of them
is there as a whole too: ``[0-3]``. What is the same in nearly every request is a place only where it is not:
METHOD, AUTHORITY, SNI, and each HEADER_NAME that is not of the usual ones. What is recorded twice and
otherwise is an extra with a name of its own.

What came back is ANSWER: its headers, its body, WebSocket messages received. It is searched where asked for.
"""

from collections.abc import Iterator

from hometruth.model import Exchange, Headers, Part
from hometruth.peel.chunks import chunked
from hometruth.peel.layers import SPLITS
from hometruth.peel.walk import Root

_SPLITS_OF_EXTRAS = {Part.QUERY: SPLITS["query"], Part.COOKIE: SPLITS["cookie"]}
USUAL_METHODS = frozenset({"GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"})
"""RFC 9110 and RFC 5789."""
_FIELDS = b"""
:authority :method :path :protocol :scheme :status accept accept-ch accept-charset accept-encoding
accept-language accept-ranges access-control-allow-credentials access-control-allow-headers
access-control-allow-methods access-control-allow-origin access-control-expose-headers
access-control-max-age access-control-request-headers access-control-request-method age allow alt-svc
alt-used authorization cache-control connection content-disposition content-encoding content-language
content-length content-location content-md5 content-range content-security-policy content-type cookie
cross-origin-embedder-policy cross-origin-opener-policy cross-origin-resource-policy date device-memory
dnt downlink dpr ect etag expect expires forwarded from host if-match if-modified-since if-none-match
if-range if-unmodified-since keep-alive last-modified link location max-forwards nel origin p3p pragma
priority proxy-authorization proxy-connection purpose range referer referrer-policy report-to
reporting-endpoints retry-after rtt save-data sec-ch-ua sec-ch-ua-arch sec-ch-ua-bitness
sec-ch-ua-full-version sec-ch-ua-full-version-list sec-ch-ua-mobile sec-ch-ua-model sec-ch-ua-platform
sec-ch-ua-platform-version sec-ch-ua-wow64 sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user
sec-gpc sec-purpose sec-websocket-accept sec-websocket-extensions sec-websocket-key sec-websocket-protocol
sec-websocket-version server server-timing set-cookie strict-transport-security te timing-allow-origin
trailer transfer-encoding upgrade upgrade-insecure-requests user-agent vary via warning www-authenticate
x-client-data x-content-type-options x-forwarded-for x-forwarded-host x-forwarded-proto x-frame-options
x-powered-by x-requested-with x-xss-protection
"""
USUAL_NAMES = frozenset(_FIELDS.split())
"""Lower case; of the IANA registry and browsers (https://www.iana.org/assignments/http-fields/)."""


def roots_of(exchange: Exchange) -> Iterator[Root]:
    """Parts of the request, in the order they were sent, then WebSocket messages; no absent bodies."""
    yield Root(Part.HOST, "", exchange.host.encode("utf-8", "surrogateescape"))
    query = query_of(exchange)
    yield Root(Part.PATH, "", exchange.target, SPLITS["path" if query is None else "target"])
    if query is not None:
        yield Root(Part.QUERY, "", query, SPLITS["query"], counts=False)
    for name, value in exchange.request_headers:
        if name.lower() == b"cookie":
            yield Root(Part.COOKIE, "", value, SPLITS["cookie"])
        elif not _repeats_the_url(name, value, exchange):
            yield Root(Part.HEADER, name.decode("latin-1"), value)
    if exchange.request_body:
        yield Root(Part.BODY, "", exchange.request_body, declared=_declared(exchange.request_headers))
    yield from _oddities(exchange)
    documents = tuple(chunked(exchange.messages))
    chunks = {index for document in documents for index in document.indexes}
    for index, message in enumerate(exchange.messages):
        if message.sent:
            yield Root(Part.MESSAGE, f"[{index}]", message.data, counts=index not in chunks)
    for document in documents:
        yield Root(Part.MESSAGE, document.name, document.data)
    for extra in exchange.extras:
        yield Root(extra.part, extra.name, extra.data, _SPLITS_OF_EXTRAS.get(extra.part))


def answer_roots_of(exchange: Exchange) -> Iterator[Root]:
    """Parts of the answer: headers, body, WebSocket messages received; no absent body."""
    for name, value in exchange.response_headers:
        shown = f"header {name.decode('latin-1')}"
        yield Root(Part.ANSWER, shown, value, SPLITS["cookie"] if name.lower() == b"set-cookie" else None)
        if name.lower() not in USUAL_NAMES:
            yield Root(Part.ANSWER, "header name", name)
    if exchange.response_body:
        yield Root(Part.ANSWER, "body", exchange.response_body, declared=_declared(exchange.response_headers))
    for index, message in enumerate(exchange.messages):
        if not message.sent:
            yield Root(Part.ANSWER, f"message [{index}]", message.data)


def _oddities(exchange: Exchange) -> Iterator[Root]:
    """What hardly any request has; not counted among the bytes read."""
    if exchange.method.upper() not in USUAL_METHODS:
        yield Root(Part.METHOD, "", exchange.method.encode("utf-8", "surrogateescape"), counts=False)
    if exchange.authority:
        yield Root(Part.AUTHORITY, "", exchange.authority, counts=False)
    sni = exchange.tls.sni if exchange.tls else None
    if sni and sni.lower() != exchange.host:
        yield Root(Part.SNI, "", sni.encode("utf-8", "surrogateescape"), counts=False)
    for name, _ in exchange.request_headers:
        if name.lower() not in USUAL_NAMES:
            yield Root(Part.HEADER_NAME, "", name, counts=False)


def query_of(exchange: Exchange) -> bytes | None:
    """The query of the request target, undecoded; None if there is none."""
    _, mark, query = exchange.target.partition(b"?")
    return query if mark else None


def _repeats_the_url(name: bytes, value: bytes, exchange: Exchange) -> bool:
    """True for headers that only say again what the URL says."""
    match name.lower():
        case b"host" | b":authority":
            host = exchange.host.encode("utf-8", "surrogateescape")
            return value.lower() in {host, b"%b:%d" % (host, exchange.port)}
        case b":path":
            return value == exchange.target
        case b":method":
            return value == exchange.method.encode("utf-8", "surrogateescape")
        case b":scheme":
            return value == exchange.scheme.encode("utf-8", "surrogateescape")
    return False


def _declared(headers: Headers) -> frozenset[str]:
    """Content codings that the headers declare; one that lies is no matter: the layer will not open."""
    return frozenset(
        coding.strip().lower().decode("latin-1")
        for name, value in headers
        if name.lower() == b"content-encoding"
        for coding in value.split(b",")
    )
