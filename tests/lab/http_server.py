"""A small real HTTP server on loopback that answers what it is told to and keeps what it was sent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BREAK_OFF = 0
"""Instead of a status: close the connection without an answer."""


@dataclass
class Server:
    """What to answer next, and what came."""

    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """Status and headers, first one next; an empty list answers 200."""
    bodies: list[bytes] = field(default_factory=list)
    """Body of the next answer, likewise; an empty list answers with none."""
    requests: list[tuple[str, str, list[tuple[str, str]], bytes]] = field(default_factory=list)
    """Method, target, headers in order, body."""
    n_connections: int = 0


@contextmanager
def serving() -> Iterator[Server]:
    """Run the server for a while; it also plays the plain-HTTP proxy, since targets are only recorded."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            server.n_connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            server.requests.append((self.command, self.path, list(self.headers.items()), body))
            status, headers = server.answers.pop(0) if server.answers else (200, {})
            if status == BREAK_OFF:
                self.close_connection = True
                return
            self.send_response(status)
            answer = server.bodies.pop(0) if server.bodies else b""
            for name, value in {"Content-Length": str(len(answer)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)
            if headers.get("Connection") == "silently-close":
                self.close_connection = True

        do_GET = do_POST

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        server.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
