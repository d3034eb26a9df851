"""`hometruth audit`, as far as it goes without a browser; tests/docs and tests/audit have the browsers."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from hometruth.cli.audit import command
from hometruth.errors import DriverError
from tests.cli.forked import hometruth
from tests.experiment.drivers.desktop_programs import skip_without


def test_a_machine_without_the_browser_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    asked = CliRunner().invoke(command, ["--browser", "firefox", "--out", str(tmp_path / "case")])

    assert isinstance(asked.exception, DriverError)
    assert str(asked.exception) == (
        "Firefox is not on this machine; on Debian: apt install firefox-esr (or give its path)"
    )
    assert not (tmp_path / "case").exists()


def test_what_is_no_browser_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    skip_without("chromium")
    program = tmp_path / "parrot"
    program.write_text("#!/bin/sh\necho Parrot 1.0\n")
    program.chmod(0o700)

    done = hometruth("audit", "--browser", "chromium", "--program", program, "--out", tmp_path / "case")

    assert done.returncode == 2
    assert done.stderr == f"hometruth: {program} does not say that it is Chromium: 'Parrot 1.0'\n"
    assert not (tmp_path / "case").exists()


@pytest.mark.parametrize("extra", [("--sessions", "0"), ("--browser", "netscape")])
def test_bad_options_are_refused(tmp_path: Path, extra: tuple[str, str]) -> None:
    asked = CliRunner().invoke(command, ["--browser", "chromium", "--out", str(tmp_path / "case"), *extra])

    assert asked.exit_code == 2
    assert not (tmp_path / "case").exists()
