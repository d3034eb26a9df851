"""One case for all tests that take something away from it; each works on a copy, or beside it."""

from pathlib import Path

import pytest

from hometruth.run import judge_recordings
from tests.audit.test_new_case import labelled
from tests.case.bags import SIGNER


@pytest.fixture(scope="session")
def whole_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed case of two labelled recordings."""
    folder = tmp_path_factory.mktemp("case")
    judge_recordings(*labelled(folder), folder / "case", bag=True, signer=SIGNER)
    return folder / "case"
