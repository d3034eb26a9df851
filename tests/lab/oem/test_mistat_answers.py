"""What MiStat makes of a server's answer: only "status":"ok" means that the events were taken."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from hometruth.capture.proxy import Recorder
from hometruth.capture.proxy.sinkhole import Sinkhole
from hometruth.lab import Phone, start_phone
from hometruth.lab.ledger import read_ledger
from tests.lab.conftest import STORY_MS

HOST = "data.mistat.intl.xiaomi.com"


@contextmanager
def answering(*answers: tuple[int, bytes]) -> Iterator[str]:
    """A server that gives these answers, one each; the last one stays."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_address[1]}"
        finally:
            http.shutdown()
            thread.join()


OK = json.dumps({"status": "ok", "data": {"delay": 60_000, "configVersion": 2}}).encode()


def visits(folder: Path, n: int, *answers: tuple[int, bytes]) -> list[tuple[int, str, str]]:
    """Visit *n* pages, a minute apart; number of events, interval and outcome of each upload."""
    with (
        answering(*answers) as url,
        Recorder(folder / "t.mitm", sinkhole=Sinkhole({HOST: url})) as recorder,
        start_phone(
            proxy=recorder.url,
            ca_file=recorder.ca_file,
            state_dir=folder / "phone",
            ledger=folder / "ledger",
            start_ms=STORY_MS,
        ) as phone,
    ):
        use(phone, n)
    sent = [request for request in read_ledger(folder / "ledger").requests if request.host == HOST]
    return [(len(one.events or ()), (one.clear or {})["interval"], one.outcome) for one in sent]


def use(phone: Phone, n: int) -> None:
    phone.set_channels("apps")
    phone.install("3.4.0")
    phone.launch()
    phone.set_consent("given")
    for _ in range(n):
        phone.visit("https://a.example/")
        phone.advance(60)


@pytest.mark.parametrize(
    "bad",
    [(503, b""), (200, b"no JSON"), (200, b'{"status":"busy"}'), (200, b'{"status":"ok"}'), (200, b"[]")],
)
def test_what_was_not_taken_waits_for_the_next_event(tmp_path: Path, bad: tuple[int, bytes]) -> None:
    assert [n for n, _, _ in visits(tmp_path, 3, bad, (200, OK))] == [2, 4, 2]


def test_the_server_says_when_to_send_next(tmp_path: Path) -> None:
    assert [interval for _, interval, _ in visits(tmp_path, 3, (200, OK))] == ["15000", "60000", "60000"]
