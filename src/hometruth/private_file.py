"""The one way to make a file that only its owner may read: never over another, and whole or not at all."""

import os
from pathlib import Path
from typing import BinaryIO


def open_new(path: Path, *, mode: int = 0o600) -> BinaryIO:
    """Make the file, from the first moment with *mode*, and open it for writing.

    Raises:
        FileExistsError: If something of that name is there, a link that leads nowhere too.
    """
    return os.fdopen(_handle(path, mode), "wb")


def write_new(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Make the file with these bytes; where they cannot be written whole, it is taken away again.

    Raises:
        OSError: If it is there already, or cannot be written.
    """
    handle = _handle(path, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    except BaseException:  # Ctrl-C too
        path.unlink(missing_ok=True)
        raise


def _handle(path: Path, mode: int) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
