import gzip
import json
from pathlib import Path

import pytest

from hometruth.capture import captures_in
from hometruth.errors import CaptureError
from hometruth.model import Gap, GapKind
from tests.capture.pcap.files import pcap, tcp

HAR = json.dumps({"log": {"entries": [{"request": {"method": "GET", "url": "https://a.example/"}}]}}).encode()


def test_a_folder_is_read_by_content_and_what_is_passed_over_is_named(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "traffic.har.json").write_bytes(HAR)
    (tmp_path / "b").write_bytes(gzip.compress(HAR, mtime=0))
    (tmp_path / "c.har").write_bytes(b"{}")
    (tmp_path / "d.har").write_bytes(b"")
    (tmp_path / "e.mitm.connections.jsonl").write_bytes(b"{}\n")

    found = list(captures_in(tmp_path))

    assert [item for item in found if isinstance(item, Path)] == [
        tmp_path / "b",
        tmp_path / "in" / "traffic.har.json",
    ]
    gaps = [item for item in found if isinstance(item, Gap)]
    assert [(gap.kind, Path(gap.where).name) for gap in gaps] == [
        (GapKind.UNREADABLE, "c.har"),
        (GapKind.UNREADABLE, "d.har"),
    ]
    assert gaps[0].detail == "passed over: is JSON, but not HAR: it has no log.entries"


def test_a_folder_without_a_capture_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("x")

    with pytest.raises(CaptureError, match="holds no capture"):
        list(captures_in(tmp_path))


def test_a_key_log_beside_its_packet_capture_is_read_with_it_and_others_are_named(tmp_path: Path) -> None:
    log = b"CLIENT_RANDOM " + b"0a" * 32 + b" " + b"0b" * 48 + b"\n"
    for name in ("phone.keys", "laptop.keys", "a.keys"):
        (tmp_path / name).write_bytes(log)
    (tmp_path / "phone.pcap").write_bytes(pcap([tcp(b"hello", 1)]))
    (tmp_path / "a.har").write_bytes(HAR)

    found = list(captures_in(tmp_path))

    assert [item.name for item in found if isinstance(item, Path)] == ["a.har", "phone.pcap"]
    assert [Path(item.where).name for item in found if isinstance(item, Gap)] == ["a.keys", "laptop.keys"]
