"""What `hometruth scan` says beyond whole values: keystrokes, pieces, chance, and limits of ours."""

import base64
import gzip
import json
import zlib
from pathlib import Path

import pytest

from hometruth.canaries import mint
from tests.cli.test_scan import canaries, entry, har, rows, scan

EMAIL = "jane.lump@example.org"


def keystroke_har(folder: Path, value: str, lengths: range) -> Path:
    return har(folder / "a.har", *(entry(f"https://s.test/?q={value[:length]}") for length in lengths))


@pytest.mark.parametrize("jobs", [1, 2])
def test_keystrokes_are_findings_of_their_own_kind(tmp_path: Path, jobs: int) -> None:
    value = mint("search").value
    capture = keystroke_har(tmp_path, value, range(1, 12))
    result = scan(capture, "--canaries", canaries(tmp_path, [value]), "--jsonl", "--jobs", str(jobs))

    assert [(row["entry"], row["form"]) for row in rows(result)] == [
        (length - 1, f"typed[:{length}]") for length in range(8, 12)
    ]


def test_one_short_beginning_alone_is_nothing(tmp_path: Path) -> None:
    value = mint("search").value
    capture = keystroke_har(tmp_path, value, range(6, 7))

    assert scan(capture, "--canaries", canaries(tmp_path, [value])).return_value == 0


def test_pieces_are_listed_with_where_each_stands(tmp_path: Path) -> None:
    body = json.dumps({"user": "jane.lump", "n": 1, "domain": "example.org"})
    capture = har(tmp_path / "a.har", entry("https://t.test/c", body))
    path = canaries(tmp_path, {"email": EMAIL})
    (row,) = rows(scan(capture, "--canaries", path, "--jsonl"))

    assert row["form"] == "split"
    assert [(piece["path"], piece["bytes"]) for piece in row["pieces"]] == [
        ("user", [0, 9]),
        ("domain", [10, 21]),
    ]
    assert "body user + body domain" in " ".join(scan(capture, "--canaries", path).stdout.split())


def test_a_short_digest_comes_with_its_chance_and_the_table_says_so(tmp_path: Path) -> None:
    digest = f"{zlib.crc32(EMAIL.encode()):08x}"
    capture = har(tmp_path / "a.har", entry(f"https://t.test/?c={digest}"))
    path = canaries(tmp_path, {"email": EMAIL})
    (row,) = rows(scan(capture, "--canaries", path, "--jsonl"))
    (kept,) = json.loads(scan(capture, "--canaries", path, "--json").stdout)["findings"]

    assert row["form"] == kept["form"] == "crc32"
    assert 0 < row["chance"] == kept["chance"] < 0.001
    assert row["evidence_bits"] < 40
    assert "32 bits decides nothing by itself" in scan(capture, "--canaries", path).stdout


def test_evidence_in_one_document_counts_all_places_searched(tmp_path: Path) -> None:
    filler = [entry("https://t.test/c", json.dumps({"text": "filler " * 2000})) for _ in range(3)]
    path = canaries(tmp_path, {"email": EMAIL})
    first = scan(har(tmp_path / "a.har", entry(f"https://t.test/?q={EMAIL}")), "--canaries", path, "--json")
    more = har(tmp_path / "b.har", entry(f"https://t.test/?q={EMAIL}"), *filler)
    second = scan(more, "--canaries", path, "--json")
    bits = [json.loads(result.stdout)["findings"][0]["evidence_bits"] for result in (first, second)]

    assert bits[1] < bits[0] - 5


BOMB = base64.b64encode(gzip.compress(bytes(4 << 20), mtime=0)).decode()
DEEP = json.dumps({"a": json.dumps({"b": json.dumps({"c": json.dumps({"d": EMAIL})})})})
LIMITS = {  # a part that cannot hold a canary is not peeled, and reaches no limit: each may hold one
    "bytes=1KiB": json.dumps({"e": EMAIL, "a": "filler text " * 500}),
    "ratio=10": json.dumps({"e": EMAIL, "z": BOMB}),
    "pieces=20": json.dumps([EMAIL, *range(1000, 1100)]),
    "depth=2": DEEP,
    "time=0.000001": json.dumps([EMAIL, *(f"value {n}" for n in range(2000))]),
    "salt-tries=1": json.dumps({"id": "0123456789abcdef" * 4, "salt": "some salt"}),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_every_limit_can_be_set_and_is_a_gap_where_it_is_reached(tmp_path: Path, limit: str) -> None:
    capture = har(tmp_path / "a.har", entry("https://t.test/c", LIMITS[limit]))
    path = canaries(tmp_path, {"email": EMAIL})
    args = ("--budget", "free=1KiB") if limit.startswith("ratio") else ()
    limited = json.loads(scan(capture, "--canaries", path, "--json", "--budget", limit, *args).stdout)
    usual = json.loads(scan(capture, "--canaries", path, "--json").stdout)

    assert "budget" in {gap["kind"] for gap in limited["gaps"]}
    assert "budget" not in {gap["kind"] for gap in usual["gaps"]} or limit.startswith("ratio")


@pytest.mark.parametrize(
    "wrong", ["depth", "depth=", "depth=x", "depth=-1", "height=3", "time=inf", "bytes=1MB"]
)
def test_a_limit_that_makes_no_sense_is_refused(tmp_path: Path, wrong: str) -> None:
    capture = har(tmp_path / "a.har", entry("https://t.test/"))
    result = scan(capture, "--canaries", canaries(tmp_path, [EMAIL]), "--budget", wrong)

    assert result.exception is not None
    assert wrong.partition("=")[2] in str(result.exception)
