"""Other programs count the same: jq, mitmproxy's own reader, tshark, warcio and plain json."""

import base64
import gzip
import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from hometruth.capture import read_capture
from hometruth.model import Exchange, Gap, GapKind

pytestmark = pytest.mark.shared
FOLDER = "captures/formats"


def n_exchanges(path: Path, *schemes: str) -> int:
    return sum(
        isinstance(item, Exchange) and (not schemes or item.scheme in schemes)
        for item in read_capture(path, responses=False)
    )


def told_by(program: str, *words: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not here")
    return subprocess.run([found, *words], capture_output=True, text=True, check=True).stdout


def text_of(path: Path) -> str:
    return (
        gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text("utf-8-sig")
    )


def test_jq_counts_as_many_entries_of_har_as_are_exchanges_or_gaps(shared: Path) -> None:
    broken = {"1.har", "not-json.har", "brokenfile.har"}  # no JSON for jq
    asked = 0
    for path in sorted((shared / "captures" / "har").rglob("*.har")):
        if path.name in broken:
            continue
        n_entries = int(told_by("jq", ".log.entries? // [] | length", str(path)))
        if not n_entries:
            continue
        asked += 1
        items = list(read_capture(path, responses=False))
        lost = [
            item
            for item in items
            if isinstance(item, Gap)
            and item.exchange is None
            and ", entry " in item.where
            and not item.detail.startswith("fields that")
        ]
        assert sum(isinstance(item, Exchange) for item in items) + len(lost) == n_entries, path
    assert asked > 40


def test_mitmproxy_reads_as_many_flows(shared: Path) -> None:
    from mitmproxy.io import FlowReader  # noqa: PLC0415 - slow to load

    for path in sorted((shared / "captures").rglob("*.mitm")):
        if path.name == "dumpfile-010.mitm":
            continue
        with path.open("rb") as stream:
            assert sum(1 for _ in FlowReader(stream).stream()) == n_exchanges(path), path


@pytest.mark.parametrize(
    "name", ["linktype/raw_ip.pcap", "http1/missing-zlib-header.pcap", "websocket/websocket.pcap"]
)
def test_tshark_counts_as_many_requests(shared: Path, name: str) -> None:
    path = shared / FOLDER / name
    told = told_by(
        "tshark", "-r", str(path), "-Y", "http.request.method && !ssdp", "-T", "fields", "-e", "frame.number"
    )

    assert len(told.splitlines()) == n_exchanges(path, "http", "https")


def test_warcio_counts_as_many_requests(shared: Path) -> None:
    archiveiterator = pytest.importorskip("warcio.archiveiterator")
    for path in sorted((shared / FOLDER / "warc").glob("*.warc*")):
        with path.open("rb") as stream:
            kinds = [record.rec_type for record in archiveiterator.ArchiveIterator(stream)]
        assert kinds.count("request") == n_exchanges(path), path


def test_plain_json_counts_as_many(shared: Path) -> None:
    formats = shared / FOLDER
    charles = json.loads(text_of(formats / "charles/homework.chlsj"))
    radar = json.loads(text_of(formats / "trc/trc-example.com.json"))
    protocol = json.loads(text_of(formats / "devtools-trace/lighthouse-render-blocking.devtoolslog.json"))

    assert n_exchanges(formats / "charles/homework.chlsj") == len(charles)
    assert n_exchanges(formats / "trc/trc-example.com.json") == len(radar["data"]["requests"])
    assert n_exchanges(formats / "devtools-trace/lighthouse-render-blocking.devtoolslog.json") == sum(
        event["method"] == "Network.requestWillBeSent" for event in protocol
    )
    for path in sorted((formats / "devtools-trace").glob("*.trace.json*")):
        sent = [
            event
            for event in json.loads(text_of(path))["traceEvents"]
            if event["name"] == "ResourceSendRequest"
        ]
        data = [event for event in sent if event["args"]["data"]["url"].startswith("data:")]
        items = list(read_capture(path))
        assert sum(isinstance(item, Exchange) for item in items) == len(sent) - len(data)
        assert sum(isinstance(item, Gap) and item.kind is GapKind.NOT_HTTP for item in items) == len(data)


def test_network_logs_hold_as_many_requests_as_headers_were_sent(shared: Path) -> None:
    for path in sorted((shared / FOLDER / "netlog").glob("*.json")):
        log = json.loads(path.read_text())
        kinds = {number: name for name, number in log["constants"]["logEventTypes"].items()}
        sent = [event for event in log["events"] if kinds[event["type"]].endswith("_SEND_REQUEST_HEADERS")]
        own = [event for event in sent if kinds[event["type"]].startswith("HTTP_TRANSACTION")]
        assert n_exchanges(path) == len(own), path


def test_bodies_of_a_crawl_are_those_in_its_database(shared: Path) -> None:
    path = shared / FOLDER / "openwpm/openwpm-crawl-data.sqlite"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT post_body_raw FROM http_requests WHERE method = 'POST' ORDER BY id")
        kept = [base64.b64decode(json.loads(raw)[0][1]) if raw != "[]" else b"" for (raw,) in rows]
    posted = [item for item in read_capture(path) if isinstance(item, Exchange) and item.method == "POST"]

    assert [item.request_body for item in posted] == kept
    assert any(kept)
