"""The captures in a folder, told by what is in the files."""

from collections.abc import Iterator
from pathlib import Path

from hometruth.capture.connections import CONNECTIONS_SUFFIX
from hometruth.capture.read import read_capture
from hometruth.errors import CaptureError
from hometruth.model import Gap, GapKind

COMPANIONS = (CONNECTIONS_SUFFIX, ".ca.pem")
"""Endings of files that the recorder itself lays beside a recording; they are read with it, or hold none."""


def captures_in(folder: Path) -> Iterator[Path | Gap]:
    """Captures in a folder and those below it, ordered by name; a gap for each file passed over.

    Raises:
        CaptureError: If it holds no capture.
    """
    n_captures = 0
    for file in sorted(folder.rglob("*")):
        if not file.is_file() or file.name.endswith(COMPANIONS):
            continue
        try:
            next(read_capture(file, responses=False), None)
        except CaptureError as err:
            why = str(err).removeprefix(f"{file}: ")
            yield Gap(GapKind.UNREADABLE, str(file), f"passed over: {why}", size_bytes=file.stat().st_size)
        else:
            n_captures += 1
            yield file
    if not n_captures:
        raise CaptureError(f"{folder}: holds no capture; name a file to hear what is wrong with it")
