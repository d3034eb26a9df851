"""Real recordings: what was typed into them, or looks personal in them, is not left in the twins."""

import json
from pathlib import Path

import pytest

from hometruth.audit.redact.recording import Redaction, redact_recording
from hometruth.canaries import bits_of
from hometruth.capture import read_capture
from hometruth.model import Canary, CanaryKind, Exchange
from tests.audit.redact.independent import found_in


@pytest.mark.parametrize("name", ["all.har", "all.mitm"])
@pytest.mark.parametrize("run", ["chromium-xvfb-debian-normal", "firefox-xvfb-upstream-private"])
def test_what_a_browser_sent_is_gone_for_a_script_that_shares_no_code(
    shared: Path, run: str, name: str
) -> None:
    folder = shared / "captures" / "browsers" / run
    tokens = json.loads((folder / "tokens.json").read_text())
    typed = [Canary(each, CanaryKind.SEARCH, value, bits_of(value)) for each, value in tokens.items()]
    twin = redact_recording(folder / name, Redaction(typed), jobs=1)
    removed = tuple(canary.value for canary in twin.sought)

    assert {canary.value for canary in typed} <= set(removed)
    assert len(found_in((folder / name).read_bytes(), removed)) > len(typed) / 2  # it can see
    assert found_in(twin.data, removed) == []


TEN_KINDS = (
    "formats/mitmproxy/form_data_flows",
    "har/fwa/owasp-ldap.har",
    "har/har-rs/someapi13.har",
    "har/har-to-k6/multipart-formdata.har",
    "har/hargo/golang.org.har",
    "har/harviz/example.har",
    "har/mitmproxy/firefox.har",
    "har/mitmproxy/insomnia.har",
    "har/perfcascade/wpt_h2_www.nghttp2.org.har",
    "har/playwright/har-redirect.har",
    "mitm/mitmproxy/websocket.mitm",
)
"""By mitmproxy, ZAP, Charles, k6, Chrome, newman, Firefox, Insomnia, WebPagetest and Playwright."""


def receivers(capture: Path | bytes, name: str) -> list[str]:
    items = read_capture(capture, name=name) if isinstance(capture, bytes) else read_capture(capture)
    return [item.host for item in items if isinstance(item, Exchange)]


@pytest.mark.parametrize("name", TEN_KINDS)
def test_what_looks_personal_is_gone_and_who_received_it_still_is_there(shared: Path, name: str) -> None:
    path = shared / "captures" / name
    twin = redact_recording(path, Redaction(), jobs=1)
    sought = tuple(canary.value for canary in twin.sought)

    assert receivers(twin.data, path.name) == receivers(path, path.name)
    assert len(found_in(path.read_bytes(), sought)) >= len(sought)  # it can see
    assert found_in(twin.data, sought) == []
