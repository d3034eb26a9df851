"""The layers of one value, on its own or out of a recording."""

from pathlib import Path

from hometruth.errors import CaptureError
from hometruth.model import Exchange
from hometruth.peel import Peeled, peel_value

__all__ = ["Peeled", "body_of", "peel_value"]


def body_of(capture: Path, entry: int) -> bytes:
    """The body of one request in a recording.

    Raises:
        CaptureError: There is none, or the recording cannot be read.
    """
    from hometruth.capture import read_capture  # noqa: PLC0415  # a single value needs no reader

    for item in read_capture(capture):
        if isinstance(item, Exchange) and item.source.index == entry:
            if not item.request_body:
                raise CaptureError(f"{capture}: request {entry} has no body to peel")
            return item.request_body
    raise CaptureError(f"{capture}: holds no request {entry} that can be read (they are counted from 0)")
