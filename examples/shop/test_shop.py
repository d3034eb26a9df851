"""The shop in a real Chromium, by Playwright: the leaky one fails naming each leak, the fixed one passes."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import hometruth

sys.path.insert(0, str(Path(__file__).parent))
from shop import HOSTS, RECIPIENTS, SHOP, Shop

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LIMIT_MS = 120_000


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
        visit(recorded, {"leaky": leaked, "fixed": kept})

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


def visit(recorded: object, customers: dict[str, str]) -> None:
    """Load each version of the shop; it holds that back until all is sent."""
    with playwright.sync_playwright() as driver:
        # Without an executable, the Chromium that `playwright install` brought.
        browser = driver.chromium.launch(executable_path=CHROMIUM, **recorded.playwright)  # type: ignore[attr-defined]
        page = browser.new_page()
        page.set_default_timeout(LIMIT_MS)
        for version, email in customers.items():
            page.goto(f"https://{SHOP}/{version}?email={email}")
            assert page.title() == f"The shop ({version})"
        browser.close()
