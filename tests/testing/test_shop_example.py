"""The example as a reader runs it: a real Chromium, nine planted leaks, and the fixed shop."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.testing.test_recorded import OPTIONS

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "examples" / "shop"


def test_the_leaky_shop_fails_naming_each_leak_and_the_fixed_one_passes(tmp_path: Path) -> None:
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        pytest.skip("no Chromium on this machine: the shop of the example is not visited")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        *OPTIONS,
        "-c",
        "pytest.ini",
        "--rootdir",
        str(SHOP),
        str(SHOP),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
