"""Tables are read in every shape that was promised, and a bad one is one clear error."""

import gzip
import io
import lzma
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hometruth.errors import TableError
from hometruth.identity.events import Events
from hometruth.identity.table import read_events
from hometruth.identity.table_file import Columns
from tests.identity.worlds import held

PLAIN = b"user,item,count,ts\nanna,rock,2,0\nbert,jazz,1,3600\nanna,jazz,5,60\n"


def _write(folder: Path, content: bytes, name: str = "table.csv") -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def _parquet(**columns: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def _twice() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array([1])] * 3, names=["user", "item", "item"]), sink)
    return sink.getvalue()


def _shape(events: Events) -> tuple[list[int], list[int], list[int] | None, list[float] | None]:
    count = None if events.count is None else events.count.tolist()
    return (
        events.user.tolist(),
        events.item.tolist(),
        count,
        None if events.time is None else events.time.tolist(),
    )


EXPECTED = ([0, 1, 0], [0, 1, 1], [2, 1, 5], [0.0, 3600.0, 60.0])


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        gzip.compress(PLAIN, mtime=0),
        lzma.compress(PLAIN),
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.replace(b",", b"\t"),
        PLAIN.replace(b",", b";"),
        PLAIN.replace(b"user", b"User").replace(b",ts", b",time"),
        b"x,ts,count,item,user\n1,0,2,rock,anna\n,3600,1,jazz,bert\n3,60,5,jazz,anna\n",
        b'user,item,count,ts\nanna,"rock",2,0\n\nbert,"jazz",1,3600\nanna,jazz,5,60',
        _parquet(user=["anna", "bert", "anna"], item=[7, 8, 8], count=[2, 1, 5], ts=[0, 3600, 60]),
        gzip.compress(
            _parquet(user=["anna", "bert", "anna"], item=[7, 8, 8], count=[2, 1, 5], ts=[0, 3600, 60]),
            mtime=0,
        ),
    ],
)
def test_the_same_table_in_every_shape(tmp_path: Path, content: bytes) -> None:
    events = held(_write(tmp_path, content))

    assert _shape(events) == EXPECTED
    assert (events.n_people, events.n_items, events.notes) == (2, 2, ())


@pytest.mark.parametrize(
    "times",
    [
        [b"2020-05-04T00:00:00", b"2020-05-04T01:00:00", b"2020-05-04T00:01:00"],
        [b"2020-05-04 00:00:00Z", b"2020-05-04 01:00:00Z", b"2020-05-04 02:01:00+02:00"],
        [b"1588550400000", b"1588554000000", b"1588550460000"],
        [b"1588550400", b"1588554000", b"1588550460.0"],
    ],
)
def test_times_are_seconds_whatever_they_were(tmp_path: Path, times: list[bytes]) -> None:
    rows = b"".join(b"a,b," + time + b"\n" for time in times)
    events = held(_write(tmp_path, b"user,item,ts\n" + rows))

    assert events.time is not None
    assert (events.time - events.time[0]).tolist() == [0, 3600, 60]


def test_columns_can_be_named(tmp_path: Path) -> None:
    file = _write(tmp_path, PLAIN.replace(b"user", b"who").replace(b"count", b"n"))

    assert _shape(held(file, Columns(user="who", count="n"))) == EXPECTED


@pytest.mark.parametrize(
    ("content", "users", "words"),
    [
        (b"1,10,99\n1,11,98\n2,10,97\n", [0, 0, 1], "line 1 for a row"),
        (b"reader,page\n1,10\n1,11\n2,10\n", [0, 0, 1], "line 1 for names"),
    ],
)
def test_without_known_names_only_user_and_item_are_taken(
    tmp_path: Path, content: bytes, users: list[int], words: str
) -> None:
    events = held(_write(tmp_path, content))

    assert events.user.tolist() == users
    assert (events.count, events.time) == (None, None)
    assert words in events.notes[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no rows"),
        (b"user,item\n", "holds no rows"),
        (b"justone\n1\n", "line 1: one column only"),
        (b"user,artist\n1,2\n", r"no column 'item' \(have: user, artist\); say which it is with --item"),
        (b"user,item\n1,2\n1,2,3\n", "line 3: 3 columns where line 1 has 2"),
        (b"user,item\n1,2\n,3\n", "line 3: empty user"),
        (b"user,item,count\n1,2,1\n1,3,many\n", "line 3: count 'many' is not a number"),
        (b"user,item,count\n1,2,1\n1,3,0\n", "line 3: count 0 is not a whole number of at least 1"),
        (b"user,item,ts\n1,2,5\n1,3,noon\n", "line 3: time 'noon' is not a number"),
        (b"user,item,ts\n1,2,5\n1,3,\n", "line 3: no time"),
        (b"user,item,ts\n1,2,noon\n", "neither numbers nor dates"),
        (b"user,item\n1,2\n1,\xff\n", "line 3: is not UTF-8"),
        (b"\x00\x01\x02", "neither CSV nor Parquet"),
        (gzip.compress(PLAIN, mtime=0)[:-12], "damaged or cut off"),
        (lzma.compress(PLAIN)[:-12], "damaged or cut off"),
        (b"PAR1 but not really", "not a readable Parquet file"),
        (_parquet(user=["a"], thing=[1]), "no column 'item'"),
        (_parquet(user=["a", None], item=[1, 2]), "row 2: no user"),
        (_parquet(user=["a"], item=[[1, 2]]), "holds lists"),
        (_parquet(user=["a"], item=[1], ts=pa.array([None], pa.int64())), "row 1: no time"),
        (_parquet(user=["a"], item=[1], count=["x"]), "no numbers"),
        (b'user,item,count\na,b,1\na,"' + b"x" * 200_000 + b"\n", "line 3: .* is a quotation mark missing"),
        (b"user,item,item\n1,2,3\n", "two columns are called 'item'"),
        (_twice(), "two columns are called 'item'; rename one of them"),
    ],
)
def test_a_bad_table_is_one_clear_error(tmp_path: Path, content: bytes, words: str) -> None:
    file = _write(tmp_path, content)

    with pytest.raises(TableError, match=words) as caught:
        read_events(file)

    assert str(caught.value).startswith(str(file))


def test_people_who_are_in_a_dictionary_only_do_not_count(tmp_path: Path) -> None:
    users = pa.DictionaryArray.from_arrays(pa.array([2, 0, 2]), pa.array(["a", "nobody", "b"]))
    events = held(_write(tmp_path, _parquet(user=users, item=[1, 2, 3])))

    assert (events.n_people, events.user.tolist()) == (2, [0, 1, 0])


def test_times_that_parquet_knows(tmp_path: Path) -> None:
    times = pa.array([0, 3_600_000], pa.timestamp("ms", "Europe/Berlin"))
    events = held(_write(tmp_path, _parquet(user=["a", "b"], item=[1, 2], time=times)))

    assert events.time is not None
    assert events.time.tolist() == [0, 3600]


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="No such file"):
        read_events(tmp_path / "nothing.csv")


def test_many_blocks_are_one_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hometruth.identity.table_file.BLOCK_BYTES", 64)
    rows = b"".join(b"u%d,i%d\n" % (number % 7, number % 5) for number in range(500))
    events = held(_write(tmp_path, b"user,item\n" + rows))

    assert events.user.tolist() == [number % 7 for number in range(500)]
    assert events.item.tolist() == [number % 5 for number in range(500)]
