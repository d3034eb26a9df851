"""Recordings that several tests judge: made once, by the worker that needs one first."""

import fcntl
import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from hometruth.model import Audit


@dataclass(frozen=True)
class Recorded:
    """A run, and where its case is; nobody may change the folder."""

    case: Path
    audit: Audit


def recorded_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, record: Callable[[Path], Audit]
) -> Recorded:
    """The case *name*, which *record* made in the folder it was given; other workers wait for it."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # each worker has a folder of its own in the session's
    folder = root / "recorded" / name
    case, told = folder / "case", folder / "audit.pickle"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            shutil.rmtree(case, ignore_errors=True)  # of a worker that failed
            made = pickle.dumps(record(case))
            told.write_bytes(made)
    audit: Audit = pickle.loads(told.read_bytes())
    return Recorded(case, audit)
