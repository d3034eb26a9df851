"""In which cells the phone sends, seen at a real collector through a real recorder."""

import itertools

import pytest

from hometruth.lab import SEARCH_HOST, TELEMETRY_HOST, Mutation, Phone, behaviour_sends
from tests.lab.conftest import MakePhone, World

CELLS = [
    dict(zip(("version", "mode", "switch", "consent"), levels, strict=True))
    for version, switches in (("3.4.0", ["absent"]), ("3.4.3", ["on", "off"]))
    for levels in itertools.product(
        [version], ["normal", "incognito"], switches, ["none", "given", "withdrawn"]
    )
]
PAGE = ["page_load_event_start", "page_load_event_finish"]


def session(phone: Phone, cell: dict[str, str], word: str) -> None:
    """One session in *cell*, from launch to the end of the app's process."""
    phone.launch()
    if cell["switch"] != "absent":
        phone.set_switch(cell["switch"])
    phone.set_incognito(cell["mode"] == "incognito")
    assert phone.badge() == cell
    assert phone.visit(f"https://{word}.example/page").happened
    assert phone.search(word).happened
    phone.advance(20)
    phone.kill()


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: "-".join(cell.values()))
def test_each_cell_sends_as_found_and_the_ledger_agrees(
    world: World, ready_phone: MakePhone, cell: dict[str, str]
) -> None:
    phone = ready_phone(cell["version"], cell["consent"])
    session(phone, cell, "word")
    phone.launch()
    phone.advance(20)
    events, ledger = world.arrived(), world.ledger()

    assert events == ledger.delivered()
    assert [event["event"] for event in events] == (
        [*PAGE, "search", *PAGE] if behaviour_sends(**cell) else []
    )
    assert all(recorded.cell == cell for recorded in ledger.recorded)
    assert [request.host for request in ledger.requests][:2] == ["word.example", SEARCH_HOST]
    assert {request.host for request in ledger.requests[2:]} <= {TELEMETRY_HOST}


def test_the_visit_and_the_query_are_told_whole(world: World, ready_phone: MakePhone) -> None:
    phone = ready_phone()
    phone.visit("https://user@a.example:444/p?q=1#part")
    phone.search("two wörds")
    phone.advance(15)
    told = [event["properties"] for event in world.arrived()]

    assert told[0]["url"] == told[1]["url"] == "https://user@a.example:444/p?q=1#part"
    assert told[2]["search_word"] == "two wörds"
    assert told[2]["used_searchengine"] == "google"
    assert told[3]["url"] == f"https://{SEARCH_HOST}/search?q=two+w%C3%B6rds"


def test_withdrawal_deletes_what_still_waits(world: World, ready_phone: MakePhone) -> None:
    phone = ready_phone()
    phone.visit("https://a.example/")
    phone.set_consent("withdrawn")
    phone.advance(60)
    phone.kill()
    phone.launch()
    phone.advance(60)

    assert world.arrived() == []
    assert len(world.ledger().recorded) == 2


@pytest.mark.parametrize(("switch", "sends"), [("off", True), ("on", False)])
def test_a_mutation_turns_one_cell_and_leaves_the_others(
    world: World, ready_phone: MakePhone, switch: str, sends: bool
) -> None:
    """Leak in the silent cell, or be honest in the one beside it."""
    incognito = {"version": "3.4.3", "mode": "incognito", "switch": switch, "consent": "given"}
    phone = ready_phone("3.4.3", mutations=[Mutation(incognito, sends=sends)])
    session(phone, incognito, "turned")
    session(phone, {**incognito, "mode": "normal"}, "normal")
    session(phone, {**incognito, "switch": "on" if switch == "off" else "off"}, "beside")
    words = [event["properties"]["search_word"] for event in world.arrived() if event["event"] == "search"]

    assert words == (["turned", "normal", "beside"] if sends else ["normal"])


def test_a_leak_before_consent_leaves_the_phone(world: World, ready_phone: MakePhone) -> None:
    phone = ready_phone("3.4.0", "none", mutations=[Mutation({"consent": "none"}, sends=True)])
    phone.visit("https://a.example/")
    phone.kill()
    phone.launch()
    phone.advance(15)

    assert [event["event"] for event in world.arrived()] == PAGE
