"""axe-core (https://github.com/dequelabs/axe-core) finds nothing in the report, light, dark, folded, open."""

import html
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hometruth.model import Audit
from hometruth.report.html_page import render_html
from tests.report.test_pictures import with_times

RUN = """
for (const fold of document.querySelectorAll("details")) fold.open = OPEN;
axe.run(document, {resultTypes: ["violations"]}).then(found => {
  const told = document.createElement("pre");
  told.id = "axe";
  told.textContent = JSON.stringify({version: axe.version, rules: found.passes.length,
    violations: found.violations.map(one => [one.id, one.help, one.nodes.map(node => node.html)])});
  document.body.append(told);
});
"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core, as ./test installs it."""
    folder = Path(os.environ.get("HOMETRUTH_NPM", Path(sys.prefix) / "npm")) / "node_modules"
    file = folder / "axe-core" / "axe.min.js"
    if not file.is_file():
        pytest.skip(f"no axe-core in {folder}; ./test installs it where npm can, or set HOMETRUTH_NPM")
    return file.read_text("utf-8")


def violations(
    page: str, axe: str, folder: Path, chromium: Callable[..., str], *options: str
) -> list[object]:
    """What axe-core has against *page*, whose policy would not let it run."""
    policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
    assert policy.search(page)
    looked_at = policy.sub("", page).replace(
        "</body>", f"<script>{axe}</script><script>{RUN}</script></body>"
    )
    looked_at = looked_at.replace("= OPEN;", "= true;" if "--open" in options else "= false;")
    file = folder / "page.html"
    file.write_text(looked_at, "utf-8")
    dom = chromium(
        file, "--dump-dom", "--virtual-time-budget=20000", *(one for one in options if one != "--open")
    )
    told = json.loads(html.unescape(re.search(r'<pre id="axe">(.*?)</pre>', dom, re.DOTALL)[1]))  # type: ignore[index]
    assert told["rules"] > 20, "it looked at something"
    found = told["violations"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    "options",
    [
        ("--window-size=1280,900",),
        ("--window-size=500,900", "--blink-settings=preferredColorScheme=0", "--open"),
    ],
    ids=["light and folded", "dark, narrow and open"],
)
def test_nothing_is_in_the_way_of_anybody(
    audit: Audit, axe: str, tmp_path: Path, chromium: Callable[..., str], options: tuple[str, ...]
) -> None:
    page = render_html(with_times(audit), generated="2026-11-22 14:05 UTC")

    assert violations(page, axe, tmp_path, chromium, *options) == []


def test_a_picture_without_words_would_be_noticed(
    audit: Audit, axe: str, tmp_path: Path, chromium: Callable[..., str]
) -> None:
    page = render_html(audit, generated="2026-11-22 14:05 UTC")
    mute = re.sub(
        r' aria-labelledby="matrix-title matrix-desc"|<(title|desc) id="matrix-[^<]*</\1>', "", page
    )

    assert "svg-img-alt" in str(violations(mute, axe, tmp_path, chromium))
