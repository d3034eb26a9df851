"""`case new` asks about recordings that nobody labelled, and writes down what it was told."""

import json
from pathlib import Path

import pytest

from hometruth.canaries import dump_canaries, mint
from hometruth.capture.marks import add_mark
from hometruth.experiment import load_plan
from tests.cli.forked import hometruth
from tests.published import fits

VENDOR = "https://sa.api.intl.miui.com/sa?p="


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A HAR of two windows, cut by marks, and the canaries planted in them."""
    canaries = [mint("page", cell=name) for name in ("normal-1", "private-1")]
    entries = [
        {
            "startedDateTime": f"2026-01-01T1{hour}:00:00.000Z",
            "time": 1,
            "request": {"method": "GET", "url": url, "headers": []},
            "response": {"status": 200, "headers": [], "content": {"size": 0}},
        }
        for hour, canary in enumerate(canaries)
        for url in (f"https://{canary.value}.example/", f"{VENDOR}{canary.value}")
    ]
    recording = tmp_path / "mine.har"
    recording.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    for at, label in ((1767261500, "normal window"), (1767265100, "private window")):
        add_mark(recording, label, at * 1_000_000_000)
    lines = [json.loads(line) for line in dump_canaries(canaries).splitlines()]
    for line, mode in zip(lines, ("normal", "private"), strict=True):
        line["mode"] = mode
    (tmp_path / "canaries.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path


ANSWERS = [
    *('A. "J."', "Mint Browser", "Xiaomi", "", "y", "y", ""),
    *("", "", "version=3.4.3", "", "", "broken", "version=3.4.3", ""),
    *("-", "", "2026-01-02", "Private windows are not reported.", "https://vendor.example/help", "", ""),
]
"""A mark that is not FACTOR=LEVEL is asked for again."""


def test_whoever_recorded_is_asked_and_the_answers_are_a_file_of_labels(folder: Path) -> None:
    options = ("--canaries", folder / "canaries.jsonl", "--quiet")
    out = folder / "case"
    done = hometruth(
        *("case", "new", "--recording", folder / "mine.har", *options, "--out", out),
        lines="\n".join(ANSWERS) + "\n",
    )

    assert done.returncode == 1, done.stderr
    assert "'broken' is not FACTOR=LEVEL" in done.stderr
    plan = load_plan(folder / "labels.toml")
    assert [(one.id, one.begins, one.condition.as_dict()) for one in plan.sessions] == [
        ("normal-1", "normal window", {"mode": "normal", "version": "3.4.3"}),
        ("private-1", "private window", {"mode": "private", "version": "3.4.3"}),
    ]
    rows = fits("verdicts", (out / "data" / "verdicts.json").read_text())
    told = [row for row in rows if row["proposition"] == "own.content" and not row["condition"]]
    assert [row["verdict"] for row in told] == ["CONTRADICTED"]
    assert 'labelled afterwards by A. "J."' in told[0]["why"]
    again = hometruth("case", "new", folder / "labels.toml", *options, "--out", folder / "again")
    assert again.returncode == 1
    verdicts = [path / "data" / "verdicts.json" for path in (out, folder / "again")]
    assert verdicts[0].read_bytes() == verdicts[1].read_bytes()
    refused = hometruth("case", "new", "--recording", folder / "mine.har", *options, "--out", folder / "x")
    assert (refused.returncode, "is there already" in refused.stderr) == (2, True)


def test_nothing_is_made_where_nobody_answers(folder: Path) -> None:
    options = ("--canaries", folder / "canaries.jsonl", "--out", folder / "case")
    done = hometruth("case", "new", "--recording", folder / "mine.har", *options)
    neither = hometruth("case", "new", *options)

    assert (done.returncode, neither.returncode) == (2, 2)
    assert "were not answered to the end" in done.stderr
    assert "give either LABELS or one --recording" in neither.stderr
    assert not (folder / "labels.toml").exists()
    assert not (folder / "case").exists()
