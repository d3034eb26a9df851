"""Recordings that several files of tests judge."""

import pytest

from tests.audit.paired_runs import CELLS, paired_experiment, paired_plan
from tests.recorded import Recorded, recorded_once


@pytest.fixture(scope="session")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Five conditions in pairs, of a phone whose telemetry is encrypted."""
    return recorded_once(
        tmp_path_factory, "encrypted", lambda folder: paired_experiment(folder, paired_plan(CELLS))
    )
