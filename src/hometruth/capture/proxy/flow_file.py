"""Writes mitmproxy flows to a file so that nothing written can be lost again."""

import io
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from mitmproxy.flow import Flow
from mitmproxy.io import FlowWriter

from hometruth.capture.connections import private
from hometruth.errors import CaptureError


class FlowFile:
    """A new flow file, each flow in it whole and handed to the system before `add` returns.

    Raises:
        CaptureError: If the file exists or cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size_bytes = 0
        try:
            handle = private(str(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        except FileExistsError as err:
            raise CaptureError(
                f"{path}: exists already; a recording is never written over, give another name"
            ) from err
        except OSError as err:
            raise CaptureError(f"{path}: cannot be made: {err.strerror}") from err
        self._file = os.fdopen(handle, "wb", buffering=0)

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
