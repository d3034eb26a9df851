"""What a scan has examined, kept in a file as it goes, so that one that was killed goes on where it was.

Kept by what was examined, not by where it stood: batches of exchanges by their digest. Of a recording that
changed, what changed is examined again.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Self

import msgspec
import zstandard

from hometruth.audit.examine import Batch, Examined
from hometruth.audit.scanner import Scanner
from hometruth.canaries import dump_canaries
from hometruth.errors import CaseError
from hometruth.model import Gap

FORMAT = "hometruth-kept"
DIGEST_BYTES, SIZE_BYTES = 32, 4
MOST_HEAD_BYTES = 1 << 16
MOST_UNPACKED_BYTES = 1 << 30
"""Of one batch, far more than any holds."""


class _Outcome(msgspec.Struct, array_like=True):
    """Of one item: either."""

    examined: Examined | None = None
    gap: Gap | None = None


class KeptBatches:
    """Outcomes of batches, in a file that nobody else may read: it holds what was found.

    Raises:
        CaseError: If the file is another one, of another search, or in use.
    """

    def __init__(self, path: Path, scanner: Scanner) -> None:
        self._path = path
        try:
            self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        except OSError as err:
            raise CaseError(f"{path}: cannot be opened: {err.strerror}") from err
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.seed = self._begin(scanner)
            """What the phantoms are drawn from: that of the scan that began the file."""
            self._places = self._read()
        except BlockingIOError as err:
            self._file.close()
            detail = "another scan is writing it; wait for its end, or give another file"
            raise CaseError(f"{path}: {detail}") from err
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def digest(self, batch: Batch, common: Iterable[object]) -> bytes:
        """What names a batch."""
        told = f"{sorted(map(repr, common))} {batch!r}"
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()

    def get(self, digest: bytes) -> list[Examined | Gap] | None:
        """What came of a batch; None if it was not examined yet."""
        if digest not in self._places:
            return None
        start, size = self._places[digest]
        self._file.seek(start)
        packed = self._file.read(size)
        self._file.seek(0, os.SEEK_END)
        try:
            raw = zstandard.ZstdDecompressor().decompress(packed, max_output_size=MOST_UNPACKED_BYTES)
            return _outcomes(raw)
        except (zstandard.ZstdError, msgspec.MsgspecError) as err:
            raise CaseError(f"{self._path}: is damaged; remove it, and begin anew: {err}") from err

    def put(self, digest: bytes, outcomes: Sequence[Examined | Gap]) -> None:
        """Keep what came of a batch, if it can be read again as it is."""
        rows = [
            _Outcome(replace(each, dropped=int(each.dropped)))
            if isinstance(each, Examined)
            else _Outcome(None, each)
            for each in outcomes
        ]
        try:
            raw = msgspec.msgpack.encode(rows)
            is_same = _outcomes(raw) == list(outcomes)
        except (UnicodeEncodeError, msgspec.MsgspecError):  # half a character of a hostile recording
            is_same = False
        if is_same:
            packed = zstandard.ZstdCompressor().compress(raw)
            self._file.write(digest + len(packed).to_bytes(SIZE_BYTES) + packed)
            self._file.flush()

    def _begin(self, scanner: Scanner) -> int:
        """Write the head of a new file, or read that of an old one; the seed it names."""
        asked = {
            "format": FORMAT,
            "hometruth": version("hometruth"),
            "canaries": hashlib.sha256(dump_canaries(scanner.canaries).encode()).hexdigest(),
            "salts": list(scanner.salts),
            "layers": [layer.name for layer in scanner.layers],
            "budget": msgspec.to_builtins(scanner.budget),
            "answers_of": sorted(scanner.answers_of),
            "phantoms": scanner.n_phantoms,
        }
        line = self._file.readline(MOST_HEAD_BYTES)
        if not line.endswith(b"\n"):
            if line and not line.startswith(b'{"format": "%s"' % FORMAT.encode()):
                raise CaseError(f"{self._path}: is no file of kept work; give another one")
            self._file.seek(0)  # new, or of a scan that was killed at once
            self._file.truncate()
            self._file.write(json.dumps({**asked, "seed": scanner.seed}).encode() + b"\n")
            self._file.flush()
            return scanner.seed
        try:
            known = json.loads(line)
            same, seed = {key: known.get(key) for key in asked} == asked, int(known["seed"])
        except (ValueError, TypeError, KeyError, AttributeError):
            known, same, seed = {}, False, 0
        if not same:
            what = "another search (canaries, limits or version differ)" if known else "no kept work"
            raise CaseError(f"{self._path}: holds {what}; give another file")
        return seed

    def _read(self) -> dict[bytes, tuple[int, int]]:
        """Where what came of each batch stands; a last one that was cut by a kill is taken off."""
        places: dict[bytes, tuple[int, int]] = {}
        end = self._file.tell()
        whole = self._file.seek(0, os.SEEK_END)
        self._file.seek(end)
        while len(head := self._file.read(DIGEST_BYTES + SIZE_BYTES)) == DIGEST_BYTES + SIZE_BYTES:
            start, size = self._file.tell(), int.from_bytes(head[DIGEST_BYTES:])
            if start + size > whole:
                break
            places[head[:DIGEST_BYTES]] = start, size
            end = self._file.seek(start + size)
        self._file.seek(end)
        self._file.truncate()
        return places


def _outcomes(raw: bytes) -> list[Examined | Gap]:
    rows = msgspec.msgpack.decode(raw, type=list[_Outcome])
    return [item for row in rows if (item := row.examined or row.gap) is not None]
