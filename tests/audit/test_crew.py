"""Examining on every core: the same outcomes in the same order, whoever does the work."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from hometruth.audit.crew import BATCH_HELD_BYTES, Crew
from hometruth.audit.examine import Examined
from hometruth.audit.scanner import Scanner
from hometruth.canaries import mint
from hometruth.errors import CaptureError
from hometruth.model import Exchange, Gap, GapKind, Source

CANARY = mint("page")
SCANNER = Scanner((CANARY,))
SMALL_BATCH = 64
"""Bytes: every exchange below is a batch of its own."""


def recording(n: int) -> Iterator[Exchange | Gap]:
    for number in range(n):
        if number % 5 == 4:
            yield Gap(GapKind.UNREADABLE, f"entry {number}", "damaged")
            continue
        target = b"/%d?v=%s&pad=%s" % (number, CANARY.value.encode() if number % 3 == 0 else b"x", b"-" * 64)
        yield Exchange(
            id=str(number),
            source=Source("made.har", number),
            method="GET",
            scheme="https",
            host="collector.test",
            port=443,
            target=target,
            request_headers=(),
            request_body=b"",
            response_body=b"kept",
        )


def outcomes(jobs: int, items: Iterator[Exchange | Gap]) -> list[Examined | Gap]:
    with Crew(SCANNER, jobs=jobs) as crew:
        return list(crew.examine(items, SMALL_BATCH))


def test_workers_find_what_one_process_finds_in_the_same_order() -> None:
    alone = outcomes(1, recording(20))
    assert sum(len(item.sightings) for item in alone if isinstance(item, Examined)) > 3
    assert outcomes(2, recording(20)) == alone


def test_sightings_keep_the_exchange_as_it_was_read() -> None:
    found = [item for item in outcomes(2, recording(10)) if isinstance(item, Examined) and item.sightings]
    assert {sighting.exchange.response_body for item in found for sighting in item.sightings} == {b"kept"}


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_came_before_the_end_of_a_broken_recording_is_handed_back(jobs: int) -> None:
    def broken() -> Iterator[Exchange | Gap]:
        yield from recording(7)
        raise CaptureError("made.har: cut short")

    seen = []
    with Crew(SCANNER, jobs=jobs) as crew, pytest.raises(CaptureError, match="cut short"):
        for item in crew.examine(broken(), SMALL_BATCH):
            seen.append(item)  # what was seen before the error is what counts
    assert len(seen) == 7


def test_an_empty_recording_has_no_outcomes() -> None:
    assert outcomes(2, iter(())) == []


def test_a_worker_that_dies_is_an_error_and_the_next_recording_is_read() -> None:
    with Crew(SCANNER, jobs=2) as crew:
        results = crew.examine(recording(40), SMALL_BATCH)
        next(results)
        assert crew._pool is not None
        for worker in list(crew._pool._processes):
            os.kill(worker, signal.SIGKILL)
        with pytest.raises(CaptureError, match="--jobs 1"):
            list(results)
        assert len(list(crew.examine(recording(10), SMALL_BATCH))) == 10


def test_large_responses_are_not_read_far_ahead() -> None:
    read = 0

    def heavy() -> Iterator[Exchange | Gap]:
        nonlocal read
        for item in recording(64):
            if isinstance(item, Exchange):
                read += 1
                yield replace(item, response_body=bytes(BATCH_HELD_BYTES))

    with Crew(SCANNER, jobs=1) as crew:
        next(crew.examine(heavy()))
    assert read == 2
