"""While it is watched whether a certificate is gone, nothing else is."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from hometruth.capture.proxy.kept_authority import keep_authority
from hometruth.capture.proxy.listening import Listening
from hometruth.capture.proxy.removal import watching_removal
from tests.capture.conftest import LoopbackServer, trusting


@pytest.mark.parametrize("forwards", [True, False])
def test_nothing_that_the_device_sends_meanwhile_is_kept(
    forwards: bool, server: LoopbackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it is passed on, as a phone's is, or gets nowhere, as after a run that nothing was to leave."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    kept = keep_authority("mine", datetime.now(UTC) + timedelta(days=1))
    with watching_removal(kept, Listening(), forwards=forwards) as removal:
        recorder = removal.recorder
        with trusting(recorder) as client:
            page = client.get("http://hometruth.test/").text
            with suppress(httpx.HTTPError):
                client.get(f"{server.url}/secret-path")

        assert "nothing is kept any more" in page
        assert bool(server.received) == forwards
        assert b"secret-path" not in recorder.flow_file.read_bytes()
