"""Marks that a person sets while something is recorded, beside the recording, one JSON object a line.

A mark says when something began: a private window, another version, consent. One long recording is cut into
sessions by them afterwards.
"""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from hometruth.capture.connections import private
from hometruth.errors import CaptureError
from hometruth.handed_in import read_text

SUFFIX = ".marks.jsonl"
"""What the name of the file beside a recording ends in."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One moment, named by a person."""

    at_ns: int
    """UTC, nanoseconds since the epoch."""
    label: str


def marks_file(recording: Path) -> Path:
    """Where the marks that belong to *recording* are kept."""
    return recording.with_name(recording.name + SUFFIX)


def add_mark(recording: Path, label: str, at_ns: int | None = None) -> Mark:
    """Note that *label* begins now.

    Raises:
        CaptureError: If there is no such recording, or the note cannot be written.
    """
    if not recording.is_file():
        raise CaptureError(f"{recording}: there is no such recording; name the file that `record` writes")
    mark = Mark(time.time_ns() if at_ns is None else at_ns, label)
    path = marks_file(recording)
    line = json.dumps({"at_ns": mark.at_ns, "label": label}).encode() + b"\n"
    try:
        with os.fdopen(private(str(path), os.O_WRONLY | os.O_CREAT | os.O_APPEND), "ab") as file:
            file.write(line)
    except OSError as err:
        raise CaptureError(f"{path}: cannot be written: {err.strerror}") from err
    return mark


def read_marks(recording: Path) -> list[Mark]:
    """Marks of a recording, in order of time; none if there is no file of them.

    Raises:
        CaptureError: If a line of it is damaged: a mark that is missing would move a session's end.
    """
    path = marks_file(recording)
    if not path.exists():
        return []
    marks = []
    for number, line in enumerate(read_text(path, CaptureError).splitlines(), 1):
        try:
            row = json.loads(line)
            mark = Mark(row["at_ns"], row["label"])
        except (ValueError, KeyError, TypeError) as err:
            raise CaptureError(f"{path}, line {number}: is damaged; mend or remove it") from err
        if type(mark.at_ns) is not int or not isinstance(mark.label, str):
            raise CaptureError(f"{path}, line {number}: needs at_ns, a whole number, and label, a text")
        marks.append(mark)
    return sorted(marks, key=lambda mark: mark.at_ns)
