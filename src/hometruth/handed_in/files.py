"""Files that people hand in: regular ones, up to a limit, and TOML at a cost linear in its length.

Plans, claims, salts and labels come from strangers as often as recordings do. A device that never ends, a
pipe that nobody writes to, or a key of ten thousand dots (quadratic in `tomllib`) must be refused at once.
"""

import math
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

MAX_CANARIES_BYTES = 256 << 20
"""A file of canaries: a million of them."""
MAX_TEXT_BYTES = 8 << 20
"""One file of plans, claims, labels or own values; the largest bundled one has 60 kB."""
BYTE_ORDER_MARK = "\ufeff"
"""What editors on Windows put before a text in UTF-8; TOML and JSON have no place for it."""
MAX_KEY_PARTS = 32
"""Parts of one dotted TOML key; ours have three at most."""
NO_KEYS = re.compile(
    r'''"""(?:\\[\s\S]|[^\\])*?(?:"""|\Z)|"(?:\\.|[^"\\\n])*"?'''
    + r"""|'''[\s\S]*?(?:'''|\Z)|'[^'\n]*'?|#[^\n]*"""
)
"""Strings and comments, where dots mean nothing; unclosed ones too, or looking for their end is quadratic."""
_BETWEEN = re.compile(r"[^\n=,\[\]{}]+")
"""What can hold a key: everything between the signs that end one."""


def read_handed_in(path: Path, error: type[Exception], *, limit_bytes: int = MAX_TEXT_BYTES) -> bytes:
    """The content of a regular file.

    Raises:
        Exception: An *error*, if it cannot be read, is a pipe or a device, or has more than *limit_bytes*.
    """
    try:
        # Non-blocking: the open of a pipe that nobody writes to would never return.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise error(f"{path}: is a pipe, a device or a folder; give a regular file")
            data = file.read(limit_bytes + 1)
    except (OSError, ValueError) as err:  # ValueError: a NUL in the name
        raise error(f"{path}: cannot be read: {getattr(err, 'strerror', None) or err}") from err
    if len(data) > limit_bytes:
        raise error(f"{path}: has more than {limit_bytes:,} bytes, the limit for such a file")
    return data


def read_text(path: Path, error: type[Exception], *, limit_bytes: int = MAX_TEXT_BYTES) -> str:
    """The content of a regular file of UTF-8 text.

    Raises:
        Exception: An *error*, as `read_handed_in`, or if it is not UTF-8.
    """
    try:
        return read_handed_in(path, error, limit_bytes=limit_bytes).decode("utf-8")
    except UnicodeDecodeError as err:
        raise error(f"{path}: is not UTF-8 text (byte {err.start})") from err


def parse_toml(text: str, where: str, error: type[Exception]) -> dict[str, Any]:
    """The table that *text* is; *where* names it in errors.

    Raises:
        Exception: An *error*, if it is no TOML, nested too deeply, or has a key of too many parts.
    """
    for match in _BETWEEN.finditer(NO_KEYS.sub("_", text)):
        if match[0].count(".") >= MAX_KEY_PARTS:
            raise error(f"{where}: has a key of more than {MAX_KEY_PARTS} parts, which is the limit")
    try:
        return tomllib.loads(text.removeprefix(BYTE_ORDER_MARK), parse_float=_finite)
    except RecursionError as err:
        raise error(f"{where}: is nested too deeply") from err
    except ValueError as err:  # not TOML, or a number of more digits than Python takes
        raise error(f"{where}: not valid TOML: {err}") from err


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number that can be used here")
    return number
