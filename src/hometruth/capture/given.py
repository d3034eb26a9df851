"""What a person names as recordings: files, folders, patterns, standard input, addresses of other stores."""

import errno
import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import Any, BinaryIO, cast

from hometruth.capture.byte_stream import READ_BYTES
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
        with _asking(self.url) as fsspec:
            return io.BufferedReader(_Stored(fsspec.open(self.url, "rb")), READ_BYTES)


@contextmanager
def _asking(url: str) -> Iterator[Any]:
    """fsspec, and one kind of error for whatever goes wrong with it."""
    try:
        import fsspec  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415
    except ImportError as err:
        wanted = "reading from addresses needs fsspec: pip install 'hometruth[urls]'"
        raise CaptureError(f"{url}: {wanted}; or fetch the file yourself") from err
    try:
        yield fsspec
    except Exception as err:  # (each store has errors of its own)
        raise CaptureError(f"{url}: cannot be opened: {type(err).__name__}: {err}") from err


class _Stored(io.RawIOBase):
    """The bytes of a store; what goes wrong on the way is an `OSError`, whatever the store calls it."""

    _stream: Any = None

    def __init__(self, at: Any) -> None:
        self._at = at  # an archive within a store is closed when nobody holds its address
        self._stream = at.open()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._stream.seekable())

    def seek(self, offset: int, whence: int = 0) -> int:
        with _read_errors():
            return int(self._stream.seek(offset, whence))

    def tell(self) -> int:
        return int(self._stream.tell())

    def readinto(self, buffer: Any) -> int:
        with _read_errors():
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed and self._stream is not None:  # else it could not be opened
            self._stream.close()
        super().close()


@contextmanager
def _read_errors() -> Iterator[None]:
    try:
        yield
    except OSError:
        raise
    except Exception as err:  # (each store has errors of its own)
        raise OSError(errno.EIO, f"{type(err).__name__}: {err}") from err


def capture_at(name: str) -> Path | RemoteCapture:
    """What a name of one recording stands for: a file of this machine, or an address."""
    return RemoteCapture(name) if _ADDRESS.match(name) and not Path(name).exists() else Path(name)


def captures_below(capture: RemoteCapture) -> Iterator[RemoteCapture]:
    """What is at an address: itself, or the files that it names as a pattern (``s3://b/*.har``) or a folder.

    A web server (``http``) has no folders but addresses that end in ``/``, and a ``?`` there is no pattern.

    Raises:
        CaptureError: If the store cannot be asked, or holds no such file.
    """
    first, then, inner = capture.url.partition("::")
    protocol, _, name = first.partition("://")
    is_web = protocol in ("http", "https")
    is_pattern = "*" in name if is_web else has_magic(name)
    if is_web and not is_pattern and not name.endswith("/"):
        yield capture
        return
    with _asking(capture.url) as fsspec:
        store, path = fsspec.url_to_fs(capture.url)
        if not is_pattern and not store.isdir(path):
            yield capture
            return
        found = store.glob(path, detail=True) if is_pattern else store.find(path, detail=True)
        files = sorted(at for at, about in found.items() if about["type"] == "file")
    if not files:
        raise CaptureError(f"{capture.url}: there is no file at this address")
    for file in files:
        at = file if file.startswith(f"{protocol}://") else f"{protocol}://{file}"
        yield RemoteCapture(f"{at}{then}{inner}")


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
        yield from captures_below(RemoteCapture(name))
    else:
        matching = sorted(glob(name, recursive=True))  # noqa: PTH207 (a pattern may begin anywhere)
        if not matching:
            raise CaptureError(f"{name}: there is no such file, and as a pattern it matches none")
        for each in map(Path, matching):
            if not each.is_dir():
                yield each
            elif "**" not in name:  # that names the files in it as well
                yield from captures_in(each)
