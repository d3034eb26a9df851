"""`python -m fuzz.keep NAME …`: of what fuzzing found, keep few inputs that do all that any of it does.

They are what the next fuzzing begins with, and what `tests/fuzz` puts through their target each time.
"""

import argparse
import os
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from fuzz.seeds import KEPT, kept_of
from fuzz.targets import TARGETS, run_one

LONGEST = 2 << 10
"""Bytes of an input that is kept: what it takes more than that for is a matter of size."""
PACKAGE = f"{os.sep}hometruth{os.sep}"
_Step = tuple[str, int, int]
"""File, and two lines of which one is run after the other."""
_MADE = (1980, 1, 1, 0, 0, 0)
"""The same inputs are the same bytes."""


def chosen(name: str, inputs: Iterable[bytes]) -> Iterator[bytes]:
    """The shortest inputs that go from one line of ours to another as those before them do not."""
    reached: set[_Step] = set()
    for data in sorted(set(inputs), key=lambda data: (len(data), data)):
        new = _steps(name, data) - reached
        if new:
            reached |= new
            yield data


def _steps(name: str, data: bytes) -> set[_Step]:
    """What an input does in the package, once that remembers what it can."""
    run_one(name, data)
    steps: set[_Step] = set()
    at: dict[FrameType, int] = {}

    def trace(frame: FrameType, event: str, _given: object) -> Any:
        if PACKAGE not in frame.f_code.co_filename:
            return None
        if event == "line":
            steps.add((frame.f_code.co_filename, at.get(frame, 0), frame.f_lineno))
            at[frame] = frame.f_lineno
        elif event == "return":
            at.pop(frame, None)
        return trace

    sys.settrace(trace)
    try:
        run_one(name, data)
    finally:
        sys.settrace(None)
    return steps


def keep(name: str, found: Path) -> int:
    """Write down what is chosen of what was kept before and what stands in a folder; returns how many."""
    new = (path for path in found.iterdir() if path.stat().st_size <= LONGEST) if found.exists() else ()
    inputs = [*chosen(name, [*kept_of(name), *(path.read_bytes() for path in new)])]
    KEPT.mkdir(exist_ok=True)
    with zipfile.ZipFile(KEPT / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number, data in enumerate(inputs):
            archive.writestr(zipfile.ZipInfo(f"{number:03}", _MADE), data, zipfile.ZIP_DEFLATED)
    return len(inputs)


def main() -> None:
    """Parse the command line; say for each target how much is kept."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.keep", description=__doc__)
    parser.add_argument("names", nargs="+", choices=TARGETS)
    parser.add_argument("--folder", type=Path, default=Path("fuzz/corpus"), help="where they were left")
    given = parser.parse_args()
    for name in given.names:
        sys.stdout.write(f"{name}: {keep(name, given.folder / name)} inputs kept\n")


if __name__ == "__main__":
    main()
