"""Real recordings by many tools: each is read, or refused with one error."""

from pathlib import Path

import pytest

from hometruth.capture import read_capture
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap, GapKind

pytestmark = pytest.mark.shared

COUNTS: dict[str, int | str] = {
    name: int(told) if told.isdigit() else told
    for line in Path(__file__).with_name("shared_counts.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
    for name, told in [line.split("\t")]
}
"""By file: exchanges, or words of the refusal."""
GAPS = {
    "har/compare/browsertime-firefox-wikipedia.har.gz": 0,
    "har/harviewer/data-url.har": 1,
    "har/haralyzer/missing_pageref.har": 2,
    "har/coach-core/www.nytimes.com.har": 1,
    "formats/playwright/made-trace.zip": 0,
    "formats/playwright/playwright-trace-1.37.zip": 0,
    "formats/warc/pywb-valid_example.wacz": 0,
    "formats/netlog/chromium-netlog-Everything.json": 4,
    "formats/pcapdroid-csv/PCAPdroid_22_Jun_18_22_50.csv": 23,
    "formats/ios-app-privacy-report/ios_app_privacy_report.ndjson": 64,
    "formats/devtools-trace/lighthouse-lr.trace.json.gz": 8,
    "formats/warc/jwarc-response-only.warc.gz": 1,
}
"""Besides what a recorder never writes down: connections and contacts as the manifests count them."""
HELD = {
    "formats/netlog/chromium-netlog-Everything.json": "img cookie query body beacon",
    "formats/netlog/chromium-netlog-IncludeSensitive.json": "img cookie query",
    "formats/netlog/chromium-netlog-Default.json": "img query",
    "formats/playwright/made-har-attach.zip": "img cookie query body beacon",
    "formats/playwright/made-har-embed.har": "img cookie query body beacon",
    "formats/playwright/made-trace.zip": "img cookie query body beacon",
    "formats/devtools-trace/made-chrome-trace.json.gz": "img query",
}
"""One page, recorded by each: which of the five values that it sent are left; the rest is told as lacking."""
VALUES = {
    "img": b"canary-img-7f3a",
    "cookie": b"canary-cookie-51c2",
    "query": b"canary-query-90ab",
    "body": b"canary-body-c0de",
    "beacon": b"canary-beacon-aa11",
}


@pytest.fixture(scope="module")
def captures(shared: Path) -> Path:
    return shared / "captures"


def exchanges(path: Path) -> list[Exchange]:
    return [item for item in read_capture(path) if isinstance(item, Exchange)]


@pytest.fixture(scope="module")
def outcomes(shared: Path) -> dict[str, list[Exchange | Gap] | str]:
    """Every file, read to its end, or the sentence by which it is refused."""

    def outcome(path: Path) -> list[Exchange | Gap] | str:
        try:
            return list(read_capture(path, responses=False))
        except CaptureError as err:
            return str(err)

    return {name: outcome(shared / name) for name in COUNTS}


def test_the_table_names_every_file(shared: Path) -> None:
    there = {
        str(path.relative_to(shared))
        for path in (*(shared / "captures").rglob("*"), *(shared / "cases" / "captures").rglob("*"))
        if path.is_file()
        and not path.name.startswith("MANIFEST")
        and not path.name.endswith(".canaries.json")
    }

    assert there == COUNTS.keys()


@pytest.mark.parametrize("name", COUNTS)
def test_every_recording_is_read_or_refused_in_words(
    outcomes: dict[str, list[Exchange | Gap] | str], name: str
) -> None:
    outcome, wanted = outcomes[name], COUNTS[name]
    if isinstance(outcome, str) or isinstance(wanted, str):
        assert isinstance(outcome, str) and isinstance(wanted, str)
        assert wanted in outcome
        return
    found = [item for item in outcome if isinstance(item, Exchange)]
    assert len({item.id for item in found}) == len(found) == wanted


@pytest.mark.parametrize("name", GAPS)
def test_what_is_not_read_is_counted(outcomes: dict[str, list[Exchange | Gap] | str], name: str) -> None:
    outcome = outcomes[f"captures/{name}"]
    gaps = [item for item in outcome if isinstance(item, Gap) and item.kind is not GapKind.NEVER_RECORDED]

    assert len(gaps) == GAPS[name]


@pytest.mark.parametrize("name", HELD)
def test_the_same_page_in_several_formats_is_the_same_but_for_what_they_leave_out(
    outcomes: dict[str, list[Exchange | Gap] | str], name: str
) -> None:
    outcome = outcomes[f"captures/{name}"]
    found = [item for item in outcome if isinstance(item, Exchange)]
    sent = b"\n".join(
        each
        for item in found
        for each in (item.target, *(value for _, value in item.request_headers), item.request_body or b"")
    )

    assert " ".join(word for word, value in VALUES.items() if value in sent) == HELD[name]
    assert {item.target.partition(b"?")[0] for item in found} == {
        *(b"/", b"/app.js", b"/pixel.gif", b"/collect", b"/redir", b"/final.json", b"/beacon")
    }
    if "body" not in HELD[name]:
        assert any(isinstance(item, Gap) and item.kind is GapKind.NEVER_RECORDED for item in outcome)


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
