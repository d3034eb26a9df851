"""What a fleet is given: folders, globs and lists of recordings become one row a file."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path

from hometruth.capture import capture_at
from hometruth.capture.byte_stream import READ_BYTES
from hometruth.capture.given import STANDARD_INPUT
from hometruth.capture.read import COMPANIONS
from hometruth.errors import CaptureError
from hometruth.handed_in import read_text

SAMPLE_BYTES = 8
"""Of a digest, enough to compare with a share."""


@dataclass(frozen=True, slots=True)
class Input:
    """One recording to be examined."""

    path: str
    """As given; rows call the recording by it."""
    sha256: str
    """Of its bytes; empty if they cannot be read."""
    size_bytes: int
    problem: str = ""
    """Why its bytes cannot be read."""


def inputs_of(given: Iterable[str], *, sample: float = 1.0) -> Iterator[str]:
    """Paths of the files that folders, globs and lists name, each once, in order.

    A list is a text file of one path a line, given as ``@LIST``; its relative paths start where it lies.

    Args:
        given: What was given on the command line.
        sample: Share of the files taken: the same ones every time, whatever else is given beside them.

    Raises:
        CaptureError: A list cannot be read, or a glob or folder holds no file.
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
        listed = Path(name[1:])
        for line in read_text(listed, CaptureError).splitlines():
            if line.strip():
                yield str(listed.parent / line.strip())
    elif name == STANDARD_INPUT:
        raise CaptureError("-: a fleet reads no standard input; give recordings, folders, globs or @LIST")
    elif Path(name).is_dir():
        yield from _below(Path(name))
    elif has_magic(name) and not Path(name).exists():
        for path in sorted(glob(name, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute pattern
            yield from _below(Path(path)) if Path(path).is_dir() else (path,)
    else:
        yield name


def _below(folder: Path) -> Iterator[str]:
    """Files of a folder and those below it, but for what recorders lay beside their recordings."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(COMPANIONS):
            yield str(path)


def _is_sampled(path: str, share: float) -> bool:
    digest = hashlib.sha256(path.encode("utf-8", "surrogateescape")).digest()[:SAMPLE_BYTES]
    return bool(int.from_bytes(digest) < share * 256**SAMPLE_BYTES)


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
