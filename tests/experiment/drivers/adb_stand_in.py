"""The stand-in phone at a real `adb` server of its own, for tests and soaks."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hometruth.experiment import bundled_plan
from hometruth.experiment.drivers import adb, adb_device, adb_journal
from hometruth.experiment.drivers.adb_device import PROXY, AdbPhone
from hometruth.experiment.drivers.adb_journal import PhoneJournal
from tests.experiment.drivers.adb_phone import BROWSER, SERIAL, said
from tests.experiment.drivers.apks import signed_apk

ROOT = Path(__file__).parents[3]
STARTS_S = 60.0
APP = "org.example.app"
PUSHED = "/sdcard/Download/ht-01234567.conf"
NO_ADB = "not on this machine: adb (on Debian: apt install adb)"

DAYS = f"days = {[0] * 8}"
OPTIONS = f"""
[subject.options]
package = "{BROWSER}"
address_bar = ["url_bar"]
marks = {{ private = "Private browsing" }}
may_clear = true
idle_s = 0.2

[subject.options.windows]
normal = ["More options", "New tab"]
private = ["More options", "New private tab"]
"""


@dataclass
class StandIn:
    """A phone that runs, and what it says of itself."""

    folder: Path
    serial: str
    env: Mapping[str, str]
    """By which programs find it."""
    process: "subprocess.Popen[bytes]"
    first: Mapping[str, Any] = field(init=False)
    """What was on it in the beginning."""

    def __post_init__(self) -> None:
        self.first = self.state

    @property
    def state(self) -> dict[str, Any]:
        """What is on it now, as far as it must be put back."""
        state: dict[str, Any] = json.loads((self.folder / "state.json").read_text())
        return state

    @property
    def said(self) -> list[list[str]]:
        """Commands that its shell ran."""
        return list(said(self.folder))

    def lose(self) -> None:
        """Take the phone away."""
        self.process.kill()
        self.process.wait()


@contextmanager
def stand_in(folder: Path, **android: object) -> Iterator[StandIn]:
    """A phone at Debian's `adb`, whose server has a port of its own.

    Args:
        android: What is on it, by the names of `Android`.
    """
    program = shutil.which("adb")
    assert program, NO_ADB
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "browser.apk").write_bytes(signed_apk())
    (folder / "android.json").write_text(json.dumps(android))
    with socket.create_server(("127.0.0.1", 0)) as free:
        server_port = str(free.getsockname()[1])
    env = {"ANDROID_ADB_SERVER_PORT": server_port, "HOME": str(folder), "PATH": os.environ["PATH"]}
    phone = subprocess.Popen([sys.executable, "-m", "tests.experiment.drivers.adb_phone", folder], cwd=ROOT)
    with (folder / "adb.log").open("wb") as log:
        command = [program, "-P", server_port, "nodaemon", "server"]
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        until = time.monotonic() + STARTS_S
        while not (folder / "port").exists():
            assert time.monotonic() < until and phone.poll() is None, "the stand-in does not start"
            time.sleep(0.02)
        serial = f"127.0.0.1:{(folder / 'port').read_text()}"
        while "connected" not in _asked(program, server_port, env, "connect", serial):
            assert time.monotonic() < until, (folder / "adb.log").read_text()
            time.sleep(0.1)
        _asked(program, server_port, env, "-s", serial, "wait-for-device")
        yield StandIn(folder, serial, {"ANDROID_ADB_SERVER_PORT": server_port}, phone)
    finally:
        for process in (server, phone):
            process.kill()
            process.wait()


def flat(state: Mapping[str, Any]) -> set[tuple[str, str]]:
    """What is on a phone, one thing after the other: its name, and how it is."""
    lists = {(name, "") for what in ("packages", "files") for name in state[what]}
    return {*lists, *state["settings"].items(), *state["reverses"].items()}


def stand_in_plan() -> str:
    """The bundled plan, for the stand-in's browser: one session of each condition, and nothing leaves."""
    text = re.sub(r"(?s)\[subject\.options\].*?(?=# The visit)", OPTIONS, bundled_plan("phone-browser").text)
    text = text.replace('driver = "adb"', 'driver = "adb"\noffline = true\nonly_app = "Chrome"')
    for before, after in {"phantoms = 1000": "phantoms = 20", DAYS: "days = [0]"}.items():
        assert before in text
        text = text.replace(before, after)
    return text


def change_all(journal: PhoneJournal, device: AdbPhone) -> None:
    """Every kind of change there is."""
    device.set(journal, "global.stay_on_while_plugged_in", "7")
    device.lead_here(journal, 8228, 4444)
    device.set(journal, PROXY, "127.0.0.1:8228")
    device.look_at_screen(journal)
    device.screen()
    device.note_tunnel(journal, "ht-01234567")
    device.put(journal, PUSHED, b"[Interface]")
    device.install(journal, APP, b"PK app")


def change_and_undo(serial: str) -> None:
    """For a process of its own: begin when told to."""
    with pytest.MonkeyPatch.context() as patched:
        quicken(patched)
        sys.stdin.readline()
        device = AdbPhone(serial)
        with PhoneJournal(SERIAL) as journal:
            change_all(journal, device)
            journal.restore(device.undo)


def quicken(patched: pytest.MonkeyPatch) -> None:
    """The stand-in is quicker than a phone."""
    patched.setattr(adb_device, "QUIET_S", 0.4)
    patched.setattr(adb_journal, "IN_FLIGHT_S", 0.5)
    patched.setattr(adb, "THINKS_S", 0.1)
    patched.setattr(adb, "SHOWS_S", 3.0)


def _asked(program: str, port: str, env: Mapping[str, str], *words: str) -> str:
    done = subprocess.run(
        [program, "-P", port, *words], env=env, capture_output=True, text=True, timeout=STARTS_S, check=False
    )
    return done.stdout if done.returncode == 0 else ""
