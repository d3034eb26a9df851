"""What a fleet is given: folders, globs, lists and addresses of recordings become one row a file."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path

from hometruth.capture import RemoteCapture, capture_at
from hometruth.capture.byte_stream import READ_BYTES
from hometruth.capture.given import STANDARD_INPUT, captures_below
from hometruth.capture.read import COMPANIONS
from hometruth.errors import CaptureError

SAMPLE_BYTES = 8
"""Of a digest, enough to compare with a share."""


@dataclass(frozen=True, slots=True)
class Input:
    """One recording, its bytes read once."""

    path: str
    """As given; rows call the recording by it."""
    sha256: str
    """Of its bytes; empty if they cannot be read."""
    size_bytes: int
    problem: str = ""
    """Why its bytes cannot be read."""


@dataclass(frozen=True, slots=True)
class AskedInput:
    """One recording to be examined, unless its bytes are known."""

    path: str
    size_bytes: int = 0
    """As the file system says; 0 where only reading tells."""
    known: frozenset[str] | None = frozenset()
    """Digests of what was examined under this path before; None if it is to be examined in any case."""

    def has_row(self, sha256: str, moved: frozenset[str] = frozenset()) -> bool:
        """True for bytes that were examined under this path, or where they no longer lie."""
        return self.known is not None and (sha256 in self.known or sha256 in moved)


def inputs_of(given: Iterable[str], *, sample: float = 1.0) -> Iterator[str]:
    """Names of the files that folders, globs, lists and addresses stand for, each once, in order.

    A list is a text of one name a line, given as ``@LIST``; its relative paths start where it lies. It may
    lie at an address itself, and name addresses.

    Args:
        given: What was given on the command line.
        sample: Share of the files taken: the same ones every time, whatever else is given beside them.

    Raises:
        CaptureError: A list or a store cannot be read, or a glob or folder holds no file.
    """
    seen: set[str] = set()
    for name in given:
        found = False
        for path in _named(name):
            found = True
            if path not in seen and _is_sampled(path, sample):
                seen.add(path)
                yield path
        if not found:
            raise CaptureError(f"{name}: names no file; give recordings, folders of them, globs or @LIST")


def _named(name: str) -> Iterator[str]:
    if name.startswith("@"):
        yield from _listed(name[1:])
        return
    if name == STANDARD_INPUT:
        raise CaptureError("-: a fleet reads no standard input; give recordings, folders, globs or @LIST")
    capture = capture_at(name)
    if isinstance(capture, RemoteCapture):
        yield from (each.url for each in captures_below(capture))
    elif capture.is_dir():
        yield from _below(capture)
    elif has_magic(name) and not capture.exists():
        for path in sorted(glob(name, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute pattern
            yield from _below(Path(path)) if Path(path).is_dir() else (path,)
    else:
        yield name


def _listed(name: str) -> Iterator[str]:
    """The names in a list, those of files as seen from here."""
    at = capture_at(name)
    if isinstance(at, Path) and at.exists() and not at.is_file():
        raise CaptureError(f"{name}: is no file; give a list of one name a line")
    try:
        with at.open("rb") if isinstance(at, Path) else at.open() as file:
            for line in map(os.fsdecode, file):  # it may be long: a crawl has millions
                if called := line.strip():
                    is_near = isinstance(at, Path) and isinstance(capture_at(called), Path)
                    yield str(Path(name).parent / called) if is_near else called
    except OSError as err:
        raise CaptureError(f"{name}: cannot be read: {err.strerror or err}") from err


def _below(folder: Path) -> Iterator[str]:
    """Files of a folder and those below it, but for what recorders lay beside their recordings."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(COMPANIONS):
            yield str(path)


def _is_sampled(path: str, share: float) -> bool:
    digest = hashlib.sha256(path.encode("utf-8", "surrogateescape")).digest()[:SAMPLE_BYTES]
    return bool(int.from_bytes(digest) < share * 256**SAMPLE_BYTES)


def size_of(path: str) -> int:
    """Bytes of a file of this machine; 0 for an address, and for what is gone: whoever reads it says so."""
    try:
        return Path(path).stat().st_size
    except (OSError, ValueError):
        return 0


def hashed_here(asked: AskedInput) -> Input:
    """The input with the digest of its bytes if they lie on this machine: a store may never stop sending."""
    if isinstance(capture_at(asked.path), RemoteCapture):
        return Input(asked.path, "", asked.size_bytes)
    return hashed(asked.path)


def hashed(path: str) -> Input:
    """The input with the digest of its bytes."""
    capture = capture_at(path)
    if isinstance(capture, Path) and capture.exists() and not capture.is_file():
        return Input(path, "", 0, "is no file")  # a pipe would be waited at for ever
    try:
        with capture.open("rb") if isinstance(capture, Path) else capture.open() as file:
            digest, size = hashlib.sha256(), 0
            while data := file.read(READ_BYTES):
                digest.update(data)
                size += len(data)
            return Input(path, digest.hexdigest(), size)
    except OSError as err:
        return Input(path, "", 0, f"cannot be read: {err.strerror or err}")
    except CaptureError as err:
        return Input(path, "", 0, str(err).removeprefix(f"{path}: "))
