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


LATEST_NS = 1 << 63
"""In the year 2262: what fits into a table's column of times."""
AT_ONCE_NS = 1_000_000_000
"""Marks that two people set at the same moment may be written in either order."""


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
        CaptureError: If a line of it is damaged (a mark that is missing would move a session's end), or the
            clock was set back between two: then no time says to which session something belongs.
    """
    path = marks_file(recording)
    if not path.exists():
        return []
    marks: list[Mark] = []
    for number, line in enumerate(read_text(path, CaptureError).splitlines(), 1):
        try:
            row = json.loads(line)
            mark = Mark(row["at_ns"], row["label"])
        except (ValueError, KeyError, TypeError, RecursionError) as err:
            raise CaptureError(f"{path}, line {number}: is damaged; mend or remove it") from err
        if type(mark.at_ns) is not int or not 0 <= mark.at_ns < LATEST_NS or not isinstance(mark.label, str):
            raise CaptureError(
                f"{path}, line {number}: needs at_ns, nanoseconds since 1970, and label, a text"
            )
        if marks and mark.at_ns < marks[-1].at_ns - AT_ONCE_NS:
            raise CaptureError(
                f"{path}, line {number}: is earlier than the mark before it: the clock was set back, or "
                "lines changed places. Times that are there twice belong to no session: put the lines "
                "in order, or give `from` and `until` of what is sure, as times, without a file of marks"
            )
        marks.append(mark)
    return sorted(marks, key=lambda mark: mark.at_ns)
