"""The shop in a real Chromium: the leaky one fails naming each leak, the fixed one passes."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import hometruth

sys.path.insert(0, str(Path(__file__).parent))
from shop import HOSTS, RECIPIENTS, SHOP, Shop

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    *(
        "--headless=new",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-sync",
    ),
    *("--disable-component-update", "--disable-features=LocalNetworkAccessChecks,OptimizationHints"),
)
LIMIT_S = 120


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_gate_names_each_leak_and_passes_what_is_fixed(
    canary: Callable[..., str],
    record: Callable[..., object],
    assert_sent: Callable[..., None],
    assert_not_leaked: Callable[..., None],
    tmp_path: Path,
) -> None:
    leaked, kept = canary("account", "leaky"), canary("account", "fixed")
    with Shop() as shop:
        recorded = record(dict.fromkeys(HOSTS, shop.url))
        visit(recorded, f"https://{SHOP}/leaky?email={leaked}&then={kept}", tmp_path)

    assert_sent(leaked, to=SHOP)
    assert_sent(kept, to=SHOP)
    assert_not_leaked(kept, except_for=SHOP)
    for recipient in RECIPIENTS:
        with pytest.raises(AssertionError, match=f"'leaky' was sent to {recipient}"):
            assert_not_leaked(leaked, to=recipient)
    assert leaks_of(recorded, leaked, tmp_path) == set(RECIPIENTS)
    assert leaks_of(recorded, kept, tmp_path) == set()


def leaks_of(recorded: object, value: str, folder: Path) -> set[str]:
    """Who got the value against `policy.toml`, as ``hometruth gate`` says of the same recording."""
    (folder / "canaries.json").write_text(json.dumps({"customer": value}))
    gated = hometruth.gate(
        recorded.flow_file,  # type: ignore[attr-defined]
        canaries=folder / "canaries.json",
        policy=Path(__file__).with_name("policy.toml"),
        jobs=1,
    )
    assert gated.passed or gated.leaks, gated.obstacles
    return {each.recipient for each in gated.leaks}


def visit(recorded: object, url: str, profile: Path) -> None:
    """Load a page, until it has loaded: the shop holds that back until all is sent."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    arguments = recorded.browser_arguments  # type: ignore[attr-defined]
    command = [str(CHROMIUM), *QUIET, *sandbox, *arguments, f"--user-data-dir={profile}", "--dump-dom", url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=True)
    assert "<title>The shop (fixed)</title>" in done.stdout, done.stdout[:400]
