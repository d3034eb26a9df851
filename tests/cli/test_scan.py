"""`hometruth scan`: what it prints and how it ends."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hometruth.canaries import mint
from hometruth.cli.scan import command
from hometruth.model import Canary
from tests.published import fits, lines_fit

URL = "https://secret.example.test/health?q=lump&page=2"


def entry(url: str, body: str | None = None, *, second: int = 0) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": "GET" if body is None else "POST",
        "url": url,
        "httpVersion": "HTTP/1.1",
        "headers": [],
        "queryString": [],
        "cookies": [],
        "headersSize": -1,
        "bodySize": 0 if body is None else len(body),
    }
    if body is not None:
        request["postData"] = {"mimeType": "application/json", "text": body}
    response = {"status": 200, "statusText": "", "httpVersion": "HTTP/1.1", "headers": [], "cookies": []}
    response |= {"content": {"size": 0, "mimeType": ""}, "redirectURL": "", "headersSize": -1, "bodySize": 0}
    return {
        "startedDateTime": f"2026-11-22T10:00:{second:02}.000Z",
        "time": 1,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": 1, "receive": 0},
    }


def har(path: Path, *entries: dict[str, Any]) -> Path:
    log = {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": list(entries)}
    path.write_text(json.dumps({"log": log}), "utf-8")
    return path


def canaries(folder: Path, document: object) -> Path:
    path = folder / "canaries.json"
    path.write_text(json.dumps(document), "utf-8")
    return path


def scan(*args: str | Path) -> Result:
    return CliRunner().invoke(command, [str(arg) for arg in args], standalone_mode=False)


def rows(result: Result) -> list[dict[str, Any]]:
    return [row for row in lines_fit("scan-line", result.stdout) if "summary" not in row]


def test_a_finding_is_one_line_of_json(tmp_path: Path) -> None:
    capture = har(
        tmp_path / "a.har", entry("https://quiet.test/"), entry("https://t.test/c", json.dumps({"u": [URL]}))
    )
    result = scan(capture, "--canaries", canaries(tmp_path, {"visited": URL}), "--jsonl")
    (row,) = rows(result)

    assert result.return_value == 1
    assert row.pop("evidence_bits") > 0
    assert row == {
        "capture": str(capture),
        "entry": 1,
        "canary": "visited",
        "part": "body",
        "path": "u[0]",
        "chain": ["json"],
        "form": "plain",
        "recipient": "t.test",
        "expected": False,
        "delivered": "yes",
    }


def test_an_own_host_is_expected_and_not_called_clean(tmp_path: Path) -> None:
    capture = har(tmp_path / "a.har", entry("https://search.test/?q=moginezosafe"))
    known = {"canaries": [{"id": "q", "value": "moginezosafe", "first_party": ["search.test"]}]}
    path = canaries(tmp_path, known)

    assert [row["expected"] for row in rows(scan(capture, "--canaries", path, "--jsonl"))] == [True]
    shown = scan(capture, "--canaries", path)
    assert shown.return_value == 0
    assert "(own host, not" in shown.stdout


def test_another_host_below_an_own_one_is_not_expected(tmp_path: Path) -> None:
    capture = har(
        tmp_path / "a.har",
        entry("https://t.search.test/?q=moginezosafe"),
        entry("https://a.own.test/moginezosafe"),
    )
    known = {"canaries": [{"id": "q", "value": "moginezosafe", "first_party": ["search.test", "*.own.test"]}]}
    result = scan(capture, "--canaries", canaries(tmp_path, known), "--jsonl")

    assert [row["expected"] for row in rows(result)] == [False, True]


def test_nothing_found_ends_with_0(tmp_path: Path) -> None:
    capture = har(tmp_path / "a.har", entry("https://t.test/"))
    result = scan(capture, "--canaries", canaries(tmp_path, ["moginezosafe"]))

    assert result.return_value == 0
    assert "Nothing found in 1 exchanges" in result.stdout


def test_one_document_of_json(tmp_path: Path) -> None:
    capture = har(tmp_path / "a.har", entry("https://t.test/?u=moginezosafe"))
    document = fits(
        "scan", scan(capture, "--canaries", canaries(tmp_path, ["moginezosafe"]), "--json").stdout
    )

    assert document["exchanges"] == 1
    assert document["phantoms_sighted"] == 0
    assert [row["path"] for row in document["findings"]] == ["u"]


def test_an_unreadable_capture_does_not_stop_the_others(tmp_path: Path) -> None:
    bad = tmp_path / "a.har"
    bad.write_bytes(b"\x00garbage")
    good = har(tmp_path / "b.har", entry("https://t.test/?u=moginezosafe"))
    result = scan(
        bad, tmp_path / "none.har", good, "--canaries", canaries(tmp_path, ["moginezosafe"]), "--jsonl"
    )

    assert [row["capture"] for row in rows(result)] == [str(good)]
    assert str(bad) in result.stderr
    assert "none.har" in result.stderr
    assert result.return_value == 2


def test_a_capture_that_could_not_be_read_is_not_called_silent(tmp_path: Path) -> None:
    (tmp_path / "a.har").write_bytes(b"")
    result = scan(tmp_path / "a.har", "--canaries", canaries(tmp_path, ["moginezosafe"]))

    assert result.stdout == ""
    assert result.return_value == 2


def test_a_folder_is_read_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    (folder / "deep").mkdir(parents=True)
    for name in ("b.har", "a.har", "deep/c.har"):
        har(folder / name, entry("https://t.test/?u=moginezosafe"))
    (folder / "notes.txt").write_text("no capture")
    result = scan(folder, "--canaries", canaries(tmp_path, ["moginezosafe"]), "--jsonl")

    assert [Path(row["capture"]).name for row in rows(result)] == ["a.har", "b.har", "c.har"]


def test_gaps_are_listed_at_the_end(tmp_path: Path) -> None:
    posted = entry("https://t.test/c", "x")
    del posted["request"]["postData"]
    posted["request"]["bodySize"] = 500
    result = scan(
        har(tmp_path / "a.har", posted), "--canaries", canaries(tmp_path, ["moginezosafe"]), "--jsonl"
    )

    assert "not-recorded" in result.stderr
    assert rows(result) == []
    assert result.return_value == 0


def test_what_was_found_in_the_query_is_no_gap_of_the_path(tmp_path: Path) -> None:
    value = base64.b64encode(b'{"q": "moginezosafe"}').decode()
    capture = har(tmp_path / "a.har", entry(f"https://t.test/c?d={value}"))
    result = scan(capture, "--canaries", canaries(tmp_path, ["moginezosafe"]), "--jsonl")

    assert [row["chain"] for row in rows(result)] == [["base64", "json"]]
    assert result.stderr == ""


def test_a_phantom_that_is_sighted_is_loud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ghost = mint("page", phantom=True)

    def known_ghost(kind: str, *, phantom: bool = False, rng: Random) -> Canary:
        return ghost

    monkeypatch.setattr("hometruth.audit.scanner.mint", known_ghost)
    capture = har(tmp_path / "a.har", entry(f"https://t.test/?u={ghost.value}"))
    result = scan(capture, "--canaries", canaries(tmp_path, ["moginezosafe"]), "--jsonl")

    assert "PHANTOM SIGHTED" in result.stderr
    assert rows(result) == []
    assert result.return_value == 2


def test_hostile_text_is_written_out(tmp_path: Path) -> None:
    capture = har(
        tmp_path / "a.har", entry("https://t.test/c", json.dumps({"\x1b[31m\u202ered": "moginezosafe"}))
    )
    path = canaries(tmp_path, ["moginezosafe"])
    for option in ([], ["--jsonl"], ["--json"]):
        result = scan(capture, "--canaries", path, *option)

        assert "\x1b[31m" not in result.stdout
        assert "\u202e" not in result.stdout


def test_personal_values_are_masked_in_the_table(tmp_path: Path) -> None:
    capture = har(tmp_path / "a.har", entry("https://t.test/?u=jane.lump@example.org"))
    result = scan(capture, "--canaries", canaries(tmp_path, ["jane.lump@example.org"]))

    assert "jane.lump@example.org" not in result.stdout
    assert "Weak" in result.stdout


def test_bad_canaries_are_one_clear_error(tmp_path: Path) -> None:
    capture = har(tmp_path / "a.har", entry("https://t.test/"))
    run = subprocess.run(
        [sys.executable, "-m", "hometruth", "scan", capture, "--canaries", canaries(tmp_path, ["ab"])],
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 2
    assert run.stderr.startswith("hometruth: ")
    assert len(run.stderr.splitlines()) == 1


BROWSERS = {
    "chromium-ext-cdp-headless-both": {"normal": {"collector.test"}, "private": {"collector.test"}},
    "chromium-xvfb-debian-normal": {"submitted_query": {"duckduckgo.com"}},
    "chromium-xvfb-google-normal": {
        "visit_host": {"www.google.com"},
        "visit2_host": {"www.google.com"},
        "visit2_path": {"www.google.com"},
        "typed_query": {"www.google.com"},
        "typed_url": {"www.google.com"},
        "submitted_query": {"www.google.com"},
    },
    "chromium-xvfb-google-private": {"submitted_query": {"www.google.com"}},
    "firefox-xvfb-upstream-normal": {
        "typed_query": {"www.google.com"},
        "typed_url": {"www.google.com"},
        "submitted_query": {"www.google.com"},
    },
    "firefox-xvfb-upstream-private": {"submitted_query": {"www.google.com"}},
}
"""Whole tokens and who got them, own hosts aside; checked against a plain search of the decoded flows."""


@pytest.mark.shared
@pytest.mark.parametrize("name", BROWSERS)
@pytest.mark.parametrize("capture", ["all.mitm", "all.har"])
def test_browser_recordings(name: str, capture: str, shared: Path) -> None:
    folder = shared / "captures/browsers" / name
    result = scan(folder / capture, "--canaries", folder / "tokens.json", "--jsonl")
    got: dict[str, set[str]] = {}
    for row in rows(result):
        if not row["recipient"].endswith(".example.test"):
            got.setdefault(row["canary"], set()).add(row["recipient"])

    assert got == BROWSERS[name]
    assert {row["delivered"] for row in rows(result)} == {"yes"}


@pytest.mark.shared
def test_keystrokes_go_to_the_suggest_endpoint_and_telemetry_is_unwrapped(shared: Path) -> None:
    google = shared / "captures/browsers/chromium-xvfb-google-normal"
    typed = [
        row
        for row in rows(scan(google / "all.mitm", "--canaries", google / "tokens.json", "--jsonl"))
        if row["canary"] == "typed_query"
    ]
    extension = shared / "captures/browsers/chromium-ext-cdp-headless-both"
    unwrapped = [
        (row["path"], row["chain"])
        for row in rows(scan(extension / "all.mitm", "--canaries", extension / "tokens.json", "--jsonl"))
        if row["recipient"] == "collector.test"
    ]

    assert [(row["part"], row["path"]) for row in typed] == [("query", "q")]
    assert unwrapped
    assert {path for path, _ in unwrapped} == {"d.url", "d.title"}
    assert all(chain == ["percent", "base64", "gzip", "json"] for _, chain in unwrapped)


def answered(one: dict[str, Any], **response: Any) -> dict[str, Any]:
    """The entry with another answer."""
    return {**one, "response": {**one["response"], **response}}


STRONG = "c" + "k5x2m7" * 4
"""A value long enough to decide by itself."""


@pytest.mark.parametrize(
    ("answer", "title", "codes"),
    [
        ({}, "Canaries seen in 1 exchanges", (1, 1, 1)),
        ({"status": 0, "_error": "net::ERR_BLOCKED_BY_CLIENT"}, "Tried to send", (0, 0, 1)),
        ({"status": 0, "_error": "net::ERR_NAME_NOT_RESOLVED"}, "Tried to send", (0, 0, 1)),
        ({"status": 0}, "Tried to send", (0, 0, 1)),
    ],
)
def test_an_attempt_stands_apart_and_is_no_finding_unless_asked(
    tmp_path: Path, answer: dict[str, Any], title: str, codes: tuple[int, int, int]
) -> None:
    capture = har(tmp_path / "a.har", answered(entry(f"https://t.test/?u={STRONG}"), **answer))
    known = canaries(tmp_path, [STRONG])

    assert title in scan(capture, "--canaries", known).stdout
    results = [
        scan(capture, "--canaries", known, *more)
        for more in ([], ["--fail-on", "weak"], ["--fail-on", "attempt"])
    ]
    assert tuple(result.return_value for result in results) == codes


def test_a_weak_finding_stands_apart_and_is_no_finding_unless_asked(tmp_path: Path) -> None:
    capture = har(tmp_path / "a.har", entry("https://t.test/?u=moginezosafe"))
    known = canaries(tmp_path, ["moginezosafe"])
    shown = scan(capture, "--canaries", known)

    assert "Nothing that decides was found in 1 exchanges" in shown.stdout
    assert "Weak: less than 40 bits" in shown.stdout
    assert shown.return_value == 0
    assert scan(capture, "--canaries", known, "--fail-on", "attempt").return_value == 0
    assert scan(capture, "--canaries", known, "--fail-on", "weak").return_value == 1


def test_one_delivered_finding_among_attempts_is_found(tmp_path: Path) -> None:
    one = entry(f"https://t.test/?u={STRONG}")
    capture = har(tmp_path / "a.har", answered(one, status=0), one, answered(one, status=0))

    assert scan(capture, "--canaries", canaries(tmp_path, [STRONG])).return_value == 1


def test_a_recorder_that_keeps_no_answers_is_no_excuse(tmp_path: Path) -> None:
    one = entry(f"https://t.test/?u={STRONG}")
    del one["response"]
    result = scan(har(tmp_path / "a.har", one), "--canaries", canaries(tmp_path, [STRONG]))

    assert result.return_value == 1
    assert "answer not recorded" in " ".join(result.stdout.split())
