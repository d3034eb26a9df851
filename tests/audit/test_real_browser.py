"""Real browsers on pages that embed their vendor's things: that is listed, and no browser is charged."""

import shutil
from pathlib import Path

import pytest
from benchmarks.real_pages import POLICIES, VENDORS, WAYS, null_side, page

from hometruth.model import InitiatorKind, VerdictKind

TOLD_BY_PAGES = {"fetch", "beacon", "form", "window", "worker", "hidden"}
"""Ways that say the address themselves. In others it stands in a Referer at most, which Firefox cuts."""


@pytest.mark.parametrize("browser", VENDORS)
def test_what_a_page_makes_it_send_is_not_charged_to_the_browser(browser: str, tmp_path: Path) -> None:
    program = shutil.which(browser)
    if program is None:
        pytest.skip(f"no {browser} on this machine")
    host = VENDORS[browser][1]
    pages = [page(way, "unsafe-url", host) for way in WAYS]
    pages += [page("image", policy, host, "http") for policy in POLICIES[:2]]
    seen = null_side(browser, program, pages, tmp_path)
    charged = dict(seen.charged)

    assert seen.asked >= len(WAYS) - 1
    assert {f"{way}-unsafe-url" for way in TOLD_BY_PAGES} <= charged.keys()
    assert "inert-unsafe-url" not in charged
    assert charged.pop("hidden-unsafe-url") is InitiatorKind.UNKNOWN
    assert InitiatorKind.APP not in charged.values()
    assert InitiatorKind.PAGE in charged.values()
    assert seen.audit.verdicts
    assert all(row.verdict is not VerdictKind.CONTRADICTED for row in seen.audit.verdicts)
