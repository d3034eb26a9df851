"""TLS secrets from key logs (draft-ietf-tls-keylogfile), by the client random of their connection."""

import re
from pathlib import Path

from hometruth.errors import CaptureError

MAX_LOG_BYTES = 256 << 20
"""Of a key log: a million connections."""
_SECRET = re.compile(rb"(?<!\w)(\w{3,40})[ \t]+([0-9A-Fa-f]{64})[ \t]+([0-9A-Fa-f]{32,256})(?!\w)")
"""Whatever stands around it: a log's own time, quotation marks, a comment."""


class KeyLog:
    """Secrets of connections, by client random and label."""

    def __init__(self) -> None:
        self._secrets: dict[bytes, dict[str, bytes]] = {}

    def __len__(self) -> int:
        return len(self._secrets)

    def add(self, lines: bytes) -> None:
        """Take in the secrets of a log, which may be in UTF-16; what is none is a comment."""
        for label, random, secret in _SECRET.findall(lines.replace(b"\0", b"")):
            if len(secret) % 2 == 0:
                of = self._secrets.setdefault(bytes.fromhex(random.decode()), {})
                of[label.decode().upper()] = bytes.fromhex(secret.decode())

    def of(self, client_random: bytes) -> dict[str, bytes]:
        """What is known of a connection: label to secret; empty if nothing is."""
        return self._secrets.get(client_random, {})


def read_key_log(path: Path) -> bytes:
    """The lines of a key log.

    Raises:
        CaptureError: If it cannot be read or holds none.
    """
    try:
        if path.stat().st_size > MAX_LOG_BYTES:
            raise CaptureError(f"{path}: is larger than {MAX_LOG_BYTES >> 20} MiB; is it a key log?")
        lines = path.read_bytes()
    except OSError as err:
        raise CaptureError(f"{path}: cannot be read: {err.strerror}") from err
    log = KeyLog()
    log.add(lines)
    if not log:
        raise CaptureError(
            f"{path}: holds no TLS secret; lines such as CLIENT_RANDOM, then 64 hexadecimal digits, then the"
            " secret, are wanted (SSLKEYLOGFILE)"
        )
    return lines
