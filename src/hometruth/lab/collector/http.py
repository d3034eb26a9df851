"""The collector's HTTP/1.1: uvicorn on llhttp (`httptools`), with a limit on a request's head.

Not on h11: mitmproxy 11, which Python 3.11 needs, holds it at 0.14, which takes a chunk without a line
end (CVE-2025-43859).
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 256 * 1024
"""Request line and headers; events sent as images put 7 kB and more into the query."""


class CollectorProtocol(HttpToolsProtocol):
    """One connection; llhttp itself would take a head without end."""

    _head_bytes = 0
    _in_head = True

    def data_received(self, data: bytes) -> None:
        """Feed what arrived, unless a head grew beyond the limit."""
        in_head_before = self._in_head
        super().data_received(data)
        if self._in_head and self.transport is not None and not self.transport.is_closing():
            self._head_bytes = self._head_bytes + len(data) if in_head_before else len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.send_400_response(f"The head of a request is larger than {MAX_HEAD_BYTES} bytes.")

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head has ended. The query does not pass llhttp's reader of URLs, which ends at 65,535 bytes."""
        self._in_head = False
        self.url, _, query = self.url.partition(b"?")
        super().on_headers_complete()
        self.scope["query_string"] = query.partition(b"#")[0]
