"""Fixtures used everywhere."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recordings and facts that is not part of the repository."""
    folder = Path(os.environ.get("HOMETRUTH_SHARED", ROOT.parent / "shared"))
    if not (folder / "facts").is_dir():
        pytest.skip(f"no shared recordings at {folder}; set HOMETRUTH_SHARED")
    return folder
