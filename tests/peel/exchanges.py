"""Small exchanges for tests."""

from hometruth.model import Exchange, Headers, Message, Source

URL = "https://secret.example.test/health?q=lump&page=2"
"""A visited page, with a query string."""


def exchange(
    target: str = "/",
    *,
    host: str = "collector.test",
    body: bytes | None = b"",
    headers: Headers = (),
    messages: tuple[Message, ...] = (),
) -> Exchange:
    return Exchange(
        id="e-1",
        source=Source("test.har", 0),
        method="POST",
        scheme="https",
        host=host,
        port=443,
        target=target.encode(),
        request_headers=headers,
        request_body=body,
        messages=messages,
    )
