"""Opens a recording, whatever it is called, and reads it."""

import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from hometruth.capture.byte_stream import open_unpacked, take
from hometruth.capture.detect import ACCEPTED, HEAD_BYTES, Kind, kind_of, looks_like
from hometruth.capture.har import read_har
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap

MAX_HAR_BYTES = 2 << 30
"""HAR is one document, read whole: 2 GiB is above anything a browser exports, and stops a gzip bomb."""


def read_capture(path: Path, *, name: str | None = None) -> Iterator[Exchange | Gap]:
    """Exchanges of a recording in its order, with a gap for whatever in it cannot be read.

    Args:
        path: A HAR or mitmproxy flow file, plain or gzip-compressed; told by content.
        name: What to call the file in sources and gaps, the path as given by default.

    Raises:
        CaptureError: At once, if the file is no recording or cannot be opened.
    """
    file = str(path) if name is None else name
    try:
        return _read(path, file)
    except (OSError, EOFError, zlib.error) as err:
        raise CaptureError(f"{file}: cannot be read: {getattr(err, 'strerror', None) or err}") from err


def _read(path: Path, file: str) -> Iterator[Exchange | Gap]:
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise CaptureError(f"{file}: is {what}; give one recording: {ACCEPTED}")
    with open_unpacked(path) as stream:
        head = stream.read(HEAD_BYTES)
        match kind_of(head):
            case Kind.HAR:
                return read_har(_whole(stream, head, file), file)
            case Kind.FLOWS:
                # Imported late: mitmproxy takes longer to load than a small HAR takes to read.
                from hometruth.capture.flow_reader import read_flows  # noqa: PLC0415

                return read_flows(lambda: open_unpacked(path), file)
    state = looks_like(head) if head else "is empty"
    raise CaptureError(f"{file}: {state}; {ACCEPTED}")


def _whole(stream: BinaryIO, head: bytes, file: str) -> bytes:
    data = head + take(stream, MAX_HAR_BYTES + 1 - len(head))
    if len(data) > MAX_HAR_BYTES:
        raise CaptureError(f"{file}: is larger than {MAX_HAR_BYTES >> 30} GiB of HAR; split the recording")
    return data
