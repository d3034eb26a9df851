"""What every framing ends in: gzip and JSON, with bounds."""

import json
import zlib
from typing import Any, NoReturn

MAX_JSON_BYTES = 32 * 1024 * 1024
"""Unpacked size of one request: fifty of the largest events the SDKs write are far below; more is a bomb."""
GZIP_WINDOW = 31
"""zlib's way to say: gzip framing only."""


def inflate(data: bytes, max_bytes: int | None = None) -> bytes:
    """Unpack gzip.

    Raises:
        Rejected: If it is not gzip, is cut short, or unpacks to more than *max_bytes* (one request's bound).
    """
    limit = MAX_JSON_BYTES if max_bytes is None else max_bytes
    stream = zlib.decompressobj(GZIP_WINDOW)
    try:
        unpacked = stream.decompress(data, limit + 1)  # zlib takes 0 for "no bound"
    except zlib.error as err:
        raise Rejected(f"the data are not gzip: {err}") from err
    if len(unpacked) > limit:
        raise Rejected(f"the data unpack to more than {MAX_JSON_BYTES} bytes")
    if not stream.eof:
        raise Rejected("the gzip data break off")
    return unpacked


def parse_json(data: bytes | str) -> Any:
    """Read JSON, without the constants that Python adds to it.

    Raises:
        Rejected: If it is not JSON.
    """
    try:
        return json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as err:
        raise Rejected(f"the data are not JSON: {err}") from err


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


class Rejected(Exception):
    """The request is not what the protocol asks for; the message says why."""
