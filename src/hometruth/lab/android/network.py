"""The phone's way out: HTTP through the proxy and nowhere else; TLS trusts one authority, the recorder's."""

import http.client
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from hometruth.errors import LabError

TIMEOUT_S = 30.0
"""Connect and read, as Android's HttpURLConnection is set by the SDK."""


class NetworkError(Exception):
    """No answer came; the message is the kind of failure."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, as far as the phone looks at it."""

    status: int
    location: str | None
    body: bytes = b""


class Wire(Protocol):
    """Connections of one app process."""

    def request(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes | None = None
    ) -> Reply:
        """Send one request and read the whole answer; raises `NetworkError` if none came."""

    def close(self) -> None:
        """The process ends."""


def trust(ca_file: Path) -> ssl.SSLContext:
    """A TLS context that believes *ca_file* and nobody else.

    Raises:
        LabError: If the file is missing or holds no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_verify_locations(ca_file)
    except OSError as err:
        raise LabError(
            f"{ca_file}: no certificate authority to trust ({err}); start the recorder first"
        ) from err
    return context


class Network:
    """Connections of one app process, kept alive and reused as Android's HTTP client does."""

    def __init__(self, proxy: str, tls: ssl.SSLContext) -> None:
        where = urlsplit(proxy)
        assert where.hostname is not None
        self._proxy = (where.hostname, where.port or 80)
        self._tls = tls
        self._pool: dict[str, http.client.HTTPConnection] = {}

    def request(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes | None = None
    ) -> Reply:
        """Send one request with exactly these headers, and read the whole answer.

        Raises:
            NetworkError: If the proxy or the host could not be reached, or the answer broke off.
        """
        target = urlsplit(url)
        origin = f"{target.scheme}://{target.netloc}"
        reused = self._pool.pop(origin, None)
        try:
            if reused is not None:
                try:
                    return self._exchange(reused, origin, method, target, headers, body)
                except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLError):
                    reused.close()  # it was closed while idle: try once more on a new one
            return self._exchange(self._connect(target), origin, method, target, headers, body)
        except (OSError, http.client.HTTPException) as err:
            raise NetworkError(type(err).__name__) from err

    def close(self) -> None:
        """Close every connection, as the end of the process does."""
        for connection in self._pool.values():
            connection.close()
        self._pool.clear()

    def _connect(self, target: SplitResult) -> http.client.HTTPConnection:
        if target.scheme == "http":
            return http.client.HTTPConnection(*self._proxy, timeout=TIMEOUT_S)
        connection = http.client.HTTPSConnection(*self._proxy, timeout=TIMEOUT_S, context=self._tls)
        connection.set_tunnel(target.hostname or "", target.port or 443)
        return connection

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        origin: str,
        method: str,
        target: SplitResult,
        headers: Sequence[tuple[str, str]],
        body: bytes | None,
    ) -> Reply:
        try:
            # A proxy is asked for the whole address; inside a tunnel only the path is.
            path = (target.path or "/") + (f"?{target.query}" if target.query else "")
            connection.putrequest(
                method,
                f"{origin}{path}" if target.scheme == "http" else path,
                skip_host=True,
                skip_accept_encoding=True,
            )
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            answer = response.read()
        except BaseException:
            connection.close()
            raise
        if response.will_close:
            connection.close()
        else:
            self._pool[origin] = connection
        return Reply(response.status, response.getheader("Location"), answer)
