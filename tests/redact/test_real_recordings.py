"""Recordings of real browsers, with what was typed into them: nothing of it is left in the twins."""

import json
from pathlib import Path

import pytest

from hometruth.canaries import bits_of
from hometruth.model import Canary, CanaryKind
from hometruth.redact.recording import Redaction, redact_recording
from tests.redact.independent import found_in


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
