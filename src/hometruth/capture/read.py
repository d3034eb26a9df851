"""Opens a recording, whatever it is called and wherever it comes from, and reads it."""

import io
import os
import select
import stat
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol, TypeGuard, cast

from hometruth.capture.byte_stream import READ_BYTES, seekable, take
from hometruth.capture.connections import CONNECTIONS_SUFFIX, connections_file
from hometruth.capture.drops import drops_of
from hometruth.capture.flow_reader import FLOWS
from hometruth.capture.pcap.keys import read_key_log
from hometruth.capture.pcap.reader import PCAP, key_logs_of
from hometruth.capture.reader import HEAD_BYTES, MOST_BESIDE_BYTES, CaptureFile, Maker, Start
from hometruth.capture.readers import accepted, reader_of
from hometruth.capture.refused import KEY_LOG, looks_like, not_read
from hometruth.capture.unpacked import damage_of, unpacked
from hometruth.capture.zip_file import names_in
from hometruth.errors import CaptureError, as_gap
from hometruth.model import Exchange, Gap, GapKind
from hometruth.zip_archive import ZIP

MOST_SPOOLED_BYTES = 16 << 30
"""Bytes kept of a stream, which may have no end."""
PIPE_TIMEOUT_MS = 10_000
"""How long a named pipe is waited at for a first byte."""


class OpenLater(Protocol):
    """A source that is opened only when it is read."""

    def open(self) -> BinaryIO:
        """Its bytes; raises CaptureError if it cannot be opened."""


@dataclass(frozen=True, slots=True)
class CaptureReading:
    """A recording that is open to be read, once."""

    file: str
    """What it is called."""
    format: str
    """Name of its reader."""
    maker: Maker
    """Who made it; known when all of it was read."""
    items: Iterator[Exchange | Gap]
    """Exchanges in its order, with a gap for whatever in it cannot be read, or was never recorded."""
    kept_apart: AbstractSet[str] = frozenset()
    """Names, relative to its folder, of files beside it that hold bodies; all when all of it was read."""


def read_capture(
    source: Path | bytes | BinaryIO | OpenLater,
    *,
    name: str | None = None,
    responses: bool = True,
    keys: Path | None = None,
) -> Iterator[Exchange | Gap]:
    """Exchanges of a recording in its order, with a gap for whatever in it cannot be read.

    Args:
        source: A file of any format in `READERS`, plain or compressed, told by content: its path, its bytes,
            or an open stream. A stream is read from where it stands; one that cannot go back is kept in a
            temporary file.
        name: What to call it in sources and gaps; the path as given by default.
        responses: False leaves responses out where that saves time; for who looks at requests only.
        keys: A TLS key log (SSLKEYLOGFILE) for a packet capture; one beside it is found by itself.

    Raises:
        CaptureError: At once, if it is no recording or cannot be opened. Never later.
    """
    return open_capture(source, name=name, responses=responses, keys=keys).items


def numbered(nth: int, items: Iterable[Exchange | Gap]) -> Iterator[Exchange | Gap]:
    """Items of one of several recordings, with ids that those of no other have."""
    for item in items:
        if isinstance(item, Exchange):
            yield replace(item, id=f"{nth}.{item.id}")
        else:
            yield item if item.exchange is None else replace(item, exchange=f"{nth}.{item.exchange}")


def open_capture(
    source: Path | bytes | BinaryIO | OpenLater,
    *,
    name: str | None = None,
    responses: bool = True,
    keys: Path | None = None,
) -> CaptureReading:
    """The same, with what is known of the recording itself; takes and raises what `read_capture` does."""
    called = name or _name_of(source)
    with ExitStack() as undo:
        try:
            open_raw = _opener(source, called, undo)
            reading, opened = _read(open_raw, called, source, responses=responses, keys=keys)
        except OSError as err:
            raise CaptureError(f"{called}: cannot be read: {err.strerror or err}") from err
        return replace(reading, items=_to_the_end(reading, called, opened, undo.pop_all()))


def _read(
    open_raw: Callable[[], BinaryIO], called: str, source: object, *, responses: bool, keys: Path | None
) -> tuple[CaptureReading, list[BinaryIO]]:
    """The reading, and every stream that was opened for it."""
    opened: list[BinaryIO] = []

    def open_it() -> BinaryIO:
        opened.append(unpacked(open_raw()))
        return opened[-1]

    with open_it() as stream:
        head = take(stream, HEAD_BYTES)
        damage = damage_of(stream)
    start = Start(head, _names(open_it, called) if head.startswith(ZIP) else ())
    reader = reader_of(start)
    if reader is None and head and (names := _names(open_it, called, by_its_end=True)):
        start = Start(head, names)
        reader = reader_of(start)
    if reader is None and not (head or damage) and _is_all_closed(source):
        reader = FLOWS
    if reader is None:
        if (known := not_read(start)) is not None:
            raise CaptureError(f"{called}: {known.is_what}")
        state = looks_like(start, called) if head else f"cannot be read: {damage}" if damage else "is empty"
        raise CaptureError(f"{called}: {state}; {accepted()}")
    used: set[str] = set()
    beside = _beside(source, used) if isinstance(source, Path) else None
    given = read_key_log(keys) if keys else b""
    file = CaptureFile(called, open_it, responses, given)
    if beside:
        file = replace(file, beside=beside)
    items = _past_defects(reader.read(file), called)
    # The first item shows whether it is a capture at all: whoever asks wants to know at once.
    first = next(items, None)
    items = items if first is None else chain((first,), items)
    return CaptureReading(called, reader.name, file.maker, items, used), opened


def _names(open_it: Callable[[], BinaryIO], called: str, *, by_its_end: bool = False) -> tuple[str, ...]:
    """Names in a zip archive, also in one whose first bytes are damaged."""
    with open_it() as stream:
        if by_its_end and not (stream.seekable() and zipfile.is_zipfile(stream)):
            return ()
        with seekable(stream, called) as archive:
            return names_in(archive)


def _past_defects(items: Iterator[Exchange | Gap], called: str) -> Iterator[Exchange | Gap]:
    """The items; where the reader fails, a gap in place of what follows."""
    n = 0
    try:
        for n, item in enumerate(items, 1):  # noqa: B007 (told below)
            yield item
    except Exception as err:  # noqa: BLE001 (whatever it is: what was read until then stays)
        yield Gap(GapKind.DEFECT, called, f"what follows {n:,} entries: {as_gap(err)}")


def _to_the_end(
    reading: CaptureReading, called: str, opened: list[BinaryIO], undo: ExitStack
) -> Iterator[Exchange | Gap]:
    """The items; last, what kept the file from being unpacked to its end, if no gap tells that already, and
    what its recorder leaves out of all recordings."""
    last = None
    with undo:
        for last in reading.items:
            yield last
    damage = next(filter(None, map(damage_of, opened)), None)
    if damage and not (isinstance(last, Gap) and last.kind is GapKind.UNREADABLE):
        yield Gap(GapKind.UNREADABLE, called, damage)
    yield from drops_of(called, reading.format, reading.maker.recorder)


def _name_of(source: Path | bytes | BinaryIO | OpenLater) -> str:
    if isinstance(source, bytes):
        return "the capture"
    if isinstance(source, Path) or _opens_later(source):
        return str(source)
    return "standard input" if source is getattr(sys.stdin, "buffer", None) else "the capture"


def _opener(
    source: Path | bytes | BinaryIO | OpenLater, called: str, undo: ExitStack
) -> Callable[[], BinaryIO]:
    """Opens the bytes of a source, again and again."""
    if isinstance(source, bytes):
        return lambda: io.BytesIO(source)
    if isinstance(source, Path):
        mode = source.stat().st_mode
        if stat.S_ISDIR(mode):
            raise CaptureError(f"{called}: is a folder; give one recording: {accepted()}")
        if stat.S_ISREG(mode):
            return lambda: source.open("rb")
        if not stat.S_ISFIFO(mode):
            raise CaptureError(f"{called}: is neither a file nor a pipe; give one recording: {accepted()}")
        with _pipe(source, called) as stream:
            return _again(undo.enter_context(_spooled(stream, called)), 0)
    stream = undo.enter_context(source.open()) if _opens_later(source) else cast(BinaryIO, source)
    if stream.seekable():
        return _again(stream, stream.tell())
    return _again(undo.enter_context(_spooled(stream, called)), 0)


def _opens_later(source: BinaryIO | OpenLater) -> TypeGuard[OpenLater]:
    return not hasattr(source, "read")


def _pipe(source: Path, called: str) -> BinaryIO:
    """A named pipe, once something comes through: opening one that nobody writes into never returns."""
    handle = os.open(source, os.O_RDONLY | os.O_NONBLOCK)
    waiting = select.poll()
    waiting.register(handle, select.POLLIN)
    if not waiting.poll(PIPE_TIMEOUT_MS):
        os.close(handle)
        raise CaptureError(f"{called}: is a pipe, and nobody wrote into it for {PIPE_TIMEOUT_MS // 1000} s")
    os.set_blocking(handle, True)
    return os.fdopen(handle, "rb")


def _spooled(stream: BinaryIO, called: str) -> BinaryIO:
    """All of a stream, in a file without a name."""
    file = tempfile.TemporaryFile(prefix="hometruth-")  # noqa: SIM115 (it lives as long as the exchanges)
    try:
        while data := stream.read(READ_BYTES):
            if file.tell() > MOST_SPOOLED_BYTES:
                raise CaptureError(f"{called}: gives more than {MOST_SPOOLED_BYTES >> 30} GiB; give a file")
            file.write(data)
    except BaseException:
        file.close()
        raise
    return cast(BinaryIO, file)


def _again(stream: BinaryIO, start: int) -> Callable[[], BinaryIO]:
    return lambda: cast(BinaryIO, _Anew(stream, start))


class _Anew(io.RawIOBase):
    """A stream from a position of it on; closing leaves the stream open for the next."""

    def __init__(self, stream: BinaryIO, start: int) -> None:
        self._stream = stream
        self._start = start
        self._at = start

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == io.SEEK_SET:
            self._at = self._start + offset
        elif whence == io.SEEK_CUR:
            self._at += offset
        else:
            self._at = self._stream.seek(offset, io.SEEK_END)
        return self._at - self._start

    def tell(self) -> int:
        return self._at - self._start

    def read(self, size: int = -1) -> bytes:
        self._stream.seek(self._at)
        data = self._stream.read(size)
        self._at += len(data)
        return data


def _is_all_closed(source: object) -> bool:
    """True for a recording of ours in which nothing could be opened: what lies beside it says so."""
    return isinstance(source, Path) and connections_file(source).is_file()


def _beside(source: Path, used: set[str]) -> Callable[[str], bytes | None]:
    """Reads files in the folder of a capture, and nowhere else; notes in *used* which."""

    def read(name: str) -> bytes | None:
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts or "\\" in name or "\0" in name:
            return None
        path = source.parent / relative
        try:
            if path.is_symlink() or not path.is_file() or path.stat().st_size > MOST_BESIDE_BYTES:
                return None
            data = path.read_bytes()
        except OSError:
            return None
        used.add(str(relative))
        return data

    return read


COMPANIONS = (CONNECTIONS_SUFFIX, ".ca.pem")
"""Endings of files that the recorder itself lays beside a recording; they are read with it, or hold none."""


def captures_in(folder: Path) -> Iterator[Path | Gap]:
    """Captures in a folder and those below it, ordered by name; a gap for each file passed over, but for key
    logs that lie beside a packet capture.

    Raises:
        CaptureError: If it holds no capture.
    """
    n_captures = 0
    key_logs: dict[Path, Gap] = {}
    used: set[Path] = set()
    for file in sorted(folder.rglob("*")):
        if not file.is_file() or file.name.endswith(COMPANIONS):
            continue
        try:
            reading = open_capture(file, responses=False)
            next(reading.items, None)
        except CaptureError as err:
            why = str(err).removeprefix(f"{file}: ")
            gap = Gap(GapKind.UNREADABLE, str(file), f"passed over: {why}", size_bytes=file.stat().st_size)
            if why == KEY_LOG.is_what:  # of a capture that is read with it, as a rule
                key_logs[file] = gap
            else:
                yield gap
        else:
            n_captures += 1
            if reading.format == PCAP.name:
                used.update(file.parent / name for name in key_logs_of(file.name))
            yield file
    yield from (gap for file, gap in key_logs.items() if file not in used)
    if not n_captures:
        raise CaptureError(f"{folder}: holds no capture; name a file to hear what is wrong with it")
