"""Recordings that several files of tests judge: made once, by the worker that needs one first."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.audit.paired_runs import CELLS, paired_experiment, paired_plan


def recorded_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, record: Callable[[Path], object]
) -> Path:
    """The case *name*, which *record* made in the folder it was given; other workers wait for it."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # each worker has a folder of its own in the session's
    folder, made = root / "recorded" / name, root / "recorded" / f"{name}.made"
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a worker that failed
            record(folder)
            made.touch()
    return folder


@pytest.fixture(scope="session")
def encrypted_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five conditions in pairs, of a phone whose telemetry is encrypted; nobody may change the folder."""
    return recorded_once(
        tmp_path_factory, "encrypted", lambda folder: paired_experiment(folder, paired_plan(CELLS))
    )
