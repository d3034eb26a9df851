"""The bundled adapters are what the script makes of the published endpoints; nothing is lost on the way."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

SCRIPT = ROOT / "scripts" / "convert_tracker_endpoints.py"
BUNDLED = ROOT / "src" / "hometruth" / "data" / "adapters"

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def source(shared: Path) -> Path:
    return shared / "facts" / "tracker-endpoints.json"


def documents() -> list[dict[str, Any]]:
    return [json.loads(file.read_text("utf-8")) for file in sorted(BUNDLED.glob("*.json"))]


def test_the_same_source_gives_the_bundled_files(source: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, source, tmp_path], capture_output=True, text=True, check=True
    )

    assert done.stdout == "123 adapters, 2645 fields, 32 not mapped\n"
    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert made == {
        file.name: file.read_bytes()
        for file in BUNDLED.iterdir()
        if b"convert_tracker_endpoints" in file.read_bytes()
    }


def test_every_field_of_the_source_is_mapped_or_listed_with_its_reason(source: Path) -> None:
    mapped = {
        adapter["slug"]: Counter(field["kind"] for field in adapter["fields"])
        for document in documents()
        for adapter in document["adapters"]
    }
    reasons = {
        (adapter["slug"], field["kind"]): field["reason"]
        for document in documents()
        for adapter in document["adapters"]
        for field in adapter["fields"]
    }
    listed = {(row["adapter"], row["what"]) for document in documents() for row in document["not_mapped"]}
    n_listed = n_said = 0
    for row in json.loads(source.read_text("utf-8")):
        slug = f"{row['tracker']}/{row['adapter']}"
        for kind, items in row["data"].items():
            left_out = [
                item for item in items if (slug, f"{kind}: {item['context']} {item['path']}") in listed
            ]
            said = {_spelled(item) for item in items if item not in left_out}
            n_listed += len(left_out)
            n_said += len(said)
            # Names of headers are written in several cases there, and are one field here.
            assert mapped[slug][kind] == len(said), (slug, kind)
            assert not said or reasons[slug, kind]

    assert (n_said, n_listed) == (2645, 16)


def _spelled(item: dict[str, Any]) -> str:
    path = item["path"].lower() if item["context"] == "header" else item["path"]
    return json.dumps([item["context"], path, item.get("notIf"), item.get("onlyIf")])


def test_what_is_not_mapped_is_counted_by_its_reason() -> None:
    rows = [row for document in documents() for row in document["not_mapped"]]
    reasons = Counter(row["reason"].split(",")[0] for row in rows)

    assert reasons == {
        "the source also asks a condition in code": 16,
        "depends on field 2 being 462": 9,
        "depends on field 2 being 137": 6,
        "uids is asked of uidsParsed": 1,
    }
    assert {row["adapter"] for row in rows} <= {
        adapter["slug"] for document in documents() for adapter in document["adapters"]
    }


def test_source_date_licence_and_generator_stand_on_top() -> None:
    for document in documents():
        assert list(document) == ["source", "retrieved", "licence", "generator", "adapters", "not_mapped"]
        assert document["licence"] == "CC0-1.0"
