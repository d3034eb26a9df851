"""Identifiers of real browsers, in recordings of them: two unrelated profiles of one browser are twins.

What was found is compared with what stands in the recordings, by lines that share no code with the search.
"""

import gzip
import json
from pathlib import Path

import pytest

from hometruth.audit.identify_recordings import read_recordings
from hometruth.capture import read_capture
from hometruth.model import Canary, CanaryKind, Exchange
from hometruth.model.identified import Code, Identified
from hometruth.model.identifier import Basis, ComparisonKind, IdentifierKind
from hometruth.report.identifier_words import describe

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


def places(found: Identified) -> dict[str, Code]:
    return {item.place.path: code for code in found.codes for item in code.found}


DOCUMENTED = {
    "body client_info.client_id": IdentifierKind.INSTALLATION,
    'body metrics.uuid["legacy.telemetry.client_id"]': IdentifierKind.INSTALLATION,
    'body metrics.uuid["legacy.telemetry.profile_group_id"]': IdentifierKind.INSTALLATION,
    'body metrics.uuid["usage.profile_id"]': IdentifierKind.INSTALLATION,
    'body metrics.uuid["usage.profile_group_id"]': IdentifierKind.INSTALLATION,
}
SENT_ONCE = {'body metrics.uuid["usage.profile_id"]', 'body metrics.uuid["usage.profile_group_id"]'}
IMPRESSION = 'body metrics.uuid["messaging_system.impression_id"]'
SESSION = 'body metrics.uuid["messaging_system.browser_session_id"]'
COPY = 'body metrics.uuid["messaging_system.client_id"]'


def test_firefox_names_its_client_its_older_client_and_its_profile_to_mozilla(firefox: Identified) -> None:
    found = places(firefox)

    assert {code.receivers for code in firefox.codes} == {("Mozilla",)}
    assert {code.hosts for code in firefox.codes} == {(TELEMETRY,)}
    assert found.keys() == {*DOCUMENTED, IMPRESSION, SESSION, COPY}
    assert found[COPY] is found['body metrics.uuid["legacy.telemetry.client_id"]']


def test_the_kind_of_firefox_codes_is_documented_and_says_so(firefox: Identified) -> None:
    found = places(firefox)

    assert {path: found[path].kind for path in DOCUMENTED} == DOCUMENTED
    assert {found[path].basis for path in DOCUMENTED} == {Basis.DOCUMENTED}
    assert (found[SESSION].kind, found[SESSION].basis) == (IdentifierKind.SESSION, Basis.DOCUMENTED)
    assert (found[IMPRESSION].kind, found[IMPRESSION].basis) == (IdentifierKind.UNKNOWN, Basis.NONE)


def test_what_a_profile_sent_once_is_shown_and_not_certain(firefox: Identified) -> None:
    found = places(firefox)

    assert {path for path in found if found[path].is_sent_once} == SENT_ONCE
    assert {path for path in found if not found[path].is_certain} == {*SENT_ONCE, SESSION}
    assert all(
        "whether the same is sent again was not seen" in describe(found[path], str) for path in SENT_ONCE
    )


def test_two_profiles_on_one_machine_show_that_no_code_is_the_machines(browsers: Path) -> None:
    folders = [browsers / f"firefox-xvfb-upstream-{mode}" for mode in ("normal", "private")]
    words = [f"p{number}:base={folder / 'all.mitm'}" for number, folder in enumerate(folders)]

    found = places(read_recordings(words, typed(*folders), installations=True))

    assert {path for path in found if not found[path].is_not_the_devices} == {SESSION}
    assert "names the installation, the profile or the session" in describe(found[IMPRESSION], str)


def test_chromium_sends_its_updater_a_code_that_lives_for_part_of_a_session(chromium: Identified) -> None:
    (code,) = chromium.codes

    assert code.hosts == ("update.googleapis.com",)
    assert [item.place.path for item in code.found] == ["body request.sessionid"]
    assert code.kind is IdentifierKind.SESSION


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


@pytest.mark.parametrize("mode", ["normal", "private"])
def test_one_firefox_alone_takes_no_key_of_the_software_for_an_identifier(browsers: Path, mode: str) -> None:
    folder = browsers / f"firefox-xvfb-upstream-{mode}"
    alone = read_recordings([str(folder / "all.mitm")], typed(folder))
    undecided = {item.place.path: item for group in alone.undecided for item in group}

    assert alone.comparison is ComparisonKind.ALONE
    assert not any(code.is_certain for code in alone.codes)
    assert places(alone).keys() - {SESSION, COPY} == DOCUMENTED.keys()
    assert undecided.keys() == {"query key", IMPRESSION}
    assert not undecided["query key"].is_open
    assert undecided[IMPRESSION].is_open


@pytest.mark.parametrize(
    ("folder", "undecided"),
    [
        ("chromium-xvfb-debian-normal", {}),
        ("chromium-xvfb-google-normal", {"query key": False, "query sugkey": False}),
        ("chromium-xvfb-google-private", {}),
        ("chromium-ext-cdp-headless-both", {"body d.id": True}),
    ],
)
def test_one_chromium_alone_names_its_updates_session_only(
    browsers: Path, folder: str, undecided: dict[str, bool]
) -> None:
    """An API key is explained; what a test page sends stays open."""
    alone = read_recordings([str(browsers / folder / "all.mitm")], typed(browsers / folder))
    groups = alone.undecided

    assert places(alone).keys() == {"body request.sessionid"}
    assert alone.codes[0].kind is IdentifierKind.SESSION
    assert {item.place.path: group[0].is_open for group in groups for item in group} == undecided
