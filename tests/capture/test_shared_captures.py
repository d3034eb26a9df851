"""Real recordings by many tools: each is read, or refused with one error."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hometruth.capture import read_capture
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap, GapKind

pytestmark = pytest.mark.shared

COUNTS = {
    "browsers/firefox-xvfb-upstream-normal/all.mitm": (126, 0),
    "browsers/firefox-xvfb-upstream-normal/all.har": (126, 0),
    "browsers/chromium-xvfb-google-normal/all.mitm": (128, 0),
    "har/compare/browsertime-firefox-wikipedia.har.gz": (551, 0),
    "har/coach-core/www.nytimes.com.har": (328, 1),
    "har/har-reader/sstoehr.invalid-date.har": (8, 0),
    "har/browserup-proxy/sstoehr.invalid-integer.har": (8, 0),
    "har/har-rs/someapi13.har": (3, 1),
    "har/harviewer/data-url.har": (0, 1),
    "har/harviewer/no-headers.har": (1, 0),
    "har/harviewer/1.har": (1, 0),
    "har/haralyzer/single_entry.har": (1, 0),
    "har/haralyzer/missing_pageref.har": (0, 2),
    "formats/playwright/made-har-attach.zip": (7, 1),
    "formats/playwright/made-trace.zip": (7, 1),
    "formats/playwright/playwright-test-trace1.zip": (18, 1),
    "formats/playwright/playwright-trace-1.37.zip": (2, 1),
    "har/mitmproxy/with-bom.har": (1, 0),
    "mitm/mitmproxy/dumpfile-011.mitm": (1, 0),
    "mitm/mitmproxy/dumpfile-018.mitm": (1, 0),
    "mitm/mitmproxy/dumpfile-7-websocket.mitm": (6, 0),
    "mitm/mitmproxy/dumpfile-10.mitm": (1, 0),
    "mitm/mitmproxy/incomplete_log.mitm": (4, 0),
    "mitm/mitmproxy/websocket.mitm": (3, 0),
}
"""Exchanges and gaps, from the recordings' own manifest."""

REFUSED = {
    "har/harviewer/not-json.har": "broken JSON",
    "har/harviewer/not-valid.har": "no log.entries",
    "har/mitmproxy/brokenfile.har": "broken JSON",
    "har/mitmproxy/har_extractor.har": "no log.entries",
    "mitm/mitmproxy/dumpfile-010.mitm": "cannot read files with flow format version",
    "MANIFEST.md": "plain text",
    "formats/playwright/playwright-trace-1.31-empty.zip": "none of its",
}


@pytest.fixture(scope="module")
def captures(shared: Path) -> Path:
    return shared / "captures"


def exchanges(path: Path) -> list[Exchange]:
    return [item for item in read_capture(path) if isinstance(item, Exchange)]


@pytest.mark.parametrize("name", COUNTS)
def test_counts(captures: Path, name: str) -> None:
    items = list(read_capture(captures / name))

    assert (
        sum(isinstance(item, Exchange) for item in items),
        sum(isinstance(item, Gap) and item.kind is not GapKind.NEVER_RECORDED for item in items),
    ) == COUNTS[name]


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_why(captures: Path, name: str) -> None:
    with pytest.raises(CaptureError, match=REFUSED[name]):
        list(read_capture(captures / name))


def test_every_file_is_read_or_refused(captures: Path) -> None:
    def outcome(path: Path) -> Iterator[str]:
        try:
            items = list(read_capture(path))
        except CaptureError:
            yield "refused"
            return
        ids = [item.id for item in items if isinstance(item, Exchange)]
        assert len(set(ids)) == len(ids)
        yield "read"

    outcomes = [one for path in captures.rglob("*") if path.is_file() for one in outcome(path)]
    assert outcomes.count("read") > 60


def test_both_recordings_of_one_browser_session_agree(captures: Path) -> None:
    session = captures / "browsers" / "firefox-xvfb-upstream-normal"

    def essence(name: str) -> list[tuple[str, str]]:
        return sorted((one.method, one.url) for one in exchanges(session / name))

    assert essence("all.har") == essence("all.mitm")


def test_websocket_messages_agree_in_har_and_flows(captures: Path) -> None:
    def messages(name: str) -> list[tuple[bool, bytes, bool]]:
        found = exchanges(captures / "mitm" / "mitmproxy" / name)
        return [(one.sent, one.data, one.is_text) for exchange in found for one in exchange.messages]

    assert messages("websocket.har") == messages("websocket.mitm")
    assert len(messages("websocket.har")) == 5


def test_a_body_dropped_by_the_recorder_is_absent(captures: Path) -> None:
    dropped = [
        one.source.index
        for one in exchanges(captures / "har/sitespeed.io/www-theverge-com.har")
        if one.request_body is None
    ]

    assert dropped == [74, 76]


def test_a_real_trackers_body_is_kept(captures: Path) -> None:
    bodies = [one.request_body for one in exchanges(captures / "har/reporthar/first-run.har")]

    assert sum(bool(body) for body in bodies) == 8
    assert max(len(body or b"") for body in bodies) == 127_948
