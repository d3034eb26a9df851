"""Events on disk: order, survival, damage, and what a full queue gives up."""

import sqlite3
from contextlib import closing
from pathlib import Path

from hometruth.lab.sdk.queue import EventQueue


def names(queue: EventQueue) -> list[int]:
    return [waiting.event["n"] for waiting in queue.first(1_000_000)]


def test_events_come_back_in_the_order_they_were_added(tmp_path: Path) -> None:
    queue = EventQueue(tmp_path / "queue.sqlite")
    for number in range(7):
        queue.add({"n": number, "word": "grün"})
    queue.remove(queue.first(3))

    assert names(queue) == [3, 4, 5, 6]
    assert len(queue) == 4
    queue.close()


def test_what_waits_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    first = EventQueue(tmp_path / "queue.sqlite")
    first.add({"n": 1})
    first.close()
    second = EventQueue(tmp_path / "queue.sqlite")

    assert names(second) == [1]
    second.close()


def test_a_row_that_fails_its_check_is_deleted(tmp_path: Path) -> None:
    queue = EventQueue(tmp_path / "queue.sqlite")
    queue.add({"n": 1})
    queue.add({"n": 2})
    with closing(sqlite3.connect(tmp_path / "queue.sqlite", isolation_level=None)) as other:
        other.execute("UPDATE events SET data = replace(data, '1', '9') WHERE id = 1")

    assert names(queue) == [2]
    assert len(queue) == 1
    queue.close()


def test_a_full_queue_gives_up_its_oldest_hundred(tmp_path: Path) -> None:
    queue = EventQueue(tmp_path / "queue.sqlite", max_bytes=400_000)
    for number in range(400):
        queue.add({"n": number, "filler": "x" * 2000})
    left = names(queue)

    assert left == list(range(left[0], 400))
    assert left[0] >= 100
    assert left[0] % 100 == 0
    queue.close()
