"""A recording as something to watch: finished, or still being written."""

import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from hometruth.capture import read_capture
from hometruth.capture.flow_reader import read_flows
from hometruth.capture.reader import CaptureFile
from hometruth.errors import CaptureError
from hometruth.model import Canary, Exchange, Gap, Trial
from hometruth.model.departure import Deed

POLL_S = 0.2
"""How often a growing file is looked at."""


class Growing(io.RawIOBase):
    """A file that is still being written: its end is waited at until *ended* says so."""

    def __init__(self, path: Path, ended: Callable[[], bool]) -> None:
        self._stream = path.open("rb")
        self._ended = ended

    def read(self, size: int = -1) -> bytes:
        """At least one byte, or none once it has ended."""
        while not (data := self._stream.read(size)):
            if self._ended():
                return b""
            time.sleep(POLL_S)
        return data

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        super().close()


def follow(path: Path, ended: Callable[[], bool]) -> Iterator[Exchange | Gap]:
    """Exchanges of a flow file as they are written.

    Raises:
        CaptureError: If it cannot be opened.
    """
    try:
        stream = Growing(path, ended)
    except OSError as err:
        raise CaptureError(f"{path}: cannot be read: {err.strerror}") from err
    return read_flows(CaptureFile(str(path), lambda: cast(BinaryIO, stream)))


def read(path: Path) -> Iterator[Exchange | Gap]:
    """Exchanges of a finished recording of any kind."""
    return read_capture(path)


def deeds_beside(path: Path, canaries: dict[str, Canary]) -> list[Deed]:
    """What a case notes of the actions in the recording *path*; none if it is no case's.

    Raises:
        CaptureError: If its ``trials.jsonl`` is damaged.
    """
    notes = path.with_name("trials.jsonl")
    if not notes.exists():
        return []
    try:
        trials = [msgspec.json.decode(line, type=Trial) for line in notes.read_bytes().splitlines()]
    except (OSError, msgspec.MsgspecError) as err:
        raise CaptureError(f"{notes}: is no list of sessions of a case ({err}); move it away") from err
    deeds = []
    for trial in trials:
        if trial.started_ns is not None:
            deeds.append(Deed(trial.started_ns, f"session {trial.id}: {trial.condition}"))
        for action in trial.actions:
            canary = canaries.get(action.canary or "")
            text = f"{action.action} {canary.value if canary else action.canary or ''}"
            deeds.append(Deed(action.at_ns, text, (canary,) if canary else ()))
    return sorted(deeds, key=lambda deed: deed.at_ns)
