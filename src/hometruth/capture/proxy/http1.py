"""HTTP/1 with trailers (RFC 9112 section 7.1.2), which mitmproxy does not have.

It gives up on a message that ends in some: the client waits for ever, and nothing of it is read. What it
cannot make a request of it forgets.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import h11
from mitmproxy.http import Headers
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layer import CommandGenerator
from mitmproxy.proxy.layers import http
from mitmproxy.proxy.layers.http._base import ReceiveHttp
from mitmproxy.proxy.layers.http._events import HttpEvent, RequestTrailers, ResponseTrailers
from mitmproxy.proxy.layers.http._http1 import Http1Client, Http1Connection, Http1Server

LAST_CHUNK = b"0\r\n"


class _Trailing(Http1Connection):
    """Passes trailers on in either direction; to be inherited before a class of mitmproxy's."""

    ReceiveTrailers: type[RequestTrailers | ResponseTrailers]

    def __init__(self, context: Context) -> None:
        super().__init__(context)  # type: ignore[call-arg]  # the next class's takes nothing more
        self._came = self._going = Headers()

    def read_body(self, event: events.Event) -> CommandGenerator[None]:
        """As mitmproxy does, which never sees the trailers; they are told before the end of the message."""
        self.body_reader = _without_trailers(self.body_reader, self._took)  # type: ignore[assignment]
        for command in super().read_body(event):
            is_end = isinstance(command, ReceiveHttp) and isinstance(command.event, self.ReceiveEndOfMessage)
            if is_end and self._came.fields:
                assert self.stream_id is not None
                came, self._came = self._came, Headers()
                yield ReceiveHttp(self.ReceiveTrailers(self.stream_id, came))
            yield command

    def send(self, event: HttpEvent) -> CommandGenerator[None]:
        """As mitmproxy does; trailers go after the last chunk, and nowhere where there are no chunks."""
        if isinstance(event, (RequestTrailers, ResponseTrailers)):
            self._going = event.trailers
            return
        for command in super().send(event):
            if (
                isinstance(command, commands.SendData)
                and command.data == LAST_CHUNK + b"\r\n"
                and self._going.fields
            ):
                going, self._going = bytes(self._going), Headers()
                command = commands.SendData(command.connection, LAST_CHUNK + going + b"\r\n")  # noqa: PLW2901
            yield command

    def _took(self, fields: Any) -> None:
        self._came = Headers([(bytes(name), bytes(value)) for name, value in fields])


class TrailingServer(_Trailing, Http1Server):
    """Towards the client; keeps what came and was no request."""

    ReceiveTrailers = RequestTrailers
    broken = b""
    """The head that made no sense, and what came with it."""

    @property
    def unread(self) -> bytes:
        """What came and is part of no request."""
        return self.broken or bytes(self.buf)

    def read_headers(self, event: events.ConnectionEvent) -> CommandGenerator[None]:
        """As mitmproxy does, which forgets a head that makes no sense."""
        came = bytes(self.buf)
        yield from super().read_headers(event)
        if self.state == self.done and self.request is None:
            self.broken = came


class TrailingClient(_Trailing, Http1Client):
    """Towards the server."""

    ReceiveTrailers = ResponseTrailers


class _BodyReader:
    """A reader of bodies that hands trailers over."""

    def __init__(self, reader: Any, took: Callable[[Any], None]) -> None:
        self._reader = reader
        self._took = took

    def __call__(self, data: Any) -> Any:
        return self._kept(self._reader(data))

    def read_eof(self) -> Any:
        return self._kept(self._reader.read_eof())

    def _kept(self, event: Any) -> Any:
        if isinstance(event, h11.EndOfMessage) and event.headers:
            self._took(event.headers.raw_items())
            return h11.EndOfMessage()
        return event


def _without_trailers(reader: Any, took: Callable[[Any], None]) -> _BodyReader:
    return reader if isinstance(reader, _BodyReader) else _BodyReader(reader, took)


@contextmanager
def with_trailers() -> Iterator[None]:
    """While it lasts, mitmproxy talks to servers so; it has no hook where one is made."""
    before = vars(http)["Http1Client"]
    vars(http)["Http1Client"] = TrailingClient
    try:
        yield
    finally:
        vars(http)["Http1Client"] = before
