"""Pages of others: sites that a simulated person visits, and that embed what they like."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@contextmanager
def serving_pages(pages: Mapping[str, str], scripts: Mapping[str, str] | None = None) -> Iterator[str]:
    """Serve each host's page, under every path, on loopback; yields the address to route these hosts to.

    Args:
        pages: HTML by host.
        scripts: JavaScript by path, the same on every host.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            kind, text = "text/html", pages.get((self.headers.get("Host") or "").partition(":")[0], "")
            if scripts and self.path in scripts:
                kind, text = "text/javascript", scripts[self.path]
            page = text.encode()
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing on standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
