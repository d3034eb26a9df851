"""What a person names as recordings: files, folders, patterns, standard input, addresses of other stores."""

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import BinaryIO, cast

from hometruth.capture.read import captures_in
from hometruth.errors import CaptureError
from hometruth.model import Gap

STANDARD_INPUT = "-"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(::[A-Za-z][A-Za-z0-9+.-]+)*://.")


@dataclass(frozen=True, slots=True)
class RemoteCapture:
    """A recording that is not in a file of this machine; it is opened when it is read, and not before."""

    url: str
    """For fsspec: ``s3://…``, ``https://…``, ``memory://…``."""

    def __str__(self) -> str:
        return self.url

    def open(self) -> BinaryIO:
        """Its bytes.

        Raises:
            CaptureError: If it cannot be opened, or what is needed for that is not installed.
        """
        try:
            import fsspec  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415
        except ImportError as err:
            wanted = "reading from addresses needs fsspec: pip install 'hometruth[urls]'"
            raise CaptureError(f"{self.url}: {wanted}; or fetch the file yourself") from err
        try:
            return cast(BinaryIO, fsspec.open(self.url, "rb").open())
        except Exception as err:  # (each store has errors of its own)
            raise CaptureError(f"{self.url}: cannot be opened: {type(err).__name__}: {err}") from err


def capture_at(name: str) -> Path | RemoteCapture:
    """What a name of one recording stands for: a file of this machine, or an address."""
    return RemoteCapture(name) if _ADDRESS.match(name) and not Path(name).exists() else Path(name)


def captures_named(name: str) -> Iterator[Path | BinaryIO | RemoteCapture | Gap]:
    """Captures that a name stands for, in order; a gap for each file of a folder that is passed over.

    Raises:
        CaptureError: If it is a pattern that no file matches, or a folder without a capture.
    """
    path = Path(name)
    there = False
    with suppress(OSError, ValueError):  # a name too long, or with a NUL: told where it is read
        there = path.exists()
    if name == STANDARD_INPUT and not there:
        yield cast(BinaryIO, sys.stdin.buffer)
    elif there or not (_ADDRESS.match(name) or has_magic(name)):
        yield from captures_in(path) if there and path.is_dir() else (path,)
    elif _ADDRESS.match(name):
        yield RemoteCapture(name)
    else:
        matching = sorted(glob(name, recursive=True))  # noqa: PTH207 (a pattern may begin anywhere)
        if not matching:
            raise CaptureError(f"{name}: there is no such file, and as a pattern it matches none")
        for each in map(Path, matching):
            if not each.is_dir():
                yield each
            elif "**" not in name:  # that names the files in it as well
                yield from captures_in(each)
