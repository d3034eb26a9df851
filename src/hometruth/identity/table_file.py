"""Opening a file of a table, plain or compressed, and the words for one that cannot be read."""

import gzip
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from hometruth.errors import TableError

PARQUET = b"PAR1"
"""First bytes of a Parquet file."""
_COMPRESSIONS: dict[bytes, Any] = {
    b"\x1f\x8b": gzip.GzipFile,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}
"""First bytes to the way such a file is opened; the name of the file is not asked."""


def open_table(path: Path) -> BinaryIO:
    """The content of a file, decompressed."""
    with path.open("rb") as file:
        start = file.read(max(map(len, _COMPRESSIONS)))
    for magic, opened in _COMPRESSIONS.items():
        if start.startswith(magic):
            return cast(BinaryIO, opened(path))
    return path.open("rb")


def is_parquet(path: Path) -> bool:
    """Whether the content begins as Parquet does."""
    with open_table(path) as stream:
        return stream.read(len(PARQUET)) == PARQUET


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what goes wrong while a file is opened or decompressed into one clear error."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError) as err:
        raise TableError(f"{path}: the compressed file is damaged or cut off ({err})") from err
    except OSError as err:
        raise TableError(f"{path}: {err.strerror or err}") from err
