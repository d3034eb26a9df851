"""One certificate for a case: trusted once, shown to be removed, and its key where it belongs."""

import os
import re
import signal
import ssl
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from hometruth.capture import Recorder, Sinkhole
from hometruth.capture.proxy.kept_authority import keep_authority, kept_authority, name_of
from hometruth.capture.proxy.listening import keys_in
from hometruth.errors import CaptureError
from tests.capture.conftest import eventually, show_trust, trusting

TOMORROW = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


class Ending:
    """`hometruth end` in a process of its own."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hometruth", "end", *options],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "PYTHONUTF8": "1"},
        )

    def until(self, pattern: str) -> str:
        """Wait for what it says; the first group of the pattern."""
        assert self.process.stdout
        for line in self.process.stdout:
            if found := re.search(pattern, line):
                return found[1]
        raise AssertionError(f"it never said {pattern}")

    def url(self) -> str:
        return self.until(r"proxy +(http://\S+)")


def test_one_installation_serves_all_recordings_and_its_key_is_private(tmp_path: Path) -> None:
    kept = keep_authority("mine", TOMORROW)
    for n in range(2):
        with Recorder(
            tmp_path / f"{n}.mitm", sinkhole=Sinkhole(), authority=keep_authority("mine", TOMORROW).folder
        ) as recorder:
            assert recorder.ca_file == kept.ca_file
            with trusting(recorder) as client:
                show_trust(client)
            assert recorder.is_trusted

    assert name_of(kept.ca_file) == f"Hometruth recording mine (until {TOMORROW:%Y-%m-%d})"
    keys = [path for path in kept.folder.iterdir() if b"PRIVATE KEY" in path.read_bytes()]
    assert keys
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in keys)
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700
    assert tmp_path / "state" in kept.folder.parents


def test_removal_is_shown_by_a_refusal_beside_the_plain_page(tmp_path: Path) -> None:
    kept = keep_authority("mine", TOMORROW)
    context = ssl.create_default_context(cafile=str(kept.ca_file))
    ending = Ending("mine", "--port", "0")
    url = ending.url()
    with httpx.Client(proxy=url, verify=context) as before:
        show_trust(before)
    ending.until("(still trusts the certificate)")
    with httpx.Client(proxy=url) as after, pytest.raises(httpx.ConnectError):
        show_trust(after)
    said, _ = ending.process.communicate(timeout=60)

    assert ending.process.returncode == 0
    assert "Removal shown" in said
    assert not kept.folder.exists()


def test_what_is_not_shown_is_said_and_the_key_is_deleted_all_the_same() -> None:
    kept = keep_authority("mine", TOMORROW)
    ending = Ending("mine", "--port", "0")
    ending.url()
    ending.process.send_signal(signal.SIGINT)
    said, _ = ending.process.communicate(timeout=60)

    assert ending.process.returncode == 2
    assert "Removal not shown" in said
    assert not kept.folder.exists()


def test_a_killed_recorder_leaves_the_key_where_end_finds_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hometruth", "record", "--port", "0", "--sinkhole"]
    with subprocess.Popen(
        [*command, "--out", str(tmp_path / "a.mitm"), "--certificate", "mine", "--days", "3"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as running:
        assert running.stdout
        for line in running.stdout:
            if "Ctrl-C ends" in line:
                break
        running.kill()
    kept = kept_authority("mine")
    assert kept.until < datetime.now(UTC) + timedelta(days=3, minutes=1)

    done = Ending("mine", "--now")
    done.process.communicate(timeout=60)

    assert done.process.returncode == 0
    assert not kept.folder.exists()


def test_an_expired_certificate_is_refused_and_its_key_is_gone() -> None:
    with pytest.raises(CaptureError, match="its key has been removed"):
        keep_authority("old", datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(CaptureError, match="no certificate of that name is kept"):
        kept_authority("old")


def test_the_refusal_of_an_expired_certificate_shows_no_removal() -> None:
    kept = keep_authority("old", datetime.now(UTC) + timedelta(seconds=2))
    eventually(lambda: kept.is_expired)
    ending = Ending("old", "--port", "0")
    said, _ = ending.process.communicate(timeout=60)

    assert ending.process.returncode == 2
    assert "Removal not shown" in said
    assert "expired" in said
    assert not kept.folder.exists()


def test_what_was_left_half_made_is_made_anew_and_expired_keys_go(tmp_path: Path) -> None:
    home = tmp_path / "state" / "hometruth" / "authorities"
    for name in ("mine", ".making-x"):
        (home / name).mkdir(parents=True)
        (home / name / "mitmproxy-ca.pem").write_text("half a key")
    os.utime(home / ".making-x", (0, 0))
    short = keep_authority("short", datetime.now(UTC) + timedelta(seconds=2))
    eventually(lambda: short.is_expired)

    kept = keep_authority("mine", TOMORROW)

    assert not kept.is_expired
    assert [path.name for path in home.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x" * 99])
def test_a_name_that_leads_elsewhere_is_none(name: str) -> None:
    with pytest.raises(CaptureError, match="is no name for a case"):
        keep_authority(name, TOMORROW)


@pytest.mark.parametrize("length", [1, 25, 26, 60])
def test_any_name_fits_into_a_certificate(length: int) -> None:
    kept = keep_authority("n" * length, TOMORROW)
    shown = name_of(kept.ca_file)
    kept.remove()

    assert len(shown) <= 64
    assert shown.startswith(f"Hometruth recording {'n' * min(length, 22)}")


def test_a_certificate_that_would_expire_too_soon_is_renewed_and_the_tunnel_stays(tmp_path: Path) -> None:
    kept = keep_authority("mine", TOMORROW)
    tunnel = keys_in(kept.folder).read_bytes()
    before = kept.ca_file.read_bytes()
    later = TOMORROW + timedelta(days=2)

    assert (
        keep_authority("mine", later, needed_until=TOMORROW - timedelta(hours=1)).ca_file.read_bytes()
        == before
    )
    renewed = keep_authority("mine", later, needed_until=TOMORROW + timedelta(hours=1))

    assert renewed.ca_file.read_bytes() != before
    assert abs(renewed.until - later) < timedelta(seconds=2)
    assert keys_in(kept.folder).read_bytes() == tunnel


def test_a_recording_that_outlasts_its_certificate_says_so(tmp_path: Path) -> None:
    kept = keep_authority("short", datetime.now(UTC) + timedelta(seconds=2))
    with Recorder(tmp_path / "x.mitm", sinkhole=Sinkhole(), authority=kept.folder) as recorder:
        eventually(lambda: any("certificate expired" in gap.detail for gap in recorder.gaps()))
