"""The raw parts of an exchange: what was sent, before any layer is peeled.

The host is HOST, from the URL; a Host header (or HTTP/2 ``:authority``) that says the same is not counted
again. The request target is PATH as a whole; its query is QUERY, inside it. The Cookie header is COOKIE.
Other headers are HEADER, each by its name. The body is BODY. WebSocket messages that the client sent are
MESSAGE, named by their position: ``[0]``, ``[1]``... A document cut into several of them is there as a whole
too: ``[0-3]``. What was sent in no such place, or is recorded twice and otherwise, is an extra with a
name of its own.
"""

from collections.abc import Iterator

from hometruth.model import Exchange, Part
from hometruth.peel.chunks import chunked
from hometruth.peel.layers import SPLITS
from hometruth.peel.walk import Root

_SPLITS_OF_EXTRAS = {Part.QUERY: SPLITS["query"], Part.COOKIE: SPLITS["cookie"]}


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
        yield Root(Part.BODY, "", exchange.request_body, declared=_declared(exchange))
    documents = tuple(chunked(exchange.messages))
    chunks = {index for document in documents for index in document.indexes}
    for index, message in enumerate(exchange.messages):
        if message.sent:
            yield Root(Part.MESSAGE, f"[{index}]", message.data, counts=index not in chunks)
    for document in documents:
        yield Root(Part.MESSAGE, document.name, document.data)
    for extra in exchange.extras:
        yield Root(extra.part, extra.name, extra.data, _SPLITS_OF_EXTRAS.get(extra.part))


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


def _declared(exchange: Exchange) -> frozenset[str]:
    """Content codings that the request declares; one that lies is no matter: the layer will not open."""
    return frozenset(
        coding.strip().lower().decode("latin-1")
        for name, value in exchange.request_headers
        if name.lower() == b"content-encoding"
        for coding in value.split(b",")
    )
