"""What was changed on a phone and is not put back yet: written down before it is changed.

One file for each phone in the user's state folder (XDG Base Directory Specification), for its owner only. A
line is on the disk before the change that it names is made, and another one after that change was undone, so
that a kill at any moment leaves at least what is changed. Undoing what was never made does nothing. Whoever
drives the phone holds its file; a lock ends with its process.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote, unquote

from hometruth.errors import DriverError

IN_FLIGHT_S = 3.0
"""For which what a killed process had asked the phone for may still be under way."""
_ENDING = ".jsonl"


@dataclass(frozen=True, slots=True)
class PhoneChange:
    """One change: what there was before, and what is there after it, by name."""

    kind: Literal["setting", "reverse", "file", "package", "data", "tunnel"]
    made: Mapping[str, str | None]
    before: Mapping[str, str | None] = field(default_factory=dict)
    """What there was; None for nothing. More than `made`, where the phone changes something along with it."""
    at_ns: int = field(default_factory=time.time_ns)

    def __str__(self) -> str:
        told = ", ".join(f"{name} = {value or 'nothing'}" for name, value in self.made.items())
        before = ", ".join(f"{name} = {value or 'nothing'}" for name, value in self.before.items())
        return f"{self.kind} {told}" + (f" (before: {before})" if before else "")


class PhoneJournal:
    """The journal of one phone, held from `__enter__` to `__exit__`.

    Raises:
        DriverError: On entering, if another process drives that phone, or the file cannot be used.
    """

    def __init__(self, serial: str) -> None:
        self.serial = serial
        self.path = _folder() / f"{quote(serial, safe='')}{_ENDING}"

    def __enter__(self) -> Self:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as err:
            raise DriverError(
                f"{self.path}: changes cannot be noted, so none is made: {err.strerror}"
            ) from err
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            os.close(self._handle)
            raise DriverError(f"{self.serial} is being driven by another process; end it first") from err
        text = self.path.read_bytes()
        if cut := len(text) - text.rfind(b"\n") - 1:  # a note cut by a kill: its change was not made
            os.ftruncate(self._handle, len(text) - cut)
        _synced(self.path.parent)
        if text:
            time.sleep(max(0.0, min(IN_FLIGHT_S, self.path.stat().st_mtime + IN_FLIGHT_S - time.time())))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._handle)

    def note(self, change: PhoneChange) -> None:
        """Write down a change that is about to be made."""
        self._append({"change": asdict(change)})

    def restore(self, undo: Callable[[PhoneChange], str]) -> tuple[str, ...]:
        """Undo what is changed, the last first; returns what *undo* says of each.

        Raises:
            DriverError: If *undo* cannot undo some; the others are undone all the same.
        """
        told, failed = [], []
        for number, change in reversed(_standing(self.path).items()):
            try:
                told.append(undo(change))
            except DriverError as err:
                failed.append(f"{change}: {err}")
            else:
                self._append({"undone": number})
        if failed:
            raise DriverError(f"{self.serial} is still changed: {'; '.join(failed)}")
        os.ftruncate(self._handle, 0)
        return tuple(told)

    def _append(self, row: Mapping[str, object]) -> None:
        line = json.dumps(row).encode() + b"\n"
        try:
            if os.write(self._handle, line) < len(line):
                raise OSError(0, "it was written in part")
            os.fsync(self._handle)
        except OSError as err:
            raise DriverError(f"{self.path}: it cannot be noted: {err.strerror}") from err


def changed_phones() -> dict[str, tuple[PhoneChange, ...]]:
    """Serial number of each phone that is not as it was, and what is still changed on it.

    Raises:
        DriverError: If a journal is damaged.
    """
    changed = {
        unquote(path.name.removesuffix(_ENDING)): tuple(_standing(path).values())
        for path in sorted(_folder().glob(f"*{_ENDING}"))
    }
    return {serial: changes for serial, changes in changed.items() if changes}


def _standing(path: Path) -> dict[int, PhoneChange]:
    """Changes that are not undone, by the number of their line."""
    standing: dict[int, PhoneChange] = {}
    try:
        whole = path.read_bytes().split(b"\n")[:-1]
        for number, line in enumerate(whole):
            row = json.loads(line)
            if "change" in row:
                standing[number] = PhoneChange(**row["change"])
            else:
                del standing[row["undone"]]
    except OSError as err:
        raise DriverError(f"{path}: cannot be read: {err.strerror}") from err
    except (ValueError, KeyError, TypeError) as err:
        raise DriverError(f"{path}: is damaged; look at it, undo by hand, and delete it: {err!r}") from err
    return standing


def _folder() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "hometruth" / "phones"


def _synced(folder: Path) -> None:
    """A file that was just made is there after a loss of power too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
