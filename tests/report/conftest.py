"""Fixtures of the report's tests: an audit, and a real browser to look at its page."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hometruth.model import Audit
from tests.report.audits import build_audit


@pytest.fixture(scope="session")
def audit() -> Audit:
    return build_audit()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Run headless Chromium on a page and return what it prints."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no chromium on PATH, so the page was not looked at in a real browser")
    profile = tmp_path_factory.mktemp("profile")

    def run(page: Path, *options: str) -> str:
        command = [
            *(program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *("--disable-background-networking", "--disable-dev-shm-usage", f"--user-data-dir={profile}"),
            *(*options, page.as_uri()),
        ]
        environment = {**os.environ, "HOME": str(profile)}
        done = subprocess.run(command, capture_output=True, timeout=120, check=True, env=environment)
        return done.stdout.decode()

    return run
