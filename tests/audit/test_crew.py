"""Examining on every core: the same outcomes in the same order, whoever does the work."""

import json
import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

import pytest

from hometruth.audit import bench
from hometruth.audit import crew as crew_module
from hometruth.audit.crew import BATCH_HELD_BYTES, Crew, _without_script
from hometruth.audit.examine import Examined
from hometruth.audit.scanner import Scanner
from hometruth.canaries import Search, mint
from hometruth.errors import CanaryError, CaptureError
from hometruth.model import Canary, CanaryKind, Exchange, Gap, GapKind, Sighting, Source
from hometruth.peel.layers import Layer, Opened
from hometruth.peel.sieve.core import load_core
from tests.peel.exchanges import exchange
from tests.peel.sieve.both import built_core

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


def test_a_worker_that_dies_is_an_error_and_the_next_recording_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crew_module, "load_core", lambda: None)
    with Crew(SCANNER, jobs=2) as crew:
        results = crew.examine(recording(40), SMALL_BATCH)
        next(results)
        assert crew._pool is not None
        for worker in list(crew._pool._processes):
            os.kill(worker, signal.SIGKILL)
        with pytest.raises(CaptureError, match="--jobs 1"):
            list(results)
        assert len(list(crew.examine(recording(10), SMALL_BATCH))) == 10


class TooMuch(Scanner):
    """A search that cannot be compiled."""

    __slots__ = ()

    def search(self) -> Search:
        raise CanaryError("these are too many")


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_is_too_much_is_refused_in_one_sentence(jobs: int, capfd: pytest.CaptureFixture[str]) -> None:
    with Crew(TooMuch(SCANNER.canaries), jobs=jobs) as crew, pytest.raises(CanaryError, match="too many"):
        list(crew.examine(recording(40), SMALL_BATCH))

    assert capfd.readouterr().err == ""


def crashing(data: bytes) -> Opened | None:
    """A layer during which the compiled core breaks down, if this process has it."""
    if data == FATAL and load_core():
        os.kill(os.getpid(), signal.SIGSEGV)
    return None


FATAL = b"the one that breaks it"


def test_a_core_that_breaks_down_costs_nothing_that_is_found() -> None:
    built_core()
    scanner = replace(SCANNER, layers=(*SCANNER.layers, Layer("crash", crashing, magic=(FATAL,))))
    items = [*recording(20), exchange(body=FATAL), *recording(20)]
    with Crew(scanner, jobs=2) as crew:
        found = list(crew.examine(iter(items), SMALL_BATCH))

    assert len(found) == len(items)
    assert [sightings_of(each) for each in found] == [
        sightings_of(each) for each in Crew(SCANNER, jobs=1).examine(iter(items), SMALL_BATCH)
    ]


def sightings_of(item: Examined | Gap) -> tuple[object, ...]:
    return item.sightings if isinstance(item, Examined) else (item,)


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


MAIL = Canary("mail", CanaryKind.ACCOUNT, "jane.lump+test@privacy-lab.example.org", 70.0)
SEARCHED = Canary("searched", CanaryKind.SEARCH, "google chrome region settings", 60.0)
ORDINARY = Scanner((MAIL, SEARCHED, CANARY), seed=1)


Told = tuple[tuple[Sighting, ...], tuple[Sighting, ...], tuple[Gap, ...]]


def ordinary_traffic(seed: int) -> list[Exchange]:
    """Requests with words of the canaries in nearly all of them, and pieces of these here and there."""
    rng = Random(seed)
    bodies: list[object] = [
        {"region": n, "url": f"https://shop.example/{rng.randrange(99)}", "by": "google", "t": rng.random()}
        for n in range(60)
    ]
    bodies += [{"user": "Jane.Lump+test", "domain": "privacy-lab.example.org", "n": n} for n in range(3)]
    bodies += [["google", " chrome", " region", " settings", n] for n in range(3)]
    bodies += [{"q": "google chrome region settings"}, {"part": " settings"}, {"user": "jane.lump+test"}]
    rng.shuffle(bodies)
    sent = [exchange(body=json.dumps(each).encode()) for each in bodies]
    return [replace(each, id=f"e-{n}", source=Source("x.har", n)) for n, each in enumerate(sent)]


def told(jobs: int, items: Sequence[Exchange], batch_bytes: int) -> dict[str, Told]:
    with Crew(ORDINARY, jobs=jobs) as crew:
        common = crew.count_words(lambda: items).common()
        return {
            item.exchange.id: (item.sightings, item.parts, item.gaps)
            for item in crew.examine(items, batch_bytes, common)
            if isinstance(item, Examined)
        }


@pytest.mark.parametrize("seed", range(2))
def test_common_words_make_no_difference_between_batches_orders_and_workers(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = ordinary_traffic(seed)
    slowly = told(1, items, 1 << 20)  # too little to be sifted: everything is peeled
    monkeypatch.setattr(bench, "WORTH_SIFTING", 0)

    for batch_bytes in (64, 2_000, 1 << 20):
        assert told(1, items, batch_bytes) == slowly
        assert told(1, Random(seed).sample(items, len(items)), batch_bytes) == slowly
    assert sum(bool(sightings) for sightings, _, _ in slowly.values()) == 7


def test_workers_are_told_what_is_common() -> None:
    items = ordinary_traffic(1)

    assert told(2, items, 2_000) == told(3, items, 500) == told(1, items, 1 << 20)


def test_a_word_is_common_where_its_canary_is_not() -> None:
    whole = [exchange(body=json.dumps({"q": SEARCHED.value, "n": n}).encode()) for n in range(50)]
    with Crew(ORDINARY, jobs=1) as crew:
        counted, beside = crew.count_words(lambda: ordinary_traffic(1)), crew.count_words(lambda: whole)

    assert counted.common() == {b"google", b"xample"}
    assert beside.common() == frozenset()
    assert [gap.detail for gap in counted.gaps("x.har")] == [
        "pieces of mail with common words alone were not compared: of 69 requests, 'xample' in 60",
        "pieces of searched with common words alone were not compared: of 69 requests, 'google' in 63",
    ]


def test_a_part_that_is_a_common_word_is_left_out_and_a_rare_one_is_not() -> None:
    items = ordinary_traffic(1)
    (rare,) = (item for item in items if b'"part"' in (item.request_body or b""))
    found = told(1, items, 1 << 20)
    parts = {id_: {part.canary.id for part in each[1]} for id_, each in found.items()}

    assert parts[rare.id] == {"searched"}
    assert not any("google" in part.form.name for each in found.values() for part in each[1])
    assert sum(bool(each) for each in parts.values()) == 2


def test_what_dice_made_has_no_common_words() -> None:
    with Crew(Scanner((CANARY,)), jobs=1) as crew:
        assert not crew.count_words(lambda: pytest.fail("nobody needs to read it"))


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="no masks of signals on this system")
def test_an_interrupt_waits_until_the_workers_know_that_it_is_not_for_them() -> None:
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with _without_script():
        assert signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
