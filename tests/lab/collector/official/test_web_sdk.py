"""``sa-sdk-javascript`` from npm, in real headless Chromium, delivers all its events by every send type."""

import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hometruth.lab import CollectorHandle
from tests.lab.collector.official.conftest import PATIENCE_S, Events, in_order, paths_of, stored_by
from tests.report.devtools import UNSEEN

LONG_ENOUGH_S = 3.0
"""After the page is done: what has not come by then was not sent."""
PAGE = Path(__file__).with_name("page.html")
EVERY_KIND = {
    *("track", "track_signup", "track_id_bind", "track_id_unbind", "item_set", "item_delete"),
    *("profile_set", "profile_set_once", "profile_increment", "profile_append", "profile_unset"),
    "profile_delete",
}
Visit = Callable[[dict[str, Any]], Events]


@pytest.fixture
def visit(packages: Path, tmp_path: Path) -> Iterator[Visit]:
    """Open the page in Chromium with the SDK's options; the events the SDK held."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no chromium on PATH, so the official Web SDK was not tried")
    held: queue.Queue[Events] = queue.Queue()
    served = {
        "/page": ("text/html", PAGE.read_bytes()),
        "/sdk.js": ("text/javascript", (packages / "sa-sdk-javascript/dist/web/sensorsdata.js").read_bytes()),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content_type, body = served[self.path.partition("?")[0]]
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            held.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    browsers: list[subprocess.Popen[bytes]] = []

    def visit(options: dict[str, Any]) -> Events:
        served["/options"] = ("application/json", json.dumps(options).encode())
        command = [
            *(program, *UNSEEN, f"--user-data-dir={tmp_path / 'profile'}"),
            f"http://127.0.0.1:{http.server_address[1]}/page?utm_source=synthetic-campaign",
            "--remote-debugging-port=0",  # keeps it open until it is ended
        ]
        environment = {**os.environ, "HOME": str(tmp_path)}
        browsers.append(
            subprocess.Popen(
                command,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
            )
        )
        return held.get(timeout=PATIENCE_S)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield visit
        finally:
            for browser in browsers:
                browser.terminate()
                browser.wait()
            http.shutdown()
            thread.join()


def held_and_stored(
    visit: Visit, collector: CollectorHandle, options: dict[str, Any]
) -> tuple[Events, Events]:
    """Let the SDK send everything; what it held, and what the collector has."""
    held = visit({"server_url": f"{collector.url}/sa?project=lab", "heatmap": {}, **options})
    assert {event["type"] for event in held} == EVERY_KIND
    assert {"$pageview", "$WebClick", "search"} <= {event.get("event") for event in held}
    return in_order(held), in_order(stored_by(collector, n=len(held)))


@pytest.mark.parametrize("send_type", ["image", "ajax", "beacon"])
def test_stored_is_what_the_sdk_held(visit: Visit, collector: CollectorHandle, send_type: str) -> None:
    held, stored = held_and_stored(visit, collector, {"send_type": send_type})

    assert stored == held
    assert paths_of(collector) == {"/sa.gif"}


def test_a_batch_is_stored_as_held_but_for_the_time_of_sending(
    visit: Visit, collector: CollectorHandle
) -> None:
    """The SDK writes ``_flush_time`` anew when it takes the events from the browser's storage."""
    held, stored = held_and_stored(visit, collector, {"batch_send": {"send_interval": 300}})

    assert [{**event, "_flush_time": 0} for event in stored] == [
        {**event, "_flush_time": 0} for event in held
    ]
    assert paths_of(collector) == {"/sa.gif"}


def test_debugging_is_stored(visit: Visit, collector: CollectorHandle) -> None:
    """Despite its name ``debug_mode_upload`` is what the SDK writes into ``Dry-Run``."""
    held, stored = held_and_stored(visit, collector, {"debug_mode": True, "debug_mode_upload": False})

    assert stored == held
    assert paths_of(collector) == {"/debug"}


def test_a_dry_run_is_accepted_and_not_stored(visit: Visit, collector: CollectorHandle) -> None:
    url = f"{collector.url}/sa?project=lab"

    assert visit({"server_url": url, "debug_mode": True, "debug_mode_upload": True})
    assert stored_by(collector, n=1, patience_s=LONG_ENOUGH_S) == []


def test_once_disabled_it_sends_nothing_at_all(visit: Visit, collector: CollectorHandle) -> None:
    """As recorded (web09): not even a farewell, as the Android SDK has one."""
    url = f"{collector.url}/sa?project=lab"

    assert visit({"server_url": url, "send_type": "ajax", "heatmap": {}, "disabled": True}) == []
    assert stored_by(collector, n=1, patience_s=LONG_ENOUGH_S) == []
