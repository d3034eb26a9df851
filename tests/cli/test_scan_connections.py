"""A recording that comes with connections nobody could open is not called silent."""

import json
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from hometruth.capture import Recorder, Sinkhole

SCAN = [sys.executable, "-m", "hometruth", "scan"]


def test_refused_connections_of_a_recording_are_told_as_gaps(tmp_path: Path) -> None:
    flows = tmp_path / "phone.mitm"
    with Recorder(flows, sinkhole=Sinkhole({})) as recorder:
        trusting = ssl.create_default_context(cafile=str(recorder.ca_file))
        with httpx.Client(proxy=recorder.url, verify=trusting) as client:
            client.get("https://open.example/")
        with httpx.Client(proxy=recorder.url) as pinning, pytest.raises(httpx.ConnectError):
            pinning.get("https://pinned.example/")
    (tmp_path / "canaries.json").write_text('["kzneverplanted00"]')
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "hometruth",
            "scan",
            flows,
            "--canaries",
            tmp_path / "canaries.json",
            "--json",
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert [gap["host"] for gap in json.loads(done.stdout)["gaps"]] == ["pinned.example"]
