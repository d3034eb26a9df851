"""What the apps declare: every event has a source, and what is not known says so."""

import pytest

from hometruth.errors import LabError
from hometruth.lab import APPS, TELEMETRY_HOST
from hometruth.lab.apps.behaviour import FACTORS, sends_in
from hometruth.lab.apps.declare import NameSource

MINT_PUBLISHED = {
    "page_load_event_start",
    "page_load_event_finish",
    "search",
    "download_files",
    "youtube_search_op",
    "rv_crashed",
}
PER_APP = [(app.name, kind.name) for app in APPS.values() for kind in app.events]


def test_factors_name_every_app_and_version() -> None:
    assert FACTORS["app"] == tuple(APPS)
    assert set(FACTORS["version"]) == {version for app in APPS.values() for version in app.versions}


@pytest.mark.parametrize(("app", "event"), PER_APP)
def test_every_event_has_a_source_and_names_of_known_origin(app: str, event: str) -> None:
    kind = APPS[app].kind(event)

    assert kind.source
    assert (kind.names is NameSource.SDK) == event.startswith("$")


def test_only_mint_has_published_names() -> None:
    published = {
        (app.name, kind.name)
        for app in APPS.values()
        for kind in app.events
        if kind.names is NameSource.PUBLISHED
    }

    assert published == {("mint-browser", name) for name in MINT_PUBLISHED}
    assert [app.name for app in APPS.values() if app.project_basis is NameSource.PUBLISHED] == [
        "mint-browser"
    ]


@pytest.mark.parametrize("name", ["mi-browser", "mi-browser-pro"])
def test_what_mi_browser_has_from_mint_is_marked(name: str) -> None:
    for kind in APPS[name].events:
        assert kind.names in (NameSource.FROM_MINT, NameSource.INVENTED)
        assert (kind.names is NameSource.FROM_MINT) == kind.source.startswith("assumed from Mint")
    finer = [rule for rule in APPS[name].rules if rule.where.get("version") == "12.1.4"]
    assert finer
    assert all(rule.source.startswith("assumed from Mint") for rule in finer)


@pytest.mark.parametrize("name", APPS)
def test_every_cell_of_every_app_has_a_rule_and_none_sends_without_consent(name: str) -> None:
    app = APPS[name]
    for version in app.versions:
        for switch in ("absent",) if version in app.without_switch else ("on", "off"):
            for mode in FACTORS["mode"]:
                for consent in FACTORS["consent"]:
                    cell = app.cell(version, mode, switch, consent)
                    silent = consent != "given" or (mode, switch) == ("incognito", "off")
                    assert sends_in(cell, app.rules) is not silent


def test_a_version_of_another_app_is_refused() -> None:
    with pytest.raises(LabError, match=r"Mi Browser: no version '3\.4\.0'; choose from 12\.1\.3, 12\.1\.4"):
        APPS["mi-browser"].cell("3.4.0", "normal", "absent", "given")


def test_each_app_reports_to_the_vendor_under_its_own_project() -> None:
    urls = {app.name: app.telemetry_url("IE") for app in APPS.values()}

    assert urls["mint-browser"] == f"https://{TELEMETRY_HOST}/sa?project=global_browser_mini&r=IE"
    assert len(set(urls.values())) == len(urls) - 1, "the two Mi Browsers share one"
