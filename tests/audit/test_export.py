"""What is found in an export is what is found in the recordings."""

import json
from pathlib import Path

from hometruth.audit.export import export
from hometruth.capture import read_capture
from hometruth.model import Exchange
from tests.audit.fleet.captures import SITE, crawl
from tests.cli.forked import hometruth


def found(*arguments: str | Path) -> list[object]:
    return [
        (row["entry"], row["recipient"], row["path"], row["chain"])
        for row in json.loads(hometruth("scan", "--json", *arguments).stdout)["findings"]
    ]


def test_an_export_is_scanned_like_its_recordings(tmp_path: Path) -> None:
    folder, table, canaries = crawl(tmp_path / "in", 7), tmp_path / "all.parquet", tmp_path / "c.json"
    canaries.write_text(json.dumps([SITE]))
    (folder / "002.har").unlink()

    done = hometruth("export", folder, "--parquet", table)

    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{table}: 17 exchanges and 1 gaps\n"
    assert len(found(table, "--canaries", canaries)) == 3
    assert found(table, "--canaries", canaries) == found(folder, "--canaries", canaries)
    assert hometruth("export", folder, "--parquet", table).returncode == 2


def test_a_recording_that_cannot_be_read_is_said_and_the_others_are_written(tmp_path: Path) -> None:
    folder, canaries = crawl(tmp_path / "in", 4), tmp_path / "c.json"
    canaries.write_text(json.dumps([SITE]))

    done = hometruth("export", folder / "000.har", folder / "002.har", "--parquet", tmp_path / "t")

    assert done.returncode == 2
    assert "002.har" in done.stderr
    assert "3 exchanges and 1 gaps" in done.stdout
    told = json.loads(hometruth("scan", "--json", tmp_path / "t", "--canaries", canaries).stdout)
    assert str(folder / "002.har") in [gap["where"] for gap in told["gaps"]]


def test_no_two_exchanges_of_a_table_have_one_id(tmp_path: Path) -> None:
    folder = crawl(tmp_path / "in", 1)
    export([folder / "000.har", folder / "000.har"], tmp_path / "t", unreadable=print)

    items = [item for item in read_capture(tmp_path / "t") if isinstance(item, Exchange)]
    assert len({item.id for item in items}) == len(items) == 6
