"""Firefox holds nothing against the report: it would tell a listener, which hears of what it does block."""

import http.server
import json
import os
import queue
import re
import shutil
import subprocess
import threading
from html import unescape
from pathlib import Path

import pytest

from hometruth.report.html_page import render_html
from tests.report.test_html_page import WHEN, hostile_audit

PREFERENCES = {
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.normandy.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.type": 0,
}
STAY_S = 2
"""How long Firefox stays on the report before it goes on to the page that breaks its own policy."""


def policy_of(html: str) -> str:
    told = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    assert told
    return unescape(told[1])


def test_firefox_reports_nothing_of_the_page_and_something_of_one_that_breaks_the_policy(
    tmp_path: Path,
) -> None:
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip("no firefox on PATH, so the page was not looked at in it")
    report = render_html(hostile_audit(), generated=WHEN)
    broken = '<!DOCTYPE html><title>x</title><body style="color: red"><img src="/lure"><script>1</script>'
    reports: queue.Queue[dict[str, str]] = queue.Queue()
    asked: list[str] = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            pages = {"/report": report, "/broken": broken}
            body = pages.get(self.path, "").encode("utf-8", "surrogatepass")
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", f"{policy_of(report)}; report-uri /heard")
            if self.path == "/report":
                self.send_header("Refresh", f"{STAY_S}; url=/broken")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reports.put(told["csp-report"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    profile = tmp_path / "profile"
    profile.mkdir()
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items())
    (profile / "user.js").write_text("\n".join(lines))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/report"
        browser = subprocess.Popen(
            [program, "--headless", "--no-remote", "--profile", str(profile), address],
            env={**os.environ, "HOME": str(tmp_path)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            heard = [reports.get(timeout=120)]
        finally:
            browser.terminate()
            browser.wait(30)
            server.shutdown()
    while not reports.empty():
        heard.append(reports.get())

    assert {item["document-uri"].rpartition("/")[2] for item in heard} == {"broken"}
    assert asked[0] == "/report"
    assert "/lure" not in asked
