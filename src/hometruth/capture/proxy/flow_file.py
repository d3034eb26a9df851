"""Writes mitmproxy flows to a file so that nothing written can be lost again."""

import io
import os
import re
from pathlib import Path
from types import TracebackType
from typing import Self

from mitmproxy.flow import Flow
from mitmproxy.io import FlowWriter

from hometruth.capture.connections import private
from hometruth.errors import CaptureError

MOST_DIGITS = 12
"""Of a flow's length: what mitmproxy reads at most."""
_LENGTH = re.compile(rb"(\d{1,12}):")


class FlowFile:
    """A new flow file, each flow in it whole and handed to the system before `add` returns.

    Args:
        goes_on: It is there already, of a recording that was cut off: what it holds stays, but for a flow
            that was not written to its end.

    Raises:
        CaptureError: If the file exists or cannot be made, or is to be gone on with and cannot be.
    """

    def __init__(self, path: Path, *, goes_on: bool = False) -> None:
        self.path = path
        self.size_bytes = self.cut_bytes = 0
        if goes_on:
            self._go_on()
            return
        try:
            handle = private(str(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        except FileExistsError as err:
            raise CaptureError(
                f"{path}: exists already; a recording is never written over, give another name"
            ) from err
        except OSError as err:
            raise CaptureError(f"{path}: cannot be made: {err.strerror}") from err
        self._file = os.fdopen(handle, "wb", buffering=0)

    def _go_on(self) -> None:
        try:
            self._file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_NOFOLLOW), "r+b", buffering=0)
            self.size_bytes = _whole_bytes(self._file)
            self.cut_bytes = self._file.seek(0, os.SEEK_END) - self.size_bytes
            self._file.truncate(self.size_bytes)
            self._file.seek(self.size_bytes)
        except OSError as err:
            raise CaptureError(f"{self.path}: cannot be gone on with: {err.strerror}") from err

    def add(self, flow: Flow) -> None:
        """Append one flow.

        Raises:
            CaptureError: If it cannot be written (disk full). The file then ends with the flow before it.
        """
        buffer = io.BytesIO()
        FlowWriter(buffer).add(flow)  # type: ignore[no-untyped-call]
        try:
            self._write(buffer.getbuffer())
        except OSError as err:
            self._file.truncate(self.size_bytes)
            raise CaptureError(
                f"{self.path}: writing failed ({err.strerror}); recording ended. "
                f"The {self.size_bytes} bytes recorded before it are kept; make room and record again."
            ) from err
        self.size_bytes += buffer.tell()

    def _write(self, data: memoryview) -> None:
        while data:
            data = data[self._file.write(data) :]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.fsync(self._file.fileno())
        self._file.close()


def _whole_bytes(file: io.FileIO) -> int:
    """Bytes up to the end of the last whole flow; each is a tnetstring: its length, a colon, it, a type."""
    end, size = 0, file.seek(0, os.SEEK_END)
    while end < size:
        file.seek(end)
        head = _LENGTH.match(file.read(MOST_DIGITS + 1))
        following = end + head.end() + int(head[1]) + 1 if head else size + 1
        if following > size:
            break
        end = following
    return end
