"""What happened in a run by hand, one JSON object a line: what a run that was cut off goes on from."""

import json
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hometruth.errors import DriverError

LOG = "guided.jsonl"


class HandLog:
    """Appends rows to the log in *folder*, and knows those of before.

    Raises:
        DriverError: If the log cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOG
        self._last: dict[str, Mapping[str, Any]] = {}
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
            self._file = os.fdopen(handle, "ab", buffering=0)
            whole = self._path.read_bytes()
            if cut := len(whole) - whole.rfind(b"\n") - 1:  # a row cut by a loss of power is none
                os.ftruncate(handle, len(whole) - cut)
            lines = whole[: len(whole) - cut].splitlines()
        except OSError as err:
            raise DriverError(f"{self._path}: cannot be kept: {err.strerror}") from err
        for line in lines:
            try:
                row = json.loads(line)
                self._last[row["what"]] = row
            except (ValueError, TypeError, KeyError) as err:
                self._file.close()
                raise DriverError(f"{self._path}: is damaged, so that nothing can go on from it") from err

    def add(self, what: str, **told: object) -> None:
        """Write a row, with the time."""
        row = {"at_ns": time.time_ns(), "what": what, **told}
        line = json.dumps(row).encode() + b"\n"
        with self._lock:  # pictures come in threads of their own
            try:
                written = self._file.write(line)
            except OSError as err:
                raise DriverError(f"{self._path}: cannot be written: {err.strerror}") from err
            if written != len(line):
                raise DriverError(f"{self._path}: was written in part; is the disk full?")
            self._last[what] = row

    def last(self, what: str) -> Mapping[str, Any] | None:
        """The latest row of that name, of this run or before it was cut off."""
        return self._last.get(what)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
