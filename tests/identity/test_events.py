"""A table too large for memory gives the very numbers of one that is not."""

import resource
import tempfile
from pathlib import Path

import numpy as np
import pytest

from hometruth.errors import TableError
from hometruth.identity import events
from hometruth.identity.events import EventTable, StoredEvents
from hometruth.identity.relink import measure_relink
from hometruth.identity.table import read_events
from hometruth.identity.unicity import at_moments, measure_unicity
from tests.identity.worlds import held

N = 3_000


def _table(folder: Path, *, counted: bool, timed: bool) -> Path:
    """People with habits, in the order of time: some of much, some of little, and sessions of many items."""
    rng = np.random.default_rng(4)
    chance = 1 / np.arange(1, 81)
    times = np.sort(rng.integers(0, 40 * 86_400, N))
    users = rng.permutation(np.repeat(np.arange(60), N // 60))
    items = (rng.choice(80, N, p=chance / chance.sum()) + users * 7 * rng.integers(0, 2, N)) % 120
    columns = {"user": users, "item": items}
    columns |= {"count": rng.integers(1, 4, N)} if counted else {}
    columns |= {"ts": times * 1000} if timed else {}
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    (folder / "table.csv").write_text("\n".join(lines) + "\n")
    return folder / "table.csv"


def _stored(path: Path, monkeypatch: pytest.MonkeyPatch) -> EventTable:
    """The table, read in small blocks and kept in parts."""
    monkeypatch.setattr("hometruth.identity.table_file.BLOCK_BYTES", 4096)
    monkeypatch.setattr(events, "ROWS_HELD", 500)
    monkeypatch.setattr(events, "PARTS", 7)
    stored = read_events(path)
    assert isinstance(stored, StoredEvents)
    return stored


@pytest.mark.parametrize(("counted", "timed"), [(True, True), (False, True), (True, False)])
def test_parts_give_the_same_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: bool, timed: bool
) -> None:
    path = _table(tmp_path, counted=counted, timed=timed)
    whole, stored = held(path), _stored(path, monkeypatch)

    assert measure_unicity(stored) == measure_unicity(whole)
    assert measure_relink(stored) == measure_relink(whole)
    if timed:
        for moment in ("day", "hour"):
            assert measure_unicity(at_moments(stored, moment)) == measure_unicity(at_moments(whole, moment))
        assert measure_relink(stored, "coin") == measure_relink(whole, "coin")


def test_a_part_holds_all_of_a_person_and_rows_keep_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _table(tmp_path, counted=False, timed=True)
    whole, stored = held(path), _stored(path, monkeypatch)
    parts = list(stored.parts())

    assert sum(len(part.user) for part in parts) == N
    for part in parts:
        rows = np.isin(whole.user, part.user)
        assert whole.time is not None
        assert part.time is not None
        assert np.array_equal(part.item, whole.item[rows])
        assert np.array_equal(part.time, whole.time[rows])


def test_fewer_people_than_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"{number % 3},{number % 11},{number * 1000}\n" for number in range(2000))
    (tmp_path / "t.csv").write_text("user,item,ts\n" + rows)
    whole = held(tmp_path / "t.csv")
    stored = _stored(tmp_path / "t.csv", monkeypatch)

    assert measure_unicity(at_moments(stored, "day")) == measure_unicity(at_moments(whole, "day"))
    assert measure_relink(stored) == measure_relink(whole)


def test_a_bad_row_is_named_however_far_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _table(tmp_path, counted=True, timed=False)
    lines = path.read_text().splitlines()
    lines[2321] = "7,7,0"
    path.write_text("\n".join(lines))

    with pytest.raises(TableError, match="line 2322: count 0 is not a whole number"):
        _stored(path, monkeypatch)


def test_a_temporary_folder_without_room_is_named_and_not_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _table(tmp_path, counted=True, timed=True)
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, most))
    try:
        with pytest.raises(
            TableError, match=r"kept there \(File too large\); name another folder with TMPDIR"
        ):
            list(_stored(path, monkeypatch).parts())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(TableError, match="gone: rows that do not fit"):
        _stored(path, monkeypatch)
