"""The operator's pages over HTTP, and in a real browser."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from hometruth.lab import CollectorHandle, start_collector
from hometruth.lab.collector.operator import page
from hometruth.lab.ledger import LedgerWriter, RecordedEvent
from tests.lab.collector.conftest import EVENT, Asks, plain
from tests.lab.collector.test_other_channels import DEVICE, RECORD, mistat, spock

HOSTILE = {
    "type": "track_signup",
    "original_id": "<svg onload=alert(1)>",
    "event": "<script>document.title='owned'</script>\x1b[31m\u202e",
    "distinct_id": "<img src=x onerror=\"document.title='owned'\">",
    "properties": {"url": "javascript:alert(1)\x00", "</td><b>k": ["</table>", {"a": "{{ 7*7 }}"}]},
}
STORY: list[dict[str, Any]] = [
    {**EVENT, "_track_id": 1, "distinct_id": "r1", "properties": {"url": "https://a.example/"}},
    {**EVENT, "_track_id": 2, "distinct_id": "r1", "properties": {"url": "https://clinic.example/"}},
    {**EVENT, "_track_id": 3, "type": "track_signup", "distinct_id": "anna", "original_id": "r1"},
    {**EVENT, "_track_id": 4, "distinct_id": "anna", "properties": {"url": "https://later.example/"}},
]


def text_of(html: bytes) -> str:
    """Words of a page, in order."""
    return " ".join(re.sub(r"<[^>]*>", " ", html.decode()).split())


def test_the_latest_event_is_on_top_and_the_page_comes_again(ask: Asks) -> None:
    ask("POST", "/sa", plain(STORY))
    answer = ask("GET", "/operator")

    assert (answer.status, answer.headers.get_content_type()) == (200, "text/html")
    assert text_of(answer.body).index("later.example") < text_of(answer.body).index("clinic.example")
    assert "4 events of 1 person" in text_of(answer.body)
    assert b'<meta http-equiv="refresh"' in answer.body


def test_one_persons_life_before_and_after_the_account_names_it(ask: Asks) -> None:
    ask("POST", "/sa", plain(STORY))
    assert "anna" in text_of(ask("GET", "/operator/people").body)
    life = text_of(ask("GET", "/operator/people/1").body)

    order = ["a.example", "clinic.example", "The account anna is the random id r1", "later.example"]
    assert [life.index(part) for part in order] == sorted(life.index(part) for part in order)


def test_one_life_holds_what_came_by_every_channel(ask: Asks) -> None:
    by_sensors = {**EVENT, "_track_id": 9, "properties": {"$device_id": DEVICE}}
    ask("POST", "/sa", plain([*STORY, by_sensors]))
    ask("POST", "/mistats/v2", mistat([{"key": "search", "time": 1, "params": {"search_word": "second"}}]))
    ask("POST", "/track/spock", spock({"H": {"b": DEVICE, "a": "an-imei"}, "B": [RECORD]}))
    life = text_of(ask("GET", "/operator/people/5").body)

    assert "search sent by MiStat search_word second" in life
    assert "app_open sent by the system" in life
    assert "an-imei" in life
    assert "3 events, in order" in life


def test_what_was_touched_is_told(ask: Asks) -> None:
    touch = {"$element_content": "Pregnancy tests", "$screen_name": "Home", "$lib": "Android"}
    ask("POST", "/sa", plain([{**EVENT, "event": "$AppClick", "properties": touch}]))
    page = text_of(ask("GET", "/operator").body)

    assert "Pregnancy tests" in page
    assert "Home" in page
    assert "Android" not in page


@pytest.mark.parametrize("path", ["", "/people", "/people/1"])
def test_every_page_says_that_all_is_simulated_and_allows_nothing(ask: Asks, path: str) -> None:
    ask("POST", "/sa", plain(STORY))
    answer = ask("GET", f"/operator{path}")

    assert "Simulated." in text_of(answer.body)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; ")
    assert not re.search(
        rb"<script|\son\w+=|\sstyle=|https?://", re.sub(rb"https://\w+\.example/", b"", answer.body)
    )


def test_which_window_was_open_comes_from_the_labs_record_alone(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    with start_collector(tmp_path / "c.sqlite", ledger=ledger) as collector:
        urlopen(f"{collector.url}/sa", plain(STORY)).close()
        before = urlopen(collector.operator_url).read()
        writer = LedgerWriter(ledger)
        writer.event(RecordedEvent(session=1, at_ns=1, event=STORY[1], cell={"mode": "incognito"}))
        writer.close()
        after = urlopen(collector.operator_url).read()

    assert before.count(b"incognito</span>") == 0
    assert after.count(b"incognito</span>") == 1


def test_every_row_of_a_private_window_is_marked_and_one_person_has_one_name(tmp_path: Path) -> None:
    """MiStat's rows, too, which have neither a number nor the account."""
    ledger = tmp_path / "ledger.jsonl"
    told = [
        {"key": "search", "time": at, "params": {"search_word": word}}
        for at, word in ((1, "secret"), (2, "open"), (3, "both"), (3, "both"))
    ]
    story = [{**event, "properties": {**event["properties"], "$device_id": DEVICE}} for event in STORY]
    with start_collector(tmp_path / "c.sqlite", ledger=ledger) as collector:
        writer = LedgerWriter(ledger)
        for event, mode in zip(told, ("incognito", "normal", "incognito", "normal"), strict=True):
            writer.event(RecordedEvent(1, 1, event, {"mode": mode}, "mistat"))
        writer.event(RecordedEvent(session=1, at_ns=1, event=story[1], cell={"mode": "incognito"}))
        writer.close()
        urlopen(f"{collector.url}/sa", plain(story)).close()
        urlopen(f"{collector.url}/mistats/v2", mistat(told)).close()
        live = urlopen(collector.operator_url).read().decode()

    rows = {text_of(row.encode()): row for row in re.findall("<tr.*?</tr>", live, re.DOTALL)[1:]}
    marks = {row.split(" sent by")[0].split(" ", 2)[2]: row.split()[-1] for row in rows if "MiStat" in row}
    assert marks == dict.fromkeys(("search incognito", "search normal", "search incognito or normal"), "anna")
    assert {re.search(r">([^<]*)</a></td>", row)[1] for row in rows.values()} == {"anna"}  # type: ignore[index]
    assert sum("incognito" in row for row in rows if "clinic.example" in row) == 1


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[", "127.0.0.1:x"]
)
def test_a_name_that_is_not_loopback_is_not_answered(ask: Asks, host: str) -> None:
    """A web page could point a name of its own here, and would then be of the same origin."""
    assert ask("GET", "/operator", None, {"Host": host}).status in {400, 421}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8106", "[::1]:8106"])
def test_loopback_names_are_answered(ask: Asks, host: str) -> None:
    assert ask("GET", "/operator", None, {"Host": host}).status == 200


@pytest.mark.parametrize("path", ["/x", "/people/2", "/people/%3Cb%3E", "/people/1/x", "/../../etc/passwd"])
def test_what_is_not_there_is_404(ask: Asks, path: str) -> None:
    assert ask("GET", f"/operator{path}").status == 404


def test_pages_are_read_only(ask: Asks) -> None:
    assert ask("POST", "/operator", b"x").status == 405


def test_no_other_origin_may_read_them(ask: Asks) -> None:
    assert (
        "Access-Control-Allow-Origin"
        not in ask("GET", "/operator", None, {"Origin": "http://a.example"}).headers
    )


def test_events_that_nothing_ties_together_have_no_page(ask: Asks) -> None:
    """As the aggregated variant reports: a fresh identifier each time."""
    ask("POST", "/sa", plain([{**EVENT, "_track_id": n, "distinct_id": f"{n:032x}"} for n in range(3)]))
    people = ask("GET", "/operator/people").body

    assert "3 more events stand alone" in text_of(people)
    assert b'href="/operator/people/' not in people + ask("GET", "/operator").body
    assert ask("GET", "/operator/people/1").status == 404


def test_a_long_life_is_cut_and_says_so(ask: Asks) -> None:
    many = [{**EVENT, "_track_id": n, "distinct_id": "r"} for n in range(page.MAX_TIMELINE + 5)]
    ask("POST", "/sa", plain(many))

    assert "The first 5 are not shown" in text_of(ask("GET", "/operator/people/1").body)


@pytest.fixture
def chromium(tmp_path: Path) -> Callable[..., str]:
    """Open an address in headless Chromium; what it prints."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no chromium on PATH, so the page was not looked at in a real browser")

    def run(url: str, *options: str) -> str:
        command = [
            *(program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *("--disable-dev-shm-usage", "--disable-background-networking"),
            *(f"--user-data-dir={tmp_path / 'profile'}", *options, url),
        ]
        environment = {**os.environ, "HOME": str(tmp_path)}
        return subprocess.run(
            command, capture_output=True, timeout=120, check=True, env=environment
        ).stdout.decode()

    return run


def test_hostile_names_and_values_stay_text_in_a_browser(
    collector: CollectorHandle, ask: Asks, chromium: Callable[..., str]
) -> None:
    ask("POST", "/sa?project=%3Cb%3Eevil", plain([HOSTILE]))

    for path in ("/people/1", "/people"):
        dom = chromium(f"{collector.operator_url}{path}", "--dump-dom")
        assert not re.search(r"<(script|img|svg|b>k|b>evil)", dom)
        assert "the operator's view (simulated)</title>" in dom
        assert "&lt;img src=x onerror=" in dom
    life = ask("GET", "/operator/people/1").body.decode()
    assert "&lt;script&gt;" in life
    assert r"&lt;/script&gt;\u{1b}[31m\u{202e}" in life
    assert r"javascript:alert(1)\u{0}" in life
    assert 'href="javascript' not in life
    assert "{{ 7*7 }}" in life
