"""Headless Chromium, asked over its pipe (--remote-debugging-pipe), for pages that let no script in.

https://chromedevtools.github.io/devtools-protocol/
"""

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FIRST_FREE = 50
"""The two ends become 3 and 4 in the browser, so neither may be one of these before."""


class Pipe:
    """The two ends, which all pages of the browser share."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._unread = b""
        self._n_asked = 0
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, parameters: Mapping[str, object], session: str | None) -> Mapping[str, Any]:
        """Its answer."""
        self._n_asked += 1
        message: dict[str, object] = {"id": self._n_asked, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (told := self.next()).get("id") != self._n_asked:
            self.events.append(told)
        assert "error" not in told, told
        result: Mapping[str, Any] = told["result"]
        return result

    def next(self) -> dict[str, Any]:
        """What comes next."""
        while b"\0" not in self._unread:
            data = os.read(self._from, 1 << 16)
            assert data, "the browser has ended"
            self._unread += data
        message, _, self._unread = self._unread.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        return told


class DevTools:
    """One page of the browser.

    Args:
        private: In a context of its own, as a private window is.
    """

    def __init__(self, pipe: Pipe, *, private: bool = False) -> None:
        self._pipe = pipe
        self._session: str | None = None
        self.events = pipe.events
        own = self.ask("Target.createBrowserContext") if private else {}
        target = self.ask("Target.createTarget", url="about:blank", **own)["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Log", "Audits", "Runtime"):
            self.ask(f"{domain}.enable")

    def window(self, *, private: bool = False) -> "DevTools":
        """Another page of the same browser."""
        return DevTools(self._pipe, private=private)

    def ask(self, method: str, **parameters: object) -> Mapping[str, Any]:
        """Its answer."""
        return self._pipe.ask(method, parameters, self._session)

    def open(self, url: str, width: int, height: int = 800) -> None:
        """Load a page, and wait until it is there."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.events.clear()
        self.ask("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._pipe.next())

    def value(self, expression: str) -> Any:
        """Of JavaScript, run beside the page."""
        told = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def complaints(self) -> list[str]:
        """What the browser held against the page since it was opened."""
        names = ("Log.entryAdded", "Audits.issueAdded", "Runtime.exceptionThrown")
        return [json.dumps(event["params"]) for event in self.events if event["method"] in names]


UNSEEN = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-dev-shm-usage", "--disable-background-networking"),
)
"""Chromium without a screen, on a machine that may be a container."""


@contextmanager
def devtools(program: str, profile: Path, *options: str) -> Iterator[DevTools]:
    """A browser with a fresh profile."""
    browser_in, to_browser = os.pipe()
    from_browser, browser_out = os.pipe()
    given = [fcntl.fcntl(end, fcntl.F_DUPFD, FIRST_FREE) for end in (browser_in, browser_out)]

    def place() -> None:
        os.dup2(given[0], 3)
        os.dup2(given[1], 4)

    command = [program, *UNSEEN, "--remote-debugging-pipe", f"--user-data-dir={profile}", *options]
    process = subprocess.Popen(
        command,
        pass_fds=(3, 4),
        preexec_fn=place,  # noqa: PLW1509 - two calls of the system, and no lock
        env={**os.environ, "HOME": str(profile)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for end in (browser_in, browser_out, *given):
        os.close(end)
    try:
        yield DevTools(Pipe(to_browser, from_browser))
    finally:
        process.terminate()
        process.wait(30)
        os.close(to_browser)
        os.close(from_browser)
