"""Identifiers of real browsers, in recordings of them: two unrelated profiles of one browser are twins.

What was found is compared with what stands in the recordings, by lines that share no code with the search.
"""

import gzip
import json
from pathlib import Path

import pytest

from hometruth.capture import read_capture
from hometruth.cli.identify_read import read_recordings
from hometruth.identify import Identified
from hometruth.identity.identifiers import Comparison, Kind
from hometruth.model import Canary, CanaryKind, Exchange

pytestmark = pytest.mark.shared
TELEMETRY = "incoming.telemetry.mozilla.org"


@pytest.fixture(scope="module")
def browsers(shared: Path) -> Path:
    """The recordings of browsers."""
    return shared / "captures" / "browsers"


def typed(*folders: Path) -> list[Canary]:
    """What the testers visited and typed."""
    words = [
        word
        for folder in folders
        for word in json.loads((folder / "tokens.json").read_text("utf-8")).values()
    ]
    return [Canary(word, CanaryKind.KNOWN, word, bits=40.0) for word in words]


def plain_text(capture: Path) -> str:
    """All that was sent, with gzip off."""
    sent = []
    for item in read_capture(capture):
        if isinstance(item, Exchange):
            body = item.request_body or b""
            sent += [item.target, gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body]
    return b"\n".join(sent).decode("utf-8", "replace").lower()


def compare(*folders: Path) -> Identified:
    words = [f"d{number}:base={folder / 'all.mitm'}" for number, folder in enumerate(folders)]
    return read_recordings(words, typed(*folders), twins=True)


@pytest.fixture(scope="module")
def firefox(browsers: Path) -> Identified:
    return compare(browsers / "firefox-xvfb-upstream-normal", browsers / "firefox-xvfb-upstream-private")


@pytest.fixture(scope="module")
def chromium(browsers: Path) -> Identified:
    return compare(
        browsers / "chromium-xvfb-google-normal",
        browsers / "chromium-xvfb-google-private",
        browsers / "chromium-xvfb-debian-normal",
    )


def test_firefox_names_its_client_its_older_client_and_its_profile_to_mozilla(firefox: Identified) -> None:
    paths = [{item.place.path for item in code.found} for code in firefox.codes]

    assert {code.receivers for code in firefox.codes} == {("Mozilla",)}
    assert {code.hosts for code in firefox.codes} == {(TELEMETRY,)}
    assert {"body client_info.client_id"} in paths
    assert any('body metrics.uuid["legacy.telemetry.client_id"]' in item for item in paths)
    assert {'body metrics.uuid["legacy.telemetry.profile_group_id"]'} in paths
    assert {'body metrics.uuid["messaging_system.impression_id"]'} in paths
    assert len(paths) == 4


def test_one_session_of_each_profile_leaves_kind_and_lifetime_open(firefox: Identified) -> None:
    assert all(code.is_certain for code in firefox.codes)
    assert {code.kind for code in firefox.codes} == {Kind.UNKNOWN}


def test_chromium_sends_its_updater_a_code_that_lives_for_part_of_a_session(chromium: Identified) -> None:
    (code,) = chromium.codes

    assert code.hosts == ("update.googleapis.com",)
    assert [item.place.path for item in code.found] == ["body request.sessionid"]
    assert code.kind is Kind.SESSION


@pytest.mark.parametrize("browser", ["firefox", "chromium"])
def test_nothing_constant_across_unrelated_installations_is_an_identifier(
    browser: str, request: pytest.FixtureRequest, browsers: Path
) -> None:
    found: Identified = request.getfixturevalue(browser)
    recordings = [
        plain_text(folder / "all.mitm")
        for folder in sorted(browsers.iterdir())
        if folder.name.startswith(f"{browser}-xvfb")
    ]

    for code in found.codes:
        for token in code.tokens:
            assert sum(token in text for text in recordings) == 1


def test_a_key_that_every_firefox_sends_is_taken_for_one_by_its_looks_only_if_it_stands_alone(
    browsers: Path, firefox: Identified
) -> None:
    folder = browsers / "firefox-xvfb-upstream-normal"
    alone = read_recordings([str(folder / "all.mitm")], typed(folder), twins=False)
    looks = {item.place.path for code in alone.codes for item in code.found}

    assert alone.comparison is Comparison.ALONE
    assert "query key" in looks
    assert not any(code.is_certain for code in alone.codes)
    assert "query key" not in {item.place.path for code in firefox.codes for item in code.found}
