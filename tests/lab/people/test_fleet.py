"""A fleet without sockets says what a phone says over the wire, repeatably, and knows the truth."""

from pathlib import Path

from hometruth.capture.proxy import Recorder
from hometruth.capture.proxy.sinkhole import Sinkhole
from hometruth.lab import TELEMETRY_HOST, read_events, start_collector, start_phone
from hometruth.lab.people.day import plan_day
from hometruth.lab.people.fleet import item_of, live_alone, run_fleet
from hometruth.lab.people.live import DAY_MS, START_MS, Life
from hometruth.lab.people.owner import make_owner

SEED, NUMBER = 4, 2
PRIVATE = next(n for n in range(1, 50) if any(doing.incognito for doing in plan_day(make_owner(n, SEED), 0)))


def bare(event: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in event.items() if key not in ("_server", "_truth")}


def test_a_day_over_the_real_wire_says_exactly_the_same(tmp_path: Path) -> None:
    owner = make_owner(NUMBER, SEED)
    with (
        start_collector(tmp_path / "c.sqlite") as collector,
        Recorder(tmp_path / "t.mitm", sinkhole=Sinkhole({TELEMETRY_HOST: collector.url})) as recorder,
        start_phone(
            owner.profile,
            proxy=recorder.url,
            ca_file=recorder.ca_file,
            state_dir=tmp_path / "phone",
            ledger=tmp_path / "ledger.jsonl",
            seed=owner.rng("phone").getrandbits(63),
            start_ms=START_MS,
        ) as phone,
    ):
        life = Life(owner, phone, lambda: phone.advance(0).clock_ms)
        done = sum(life.live(1))
        assert phone.advance(0).clock_ms == START_MS + DAY_MS
    alone = live_alone(NUMBER, days=1, seed=SEED)

    assert done == alone.things_done == len(plan_day(owner, 0))
    assert [bare(event) for event in read_events(tmp_path / "c.sqlite")] == [
        bare(event) for event in alone.events
    ]


def test_the_same_seed_gives_the_same_fleet_in_any_number_of_processes() -> None:
    one = list(run_fleet(3, days=1, seed=SEED))
    two = list(run_fleet(3, days=1, seed=SEED, jobs=2))

    assert one == two
    assert [lived.owner for lived in one] == ["owner-0001", "owner-0002", "owner-0003"]
    assert next(run_fleet(1, days=1, seed=SEED + 1)).events != one[0].events


def test_every_event_comes_with_who_and_in_which_window() -> None:
    lived = live_alone(PRIVATE, days=1, seed=SEED)
    owner = make_owner(PRIVATE, SEED)
    modes = {event["_truth"]["mode"] for event in lived.events}

    assert modes == {"normal", "incognito"}
    assert {event["_truth"]["owner"] for event in lived.events} == {owner.id}
    assert "_truth" not in str([bare(event) for event in lived.events])
    assert all(event["_server"]["received_ns"] >= event["time"] * 1_000_000 for event in lived.events)


def test_everything_done_is_an_item_once() -> None:
    """What an owner did that day, and what the table says: searches load a result page too."""
    owner = make_owner(NUMBER, SEED)
    lived = live_alone(NUMBER, days=1, seed=SEED)
    items = sorted(item for event in lived.events if (item := item_of(event)))
    sorts = {"visit": "page", "search": "search", "play": "song", "open-folder": "folder"}
    told = [f"{sorts[one.action]}:{one.text}" for one in plan_day(owner, 0) if one.action in sorts]
    told = sorted(item.replace("page:https://", "page:").rstrip("/") for item in told)

    assert [
        item for item in items if item.split(":")[0] in sorts.values() and "search.example" not in item
    ] == told
