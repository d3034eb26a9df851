"""Fixtures used everywhere."""

import gc
import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from hometruth.errors import DEBUG

# The suite gives the same answer every time; `pytest --hypothesis-profile explore` looks for news.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None, max_examples=1_000)
settings.load_profile("repeatable")

# A shell starts what runs in its background with Ctrl-C ignored, nohup what it starts with hang-ups, and
# commands under test would inherit that.
for _number, _usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)

# The suite keeps the cores busy by itself: worker processes for recordings of a few requests cost more than
# they save. Tests that are about them ask for them by number.
os.environ.setdefault("PYTHON_CPU_COUNT", "1")

# A defect of ours ends a test; elsewhere it becomes a gap.
os.environ.setdefault(DEBUG, "1")

ROOT = Path(__file__).parents[1]
MOST_IN_A_NAME = 32
"""Bytes of a test's parameter that stand in its name."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tenth", action="store_true", help="run every tenth test only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--tenth"):
        items[:] = items[::10]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Thousands of tests and modules stay to the end: collecting garbage need not look through them again."""
    gc.collect()
    gc.freeze()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Made bytes are known by their number: an archive holds the time, and workers must agree on names."""
    return argname if isinstance(val, bytes) and len(val) > MOST_IN_A_NAME else None


@pytest.fixture(scope="session", autouse=True)
def _state(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Commands under test sign with a key of their own, not with that of whoever runs the tests."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recordings and facts that is not part of the repository."""
    folder = Path(os.environ.get("HOMETRUTH_SHARED", ROOT.parent / "shared"))
    if not (folder / "facts").is_dir():
        pytest.skip(f"no shared recordings at {folder}; set HOMETRUTH_SHARED")
    return folder
