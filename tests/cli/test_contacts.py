"""`hometruth scan` without canaries: what known endpoints were sent."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hometruth.cli.scan import command
from tests.capture.pcap import files
from tests.cli.test_scan import canaries, entry, har
from tests.published import fits, lines_fit

ADVERTISING_ID = "1209d0b9-b959-42e6-b921-aa5d9d08c1af"
SENT = json.dumps({"google_advertising_id": ADVERTISING_ID, "brand": "Xiaomi", "latitude": None})


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    return har(
        tmp_path / "phone.har",
        entry("https://shop.example.test/basket"),
        entry("https://api2.branch.io/v1/open", SENT),
        entry("https://api2.branch.io/v1/open", SENT),
    )


def scan(*args: str | Path) -> Result:
    return CliRunner().invoke(command, [str(arg) for arg in args], standalone_mode=False)


def rows(result: Result) -> list[dict[str, Any]]:
    return [row for line in result.stdout.splitlines() if "contacted" not in (row := json.loads(line))]


def test_each_field_is_a_line_with_its_reason(capture: Path) -> None:
    result = scan(capture, "--jsonl")

    assert result.return_value == 0
    assert rows(result)[0] == {
        "capture": str(capture),
        "entry": 1,
        "adapter": "branch-io/v1",
        "company": "Branch Metrics, Inc.",
        "kind": "advertisingId",
        "part": "body",
        "path": "google_advertising_id",
        "value": "12•••••af",
        "reason": "https://help.branch.io/developers-hub/reference/attribution-api",
        "recipient": "api2.branch.io",
    }
    assert [row["kind"] for row in rows(result)] == ["advertisingId", "manufacturer"] * 2


def test_values_are_shown_only_when_asked_for(capture: Path) -> None:
    for how in ("--json", "--jsonl", "--quiet"):
        assert ADVERTISING_ID not in scan(capture, how).output
    assert ADVERTISING_ID not in scan(capture).output

    assert rows(scan(capture, "--jsonl", "--reveal"))[0]["value"] == ADVERTISING_ID
    assert ADVERTISING_ID in scan(capture, "--reveal").output


def test_one_document_counts_what_was_not_looked_into(capture: Path) -> None:
    document = fits("contacts", scan(capture, "--json").stdout)

    assert (document["exchanges"], document["exchanges_known"], len(document["fields"])) == (3, 2, 4)
    assert document["gaps"] == []


def test_people_get_a_table_in_which_equal_lines_are_one(capture: Path) -> None:
    output = scan(capture).output

    assert output.count("advertisingId") == 2  # of the recipient, and as a line of its own
    assert "2 of 3 exchanges went to endpoints whose fields are known" in output


def test_everybody_who_was_contacted_is_listed_by_organisation_own_hosts_last(tmp_path: Path) -> None:
    visit = entry("https://shop.example.test/basket")
    visit["request"]["headers"] = [{"name": "Sec-Fetch-Dest", "value": "document"}]
    elsewhere = (entry("https://api2.branch.io/v1/open", SENT), entry("https://a.nobody.test/x"))
    capture = har(tmp_path / "a.har", visit, *elsewhere, entry("https://cdn.example.test/y"))

    document = fits("contacts", scan(capture, "--json").stdout)
    streamed = lines_fit("contacts-line", scan(capture, "--jsonl").stdout)
    told = scan(capture).stdout

    by_host = {row["host"]: row for row in document["recipients"]}
    assert {host: row["party"] for host, row in by_host.items()} == {
        "shop.example.test": "own",
        "cdn.example.test": "own",
        "api2.branch.io": "third",
        "a.nobody.test": "third",
    }
    assert by_host["api2.branch.io"]["organisation"] == "Branch Metrics, Inc."
    assert by_host["api2.branch.io"]["kinds"] == ["advertisingId", "manufacturer"]
    assert all(row["sent_bytes"] == row["read_bytes"] + row["opaque_bytes"] > 0 for row in by_host.values())
    assert [row["contacted"] for row in streamed if "contacted" in row] == document["recipients"]
    assert [row["party"] for row in document["recipients"]] == ["third", "third", "own", "own"]
    assert "4 hosts of 3 organisations" in told
    assert told.index("api2.branch.io") < told.index("shop.example.test")


def test_without_a_visit_a_host_is_own_only_if_somebody_says_so(tmp_path: Path) -> None:
    capture = har(tmp_path / "a.har", entry("https://a.app.test/x"), entry("https://b.test/y"))

    def parties(*more: str) -> list[tuple[str, str]]:
        told = json.loads(scan(capture, "--json", *more).stdout)
        return [(row["host"], row["party"]) for row in told["recipients"]]

    assert parties() == [("a.app.test", "unknown"), ("b.test", "unknown")]
    assert parties("--own", "*.app.test") == [("b.test", "third"), ("a.app.test", "own")]


def test_what_very_many_share_is_no_secret(capture: Path) -> None:
    assert [row["value"] for row in rows(scan(capture, "--jsonl"))] == ["12•••••af", "Xiaomi"] * 2


def test_a_body_that_was_not_kept_is_told(tmp_path: Path) -> None:
    dropped = entry("https://api2.branch.io/v1/open", SENT)
    del dropped["request"]["postData"]["text"]
    document = json.loads(scan(har(tmp_path / "phone.har", dropped), "--json").stdout)

    assert [gap["kind"] for gap in document["gaps"]] == ["not-recorded"]


def test_a_capture_that_cannot_be_read_is_named_and_the_others_are_listed(
    capture: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.har").write_text("{", "utf-8")
    result = scan(tmp_path / "broken.har", capture, "--jsonl")

    assert result.return_value == 2
    assert len(rows(CliRunner().invoke(command, [str(capture), "--jsonl"], standalone_mode=False))) == 4
    assert "broken.har" in result.stderr


def test_revealing_is_for_known_fields(capture: Path, tmp_path: Path) -> None:
    result = scan(
        capture, "--reveal", "--canaries", canaries(tmp_path, [{"kind": "page", "value": "x" * 20}])
    )

    assert result.return_value is None
    assert "--reveal and --canaries exclude each other" in str(result.exception)


def test_from_outside(capture: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hometruth", "scan", capture], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "Branch Metrics, Inc." in done.stdout
    assert "12•••••af" in done.stdout
    assert done.stderr == ""


def test_terminal_escapes_in_a_revealed_value_are_written_out(tmp_path: Path) -> None:
    sent = json.dumps({"brand": "Xi\u001b[31maomi"})
    output = scan(
        har(tmp_path / "phone.har", entry("https://api2.branch.io/v1/open", sent)), "--reveal"
    ).output

    assert "\u001b" not in output
    assert "Xi\\u{1b}[31maomi" in output


def _dns(name: str, alias: str) -> tuple[bytes, bytes]:
    """A question for an address, and an answer that leads on to another name."""

    def spelt(text: str) -> bytes:
        return b"".join(bytes([len(part)]) + part.encode() for part in text.split(".")) + b"\0"

    question = spelt(name) + b"\0\1\0\1"
    record = b"\xc0\x0c\0\5\0\1\0\0\0\x3c" + len(spelt(alias)).to_bytes(2, "big") + spelt(alias)
    return (
        b"\0\7\1\0\0\1\0\0\0\0\0\0" + question,
        b"\0\7\x81\x80\0\1\0\1\0\0\0\0" + question + record,
    )


def test_a_company_behind_a_name_of_the_page_is_shown_where_the_recording_has_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    asked, answered = _dns("m.shop.test", "www.google-analytics.com")
    request = b"GET /collect HTTP/1.1\r\nHost: m.shop.test\r\n\r\n"
    packets = [
        files.udp(asked),
        files.udp(answered, up=False),
        files.tcp(request, 1),
        files.tcp(b"", 1, up=False),
    ]
    (tmp_path / "phone.pcap").write_bytes(files.pcap(packets))

    found = json.loads(scan(tmp_path / "phone.pcap", "--json").stdout)["recipients"]

    (row,) = (row for row in found if row["host"] == "m.shop.test")
    assert (row["behind"], row["behind_organisation"]) == ("www.google-analytics.com", "Google")
    assert "leads to www.google-analytics.com of Google" in " ".join(
        scan(tmp_path / "phone.pcap").stdout.split()
    )
