"""Opens a recording, whatever it is called, and reads it."""

import stat
import zlib
from collections.abc import Iterator
from pathlib import Path

from hometruth.capture.byte_stream import open_unpacked, take
from hometruth.capture.detect import ACCEPTED, HEAD_BYTES, Kind, kind_of, looks_like
from hometruth.capture.har.read import read_har, read_large_har
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap

MAX_WHOLE_BYTES = 2 << 30
"""HAR that cannot be cut into entries as it comes is read whole: 2 GiB is more than any browser exports."""
LARGE_HAR_BYTES = 8 << 20
"""HAR from this size on is never held as a whole; below, that is quicker and forgives more."""


def read_capture(path: Path, *, name: str | None = None, responses: bool = True) -> Iterator[Exchange | Gap]:
    """Exchanges of a recording in its order, with a gap for whatever in it cannot be read.

    Args:
        path: A HAR or mitmproxy flow file, plain or gzip-compressed; told by content.
        name: What to call the file in sources and gaps, the path as given by default.
        responses: False leaves responses out where that saves time; for who looks at requests only.

    Raises:
        CaptureError: At once, if the file is no recording or cannot be opened; in a large HAR, where the
            document is damaged beyond one entry.
    """
    file = str(path) if name is None else name
    try:
        return _read(path, file, responses=responses)
    except (OSError, EOFError, zlib.error) as err:
        raise CaptureError(f"{file}: cannot be read: {getattr(err, 'strerror', None) or err}") from err


def _read(path: Path, file: str, *, responses: bool) -> Iterator[Exchange | Gap]:
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise CaptureError(f"{file}: is {what}; give one recording: {ACCEPTED}")
    with open_unpacked(path) as stream:
        head = stream.read(HEAD_BYTES)
        match kind_of(head):
            case Kind.HAR:
                start = head + take(stream, LARGE_HAR_BYTES - len(head))
                if len(start) < LARGE_HAR_BYTES:
                    return read_har(start, file, responses=responses)
                return read_large_har(
                    lambda: open_unpacked(path), lambda: _whole(path, file), file, responses=responses
                )
            case Kind.FLOWS:
                # Imported late: mitmproxy takes longer to load than a small HAR takes to read.
                from hometruth.capture.flow_reader import read_flows  # noqa: PLC0415

                return read_flows(lambda: open_unpacked(path), file)
    state = looks_like(head) if head else "is empty"
    raise CaptureError(f"{file}: {state}; {ACCEPTED}")


def _whole(path: Path, file: str) -> bytes:
    with open_unpacked(path) as stream:
        data = take(stream, MAX_WHOLE_BYTES + 1)
    if len(data) > MAX_WHOLE_BYTES:
        raise CaptureError(f"{file}: is larger than {MAX_WHOLE_BYTES >> 30} GiB of HAR; split the recording")
    return data
