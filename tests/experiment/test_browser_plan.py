"""A bundled plan becomes one about the browser of this machine."""

from datetime import date
from pathlib import Path

import pytest

from hometruth.claims import parse_claims
from hometruth.claims.load import bundled_text
from hometruth.errors import DriverError, PlanError
from hometruth.experiment import Plan, bundled_plan
from hometruth.experiment.browser_plan import VENDORS, browser_plan
from hometruth.experiment.drivers.browser_kind import BrowserOptions
from tests.experiment.drivers.desktop_programs import NEEDED

DAY = date(2026, 11, 29)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing on PATH but programs that are there in name, and a browser that says which version it is."""
    for name in (*NEEDED, "firefox-esr", "chromium"):
        program = tmp_path / name
        told = "Mozilla Firefox 200.1esr" if name == "firefox-esr" else "Chromium 201.0.7.8 built on x"
        program.write_text(f"#!/bin/sh\necho '{told}'\n")
        program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def _made(browser: str, name: str | None = None, **options: object) -> Plan:
    known = BrowserOptions(browser="firefox" if browser == "firefox" else "chromium", **options)  # type: ignore[arg-type]
    return browser_plan(known.browser, name=name, sessions=3, today=DAY, options=known, offline=True)


@pytest.mark.parametrize("name", ["browser-suggest", None])
@pytest.mark.parametrize(("browser", "version"), [("chromium", "201.0.7.8"), ("firefox", "200.1esr")])
def test_product_version_system_and_day_are_what_every_verdict_is_about(
    browser: str, version: str, name: str | None, machine: Path
) -> None:
    plan = _made(browser, name, film=True)

    assert plan.id == (name or f"{browser}-private")
    assert plan.subject.kind == "real"
    assert plan.subject.phrase.startswith(f"this real {plan.subject.product} {version} (")
    assert plan.subject.phrase.endswith(", 2026-11-29)")
    assert str(machine) in plan.subject.description
    assert (plan.subject.vendor, plan.claims) == (VENDORS[browser], f"bundled:{browser}")
    assert (plan.offline, plan.only_app, plan.subject.extensions) == (True, plan.subject.product, False)
    assert plan.options == BrowserOptions(browser=plan.options.browser, film=True)  # type: ignore[attr-defined]
    assert {cell.blocks for series in plan.series for cell in series.cells} == {3}
    assert any("round the proxy" in told for told in plan.subject.unseen)
    hosts = [flow.host for flow in plan.expected]
    engines = ["duckduckgo.com", "www.google.com"]
    assert hosts == ["{canary}.sites.example", *engines, *engines]


@pytest.mark.parametrize("name", ["chromium-private", "firefox-private", "browser-suggest"])
def test_the_bundled_plans_are_plans_as_they_stand(name: str) -> None:
    assert bundled_plan(name).id == name


@pytest.mark.parametrize("browser", VENDORS)
def test_claims_are_quoted_shortly_and_dated(browser: str) -> None:
    for claim in parse_claims(bundled_text(browser), browser):
        assert 0 < len(claim.quote.split()) <= 15
        assert claim.date >= "2026-11-29"
        is_of_the_build = claim.source[0].startswith(("about:", "chrome:"))
        assert (claim.archived != "not archived") is is_of_the_build


@pytest.mark.usefixtures("machine")
def test_no_other_plan_is_about_browsers() -> None:
    with pytest.raises(PlanError, match=r"no plan 'firefox-private' for chromium \(have: "):
        _made("chromium", "firefox-private")


def test_a_missing_tool_is_told_before_anything_is_made(machine: Path) -> None:
    (machine / "xdotool").unlink()

    with pytest.raises(DriverError, match="apt install xdotool"):
        _made("chromium")
