"""A browser of this machine that plays the device: its line, and its one profile."""

import shlex
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hometruth.experiment.drivers.by_hand.hand_log import HandLog
from hometruth.experiment.drivers.by_hand.here import LIKE_CHROMIUM, BrowserHere

PROXY = "http://127.0.0.1:8080"


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.fixture
def log(tmp_path: Path) -> Iterator[HandLog]:
    with closing(HandLog(tmp_path)) as made:
        yield made


@pytest.mark.parametrize("product", sorted(LIKE_CHROMIUM))
def test_its_line_starts_no_other_product_and_trusts_only_while_it_is_to(product: str, log: HandLog) -> None:
    here = BrowserHere(product, log)
    program, *words = shlex.split(here.line(PROXY, "the/pin="))
    again = shlex.split(here.line(PROXY, None))

    assert program in LIKE_CHROMIUM[product]
    assert words.pop(-2) == "--ignore-certificate-errors-spki-list=the/pin="
    assert again == [program, *words]
    assert f"--proxy-server={PROXY}" in words
    assert here.is_told_to_trust


def test_firefox_goes_through_the_recorder_and_has_the_certificate_installed(log: HandLog) -> None:
    here = BrowserHere("Firefox", log)
    words = shlex.split(here.line(PROXY, "pin"))
    profile = Path(words[words.index("--profile") + 1])

    assert "pin" not in words
    assert not here.is_told_to_trust
    assert '("network.proxy.ssl_port", 8080)' in (profile / "user.js").read_text()


def test_its_profile_is_the_same_when_the_run_is_gone_on_with_and_goes_with_it(
    tmp_path: Path, log: HandLog
) -> None:
    first = BrowserHere("Chromium", log).line(PROXY, "pin")
    with closing(HandLog(tmp_path)) as later:
        again = BrowserHere("Chromium", later)
        assert again.line(PROXY, "pin") == first
        (profile,) = tmp_path.glob("hometruth-browser-*")
        again.remove()

    assert not profile.exists()


def test_of_another_product_no_line_is_known(log: HandLog) -> None:
    assert BrowserHere("Own Browser", log).line(PROXY, "pin") == ""
