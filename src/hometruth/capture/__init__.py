"""A recording, or the live recorder, turned into exchanges.

The recorder needs mitmproxy, which takes a second to import: its names are loaded when first used.
"""

from typing import TYPE_CHECKING

from hometruth.capture.connections import read_connections
from hometruth.capture.given import RemoteCapture, capture_at, captures_named
from hometruth.capture.read import captures_in, numbered, open_capture, read_capture
from hometruth.capture.readers import READERS

if TYPE_CHECKING:
    from hometruth.capture.proxy import Listening, Recorder, Sinkhole

__all__ = [
    "READERS",
    "Listening",
    "Recorder",
    "RemoteCapture",
    "Sinkhole",
    "capture_at",
    "captures_in",
    "captures_named",
    "numbered",
    "open_capture",
    "read_capture",
    "read_connections",
]


def __getattr__(name: str) -> object:
    if name in ("Listening", "Recorder", "Sinkhole"):
        from hometruth.capture import proxy  # noqa: PLC0415

        return getattr(proxy, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
