"""Real servers in the test's own internet: HTTP, and echoes over TCP and UDP. A program of its own."""

import socket
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"real")

    def log_message(self, format: str, *args: object) -> None: ...


class Echo(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(self.rfile.readline())


class EchoDatagram(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, sock = self.request
        sock.sendto(data, self.client_address)


class Six(ThreadingHTTPServer):
    address_family = socket.AF_INET6


def main() -> None:
    four, six, closed = sys.argv[1:]
    servers: list[Any] = [
        ThreadingHTTPServer((four, 80), Page),
        ThreadingHTTPServer((closed, 80), Page),
        Six((six, 80), Page),
        socketserver.ThreadingTCPServer((four, 5222), Echo),
        socketserver.ThreadingUDPServer((four, 9999), EchoDatagram),
    ]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    sys.stdin.read()


main()
