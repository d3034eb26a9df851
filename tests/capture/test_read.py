import gzip
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hometruth.capture import Recorder, read, read_capture, readers
from hometruth.capture.reader import CaptureFile
from hometruth.errors import DEBUG, CaptureError
from hometruth.model import Exchange, Gap, GapKind
from tests.capture.conftest import trusting

HAR = json.dumps(
    {"log": {"entries": [{"request": {"method": "GET", "url": "https://a.example/"}}] * 5}}
).encode()


FUZZ = settings(
    max_examples=300,
    deadline=None,  # the first example may have to load mitmproxy
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # the folder is written anew each time
)


@pytest.fixture
def flows(sinkhole: Recorder, flow_file: Path) -> bytes:
    """A real flow file with ten exchanges."""
    with trusting(sinkhole) as client:
        for number in range(10):
            client.post(f"https://a.example/{number}", content=Random(number).randbytes(2000))
    return flow_file.read_bytes()


def beginnings(flows: bytes) -> list[int]:
    """Where each flow of a sound file begins, and where the last one ends."""
    found = [0]
    while found[-1] < len(flows):
        colon = flows.index(b":", found[-1])
        found.append(colon + 1 + int(flows[found[-1] : colon]) + 1)
    return found


def write(folder: Path, data: bytes) -> Path:
    """A file whose name says nothing."""
    path = folder / "file"
    path.write_bytes(data)
    return path


def test_the_name_does_not_matter_but_the_content(tmp_path: Path, flows: bytes) -> None:
    assert len(list(read_capture(write(tmp_path, HAR)))) == 5
    assert len(list(read_capture(write(tmp_path, gzip.compress(HAR, mtime=0))))) == 5
    assert len(list(read_capture(write(tmp_path, flows)))) == 10
    assert len(list(read_capture(write(tmp_path, gzip.compress(flows, mtime=0))))) == 10


def test_a_recording_is_called_by_its_path_or_as_the_caller_likes(tmp_path: Path) -> None:
    path = write(tmp_path, HAR)

    (plain, *_), (named, *_) = read_capture(path), read_capture(path, name="traffic.har")
    assert isinstance(plain, Exchange)
    assert isinstance(named, Exchange)
    assert (plain.source.file, named.source.file) == (str(path), "traffic.har")


@pytest.mark.parametrize("part", range(20))
def test_a_truncated_flow_file_gives_its_whole_flows_and_one_gap(
    tmp_path: Path, flows: bytes, part: int
) -> None:
    cut = flows[: len(flows) * part // 20]
    whole = list(read_capture(write(tmp_path, flows)))
    begins = max(begin for begin in beginnings(flows) if begin <= len(cut))

    if not cut:
        with pytest.raises(CaptureError, match="is empty"):
            read_capture(write(tmp_path, cut))
        return
    items = list(read_capture(write(tmp_path, cut)))
    if begins < len(cut):
        gap = items.pop()
        assert isinstance(gap, Gap)
        assert (gap.kind, gap.size_bytes) == (GapKind.UNREADABLE, len(cut) - begins)
        assert gap.detail == "the file ends in the middle of a flow"
    assert items == whole[: beginnings(flows).index(begins)]


def test_a_truncated_gzip_of_flows_gives_what_is_there_and_one_gap(tmp_path: Path, flows: bytes) -> None:
    packed = gzip.compress(flows, mtime=0)

    *items, last = read_capture(write(tmp_path, packed[: len(packed) // 2]))
    assert items
    assert all(isinstance(item, Exchange) for item in items)
    assert isinstance(last, Gap)


def test_a_damaged_flow_is_one_gap_and_the_next_is_read(tmp_path: Path, flows: bytes) -> None:
    frames = list(read_capture(write(tmp_path, flows)))
    fifth = beginnings(flows)[4]
    damaged = flows[:fifth] + flows[fifth:].replace(b"3:200#", b"3:2x0#", 1)
    assert damaged != flows

    items = list(read_capture(write(tmp_path, damaged)))
    (gap,) = [item for item in items if isinstance(item, Gap)]
    assert (gap.kind, items.index(gap)) == (GapKind.UNREADABLE, 4)
    assert len(items) == len(frames)
    assert [item.source.index for item in items if isinstance(item, Exchange)] == list(range(9))


def test_where_a_reader_of_ours_fails_what_it_read_stays(
    tmp_path: Path, flows: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, flows)
    (reader,) = [each for each in readers.READERS if each.name == read.open_capture(path).format]

    def failing(file: CaptureFile) -> Iterator[Exchange | Gap]:
        yield from islice(reader.read(file), 2)
        raise ZeroDivisionError

    monkeypatch.setattr(readers, "READERS", (replace(reader, read=failing),))
    with pytest.raises(ZeroDivisionError):
        list(read_capture(path))
    monkeypatch.delenv(DEBUG)
    *whole, last = read_capture(path)

    assert [type(item) for item in whole] == [Exchange, Exchange]
    assert isinstance(last, Gap) and (last.kind, last.where) == (GapKind.DEFECT, str(path))
    assert last.detail.startswith("what follows 2 entries: a defect of ours (ZeroDivisionError)")


def test_a_folder_a_missing_file_and_a_device_are_one_error_each(tmp_path: Path) -> None:
    for path, words in (
        (tmp_path, "a folder"),
        (tmp_path / "no", "No such file"),
        (Path("/dev/zero"), "neither a file nor a pipe"),
    ):
        with pytest.raises(CaptureError, match=words):
            read_capture(path)


def test_a_pipe_is_read_and_one_that_nobody_writes_into_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setattr(read, "PIPE_TIMEOUT_MS", 10)
    with pytest.raises(CaptureError, match="is a pipe, and nobody wrote into it"):
        read_capture(pipe)

    monkeypatch.setattr(read, "PIPE_TIMEOUT_MS", 10_000)
    writer = threading.Thread(target=pipe.write_bytes, args=(gzip.compress(HAR, mtime=0),))
    writer.start()
    assert len(list(read_capture(pipe))) == 5
    writer.join()


def test_bytes_and_streams_give_what_the_file_gives(tmp_path: Path, flows: bytes) -> None:
    for data in (HAR, gzip.compress(HAR, mtime=0), flows, gzip.compress(flows, mtime=0)):
        path = write(tmp_path, data)
        whole = list(read_capture(path, name="x"))

        assert list(read_capture(data, name="x")) == whole
        with path.open("rb") as stream:
            assert list(read_capture(stream, name="x")) == whole
        later = io.BytesIO(b"junk" + data)
        later.seek(4)
        assert list(read_capture(later, name="x")) == whole


@FUZZ
@given(data=st.binary())
def test_arbitrary_bytes_are_never_more_than_one_error(tmp_path: Path, data: bytes) -> None:
    with suppress(CaptureError):
        list(read_capture(write(tmp_path, data)))


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    *("method", "url", "headers", "cookies", "postData", "bodySize", "text", "params", "name", "value"),
    *("content", "encoding", "mimeType", "status", "size", "data", "opcode", "time", "_content", "comment"),
]
odd_objects = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=20,
)


@FUZZ
@given(request=odd_objects, response=odd_objects, rest=anything)
def test_any_json_in_an_entry_is_an_exchange_or_a_gap(
    tmp_path: Path, request: object, response: object, rest: object
) -> None:
    if isinstance(request, dict):
        request = {"url": "https://a.example/"} | request
    odd = {"request": request, "response": response, "startedDateTime": rest, "_webSocketMessages": rest}

    items = list(read_capture(write(tmp_path, json.dumps({"log": {"entries": [odd]}}).encode())))
    assert sum(isinstance(item, Exchange) for item in items) <= 1
    assert items


@FUZZ
@given(at=st.floats(0, 1, exclude_max=True), junk=st.binary(min_size=1, max_size=4))
def test_a_flow_file_with_a_wound_anywhere_is_read_or_one_error(
    tmp_path: Path, flows: bytes, at: float, junk: bytes
) -> None:
    start = int(at * len(flows))
    wounded = flows[:start] + junk + flows[start + len(junk) :]
    try:
        items = list(read_capture(write(tmp_path, wounded)))
    except CaptureError:
        return
    assert items


def test_a_lying_length_reserves_no_memory(tmp_path: Path) -> None:
    (gap,) = read_capture(write(tmp_path, b"999999999:7:version;"))

    assert isinstance(gap, Gap)
    assert gap.detail == "the file ends in the middle of a flow"


def test_importing_and_reading_har_does_not_load_mitmproxy(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib, hometruth.capture as c\n"
        "assert len(list(c.read_capture(pathlib.Path(sys.argv[1])))) == 5\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'mitmproxy', 'cryptography', 'httpx'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, write(tmp_path, HAR)], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
