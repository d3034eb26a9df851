"""The recorder under a burst, and behind real browsers that open connections ahead: one run of each."""

import asyncio
import shutil
from pathlib import Path

import pytest
from benchmarks.browsers import BROWSERS
from benchmarks.recorder import AHEAD, PINNED, USED, burst, preconnect

from hometruth.capture import Recorder, Sinkhole
from hometruth.model import GapKind

AT_ONCE = 2000


@pytest.mark.parametrize("browser", BROWSERS)
def test_connections_opened_ahead_are_no_refusal_and_a_pinned_clients_is(
    browser: str, tmp_path: Path
) -> None:
    program = shutil.which(browser)
    if program is None:
        pytest.skip(f"no {browser} on this machine")

    noted = preconnect(browser, program, tmp_path)

    assert noted[PINNED, GapKind.REFUSED_TLS] == 1
    assert {kind for host, kind in noted if host in (AHEAD, USED)} <= {GapKind.UNUSED}
    assert (USED, GapKind.UNUSED) not in noted  # what is read in the same session was not refused


def test_of_two_thousand_connections_at_once_none_is_refused(tmp_path: Path) -> None:
    with Recorder(tmp_path / "burst.mitm", sinkhole=Sinkhole()) as recorder:
        answered, failed = asyncio.run(burst(recorder.port, AT_ONCE))

    assert (len(answered), failed) == (AT_ONCE, [])
    assert recorder.n_exchanges == AT_ONCE
