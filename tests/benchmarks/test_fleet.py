"""The crawl of `benchmarks.fleet` is as bad as it says."""

import json
from pathlib import Path

from benchmarks.fleet import DAMAGED, HOSTILE, make_crawl


def test_of_a_hundred_recordings_one_is_cut_and_one_hostile(tmp_path: Path) -> None:
    make_crawl(tmp_path, 100, seed=1, entries=2)
    bodies = {}
    for path in tmp_path.rglob("*.har"):
        try:
            entries = json.loads(path.read_text())["log"]["entries"]
        except ValueError:
            entries = []
        bodies[int(path.stem)] = [
            (each["request"]["postData"]["text"], each["request"]["url"]) for each in entries
        ]

    assert [number for number, entries in bodies.items() if not entries] == [DAMAGED]
    brackets = {
        number for number, entries in bodies.items() if any("[" * 5000 in text for text, _ in entries)
    }
    turned = {number for number, entries in bodies.items() if any("\u202e" in url for _, url in entries)}
    assert brackets == turned == {HOSTILE}
