"""Real browsers without a screen, otherwise as they come, behind a recorder; each opens addresses in tabs."""

import base64
import hashlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hometruth.capture import Recorder

WAIT_S = 60.0
TABS = 12
"""Tabs that stay open; older ones are closed."""
Answer = TypeVar("Answer")
Visit = Callable[[str], None]
Browser = Callable[[str, Path, Recorder], AbstractContextManager[Visit]]


@contextmanager
def chromium(program: str, folder: Path, recorder: Recorder) -> Iterator[Visit]:
    """Chromium, by its debugging port; yields how to open an address."""
    certificate = x509.load_pem_x509_certificate(recorder.ca_file.read_bytes())
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    trusted = base64.b64encode(hashlib.sha256(key).digest()).decode()
    command = [
        *(program, "--headless=new", "--no-sandbox", "--no-first-run", "--disable-quic"),
        *("--disable-extensions", "--disable-popup-blocking", "--password-store=basic"),
        *("--remote-debugging-port=0", f"--user-data-dir={folder}"),
        f"--proxy-server=http://127.0.0.1:{recorder.port}",
        *(f"--ignore-certificate-errors-spki-list={trusted}", "about:blank"),
    ]
    with _running(command, folder):
        port = waited_for(lambda: _first_line(folder / "DevToolsActivePort"))
        opener = build_opener(ProxyHandler({}))
        tabs: list[str] = []

        def visit(url: str) -> None:
            asked = f"http://127.0.0.1:{port}/json/new?{quote(url, safe='')}"
            tabs.append(json.load(opener.open(Request(asked, method="PUT")))["id"])
            if len(tabs) > TABS:
                opener.open(f"http://127.0.0.1:{port}/json/close/{tabs.pop(0)}").read()

        yield visit


FIREFOX_PREFERENCES = {
    "network.proxy.type": 1,
    "network.proxy.allow_hijacking_localhost": True,
    "network.proxy.no_proxies_on": "",
    "dom.disable_open_during_load": False,
    "remote.prefs.recommended": False,
    "toolkit.telemetry.testing.disableFuzzingDelay": True,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "network.http.http3.enable": False,
}
"""The way out, windows that pages open, and nothing switched off that it tells its maker."""


@contextmanager
def firefox(program: str, folder: Path, recorder: Recorder) -> Iterator[Visit]:
    """Firefox, by Marionette; yields how to open an address."""
    folder.mkdir(parents=True)
    port = _free_port()
    preferences = {**FIREFOX_PREFERENCES, "marionette.port": port}
    for protocol in ("http", "ssl"):
        preferences[f"network.proxy.{protocol}"] = "127.0.0.1"
        preferences[f"network.proxy.{protocol}_port"] = recorder.port
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items())
    (folder / "user.js").write_text("\n".join(lines))
    command = [program, "--headless", "--no-remote", "--marionette", "--profile", str(folder)]
    with _running(command, folder), _connected(port) as talk:
        asked = _Marionette(talk)
        asked("WebDriver:NewSession", acceptInsecureCerts=True, unhandledPromptBehavior="accept")
        asked("WebDriver:SetTimeouts", pageLoad=int(1000 * WAIT_S))

        def visit(url: str) -> None:
            tab = asked("WebDriver:NewWindow", type="tab")["handle"]
            asked("WebDriver:SwitchToWindow", handle=tab)
            asked("WebDriver:Navigate", url=url)
            handles = asked("WebDriver:GetWindowHandles")
            for old in handles[:-TABS]:
                asked("WebDriver:SwitchToWindow", handle=old)
                asked("WebDriver:CloseWindow")
            asked("WebDriver:SwitchToWindow", handle=handles[-1])

        yield visit


BROWSERS: dict[str, Browser] = {"chromium": chromium, "firefox": firefox}


LEFT_ALONE = frozenset({"timeout", "unknown error"})
"""What a page, and where it leads, may do to a visit: it was made all the same."""


class _Marionette:
    """Commands of `remote/marionette`: JSON behind its length."""

    def __init__(self, talk: socket.socket) -> None:
        self._stream = talk.makefile("rwb")
        self._number = 0
        self._read()  # who it is

    def __call__(self, command: str, **arguments: object) -> Any:
        self._number += 1
        message = json.dumps([0, self._number, command, arguments]).encode()
        self._stream.write(b"%d:%s" % (len(message), message))
        self._stream.flush()
        _, _, error, result = self._read()
        if error and error["error"] not in LEFT_ALONE:
            raise RuntimeError(f"{command}: {error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and result.keys() == {"value"} else result

    def _read(self) -> Any:
        digits = b""
        while (byte := self._stream.read(1)) not in (b":", b""):
            digits += byte
        return json.loads(self._stream.read(int(digits)))


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "HOME": str(folder)},
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(WAIT_S)


@contextmanager
def _connected(port: int) -> Iterator[socket.socket]:
    def try_once() -> socket.socket | None:
        with suppress(OSError):
            return socket.create_connection(("127.0.0.1", port))
        return None

    talk = waited_for(try_once)
    talk.settimeout(2 * WAIT_S)
    with talk:
        yield talk


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _first_line(file: Path) -> str:
    return file.read_text().partition("\n")[0] if file.exists() else ""


def waited_for(answer: Callable[[], Answer | None]) -> Answer:
    """What *answer* says as soon as it says anything."""
    until = time.monotonic() + WAIT_S
    while not (found := answer()):
        if time.monotonic() > until:
            raise TimeoutError("the browser does not answer")
        time.sleep(0.1)
    return found
