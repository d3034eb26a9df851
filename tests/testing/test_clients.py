"""Clients as the page of the plugin shows them, in one run of pytest; Playwright is in the shop's."""

import shutil
import subprocess
import sys
from pathlib import Path

import playwright
import pytest

from tests.testing.test_recorded import CLIENT, INI, OPTIONS

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
NODE = str(Path(playwright.__file__).parent / "driver" / "node")
"""The Node that Playwright brings: new enough to take a proxy from its environment."""
TESTS = (
    CLIENT
    + f"""
@pytest.fixture(autouse=True)
def reaches_the_shop_alone(recorded, canary, assert_sent, assert_not_leaked):
    term = canary("search", "search term")
    yield f"https://shop.example/find?q={{term}}"
    assert_sent(term, to="shop.example")
    assert_not_leaked(term, except_for="shop.example")

def run(recorded, *command):
    subprocess.run(command, check=True, env={{**os.environ, **recorded.environment}})

def test_node(reaches_the_shop_alone, recorded):
    run(recorded, {NODE!r}, "-e", f"fetch('{{reaches_the_shop_alone}}').then(each => each.text())")

@pytest.mark.parametrize("module", ["httpx", "requests"])
def test_python(module, reaches_the_shop_alone, recorded):
    code = f"import {{module}}; {{module}}.get('{{reaches_the_shop_alone}}').raise_for_status()"
    run(recorded, sys.executable, "-c", code)

@pytest.mark.skipif({not (CHROMIUM and DRIVER)}, reason="no chromedriver on this machine")
def test_selenium(reaches_the_shop_alone, recorded):
    from selenium import webdriver
    options = webdriver.ChromeOptions()
    options.binary_location = {CHROMIUM!r}
    for each in ("--headless=new", "--no-sandbox", *recorded.browser_arguments):
        options.add_argument(each)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService({DRIVER!r}))
    driver.get(reaches_the_shop_alone)
    driver.quit()
"""
)


def test_clients_are_recorded_as_the_page_says(tmp_path: Path) -> None:
    (tmp_path / "test_clients.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text(INI)
    command = [sys.executable, "-m", "pytest", *OPTIONS]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert ("4 passed" if CHROMIUM and DRIVER else "3 passed, 1 skipped") in done.stdout
    if not DRIVER:
        pytest.skip("no chromedriver on this machine: Selenium was not tried, the others were")
