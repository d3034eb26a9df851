"""Starting the collector as a process of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hometruth.errors import LabError
from hometruth.lab.collector.database import Db
from hometruth.lab.collector.schemes import Scheme

CLOSE_S = 10.0
"""How long a collector may take to stop before it is ended; what it answered is on disk either way."""


class CollectorHandle:
    """A running collector; a context manager that stops it."""

    def __init__(self, process: "subprocess.Popen[str]", db: Db, url: str) -> None:
        self._process = process
        self.db = db
        self.url = url
        """``http://ADDRESS:PORT``, without a path."""

    @property
    def operator_url(self) -> str:
        """The operator's pages."""
        return f"{self.url}/operator"

    @property
    def pid(self) -> int:
        """Process id, for tests that pull the plug."""
        return self._process.pid

    def close(self) -> None:
        """Stop it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(CLOSE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def start_collector(
    db: Db,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    encryption: str | None = "rsa-event",
    remote_config: Mapping[str, Any] | None = None,
    ledger: Path | None = None,
) -> CollectorHandle:
    """Start a collector that keeps its events in *db*; port 0 takes a free one.

    Args:
        db: A SQLite file, or the URL of a PostgreSQL database.
        host: A loopback address.
        port: Where to listen.
        encryption: How SDKs that can encrypt are told to: ``rsa-event``, ``rsa-transport``, ``ec-event`` or
            ``ec-transport``; None hands out no key.
        remote_config: What else remote configuration sets, such as ``{"disableSDK": true}``.
        ledger: A phone's own record, from which the operator's pages tell normal from incognito.

    Raises:
        LabError: If *host* is not loopback, the port is taken, *db* cannot be used, or there is no such
            encryption or setting.
    """
    if encryption is not None and encryption not in list(Scheme):
        raise LabError(f"no encryption {encryption!r}; choose from {', '.join(Scheme)}")
    # A session of its own: Ctrl-C in a terminal reaches the one who started it, who then stops it in order.
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "hometruth.lab.collector", str(db), host, str(port)),
            *([] if encryption is None else ["--encryption", encryption]),
            *("--remote-config", json.dumps(dict(remote_config or {}))),
            *([] if ledger is None else ["--ledger", str(ledger)]),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        return CollectorHandle(process, db, _address_of(process))
    except BaseException:  # an interruption too: nobody else would stop it
        process.kill()
        process.communicate()
        raise


def _address_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    answer: dict[str, str] = json.loads(line) if line else {"error": "the collector ended at once"}
    if "error" in answer:
        raise LabError(answer["error"])
    return answer["url"]
