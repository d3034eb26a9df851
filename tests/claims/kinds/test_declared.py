"""Records that are to be as declared, as many as always, and under fresh noise: all verdicts, by hand."""

from dataclasses import replace
from itertools import count
from random import Random
from typing import Any

import pytest

from hometruth.claims import parse_claims
from hometruth.model import Claim, Condition, Said, Verdict, VerdictKind
from tests.claims.statements import judged, statement
from tests.claims.world import World, condition, told

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE, UNTESTED = VerdictKind.INCONCLUSIVE, VerdictKind.UNTESTED
HERE = condition(version="3.4.0", consent="given")
CLAIMS = parse_claims(
    """
[[claim]]
id = "d"
side = "vendor"
who = "a test"
date = "2020-05-02"
statement = "As declared."
source = ["nowhere"]
source_tier = "secondary"
[[claim.reading]]
kind = "ordinary"
wording = "quoted"
[[claim.reading.proposition]]
id = "d.declared"
kind = "declared"
says = "as declared"
[claim.reading.proposition.options]
events = ["report"]
fields = ["a", "b", "c"]
values = ["0", "1", "2", "3"]
control = { consent = ["given"] }
[[claim.reading.proposition]]
id = "d.steady"
kind = "steady"
says = "as much as always"
options = { control = { consent = ["given"] } }
[[claim.reading.proposition]]
id = "d.noise"
kind = "fresh-noise"
says = "fresh noise"
options = { fields = ["a", "b", "c"], control = { consent = ["given"] } }
""",
    "test",
)
WHOLE = Condition(())


def verdict(world: World, proposition: str) -> Verdict:
    rows = told(CLAIMS, world.evidence())
    (row,) = [row for row in rows if row.proposition == proposition and row.condition == WHOLE]
    return row


def a_world(*, n: int = 16, weeks: int = 4, fresh: bool = True, busy: bool = True) -> World:
    """*n* installations of an honest phone, with a report in every session."""
    world, rng, numbers = World(), Random(1), count()
    for installation in range(n):
        stale = [str(rng.randrange(4)) for _ in "abc"]
        for week in range(weeks):
            trial = world.session(
                HERE, sends=True, content=False, records=1, installation=f"i{installation}", day=8.0 * week
            )
            answers = [str(rng.randrange(4)) for _ in "abc"] if fresh else stale
            if fresh:  # 64 answers are few: of an honest phone, none shall repeat in this test
                number = next(numbers) % 64
                answers = [str(number // 16), str(number // 4 % 4), str(number % 4)]
            said = Said("report", tuple(zip("abc", answers, strict=True)))
            world.contacts[-1] = replace(world.contacts[-1], said=(said,))
            if busy and week % 2:
                world.trials[-1] = replace(trial, actions=trial.actions * 3)
    return world


def last_said(world: World, *said: Said) -> World:
    world.contacts[-1] = replace(world.contacts[-1], said=said, records=len(said))
    return world


GOOD = (("a", "0"), ("b", "1"), ("c", "2"))


def test_an_honest_phone_is_cleared_of_all_three() -> None:
    world = a_world()

    assert [verdict(world, name).verdict for name in ("d.declared", "d.steady", "d.noise")] == [
        CONSISTENT
    ] * 3


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (Said("search", GOOD), "event 'search'"),
        (Said("report", (*GOOD, ("uuid", "x"))), "field uuid"),
        (Said("report", (*GOOD, ("domains[0]", "x"), ("domains[1]", "y"))), "field domains,"),
        (Said("report", (("a", "4"), ("b", "1"), ("c", "2"))), "a value of a"),
    ],
)
def test_one_record_that_is_not_declared_contradicts(said: Said, told: str) -> None:
    row = verdict(last_said(a_world(), said), "d.declared")

    assert row.verdict is CONTRADICTED
    assert told in row.why


def test_records_that_cannot_be_read_forbid_an_all_clear() -> None:
    row = verdict(last_said(a_world()), "d.declared")

    assert row.verdict is INCONCLUSIVE
    assert "no record that could be read" in row.why


def test_one_record_more_in_one_session_contradicts_steadiness() -> None:
    good = Said("report", GOOD)
    row = verdict(last_said(a_world(), good, good), "d.steady")

    assert row.verdict is CONTRADICTED
    assert "2 records in 900 bytes, others: 1 record in 900 bytes" in row.why


@pytest.mark.parametrize(("silent", "told"), [(1, INCONCLUSIVE), (3, INCONCLUSIVE), (8, CONTRADICTED)])
def test_a_report_that_got_lost_is_a_doubt_and_many_are_none(silent: int, told: VerdictKind) -> None:
    """On a loaded machine one of 80 sessions once sent nothing, and an honest phone stood accused."""
    world = a_world()
    del world.contacts[-silent:]

    assert verdict(world, "d.steady").verdict is told


def test_other_sizes_contradict_steadiness() -> None:
    world = a_world()
    world.contacts[-1] = replace(world.contacts[-1], read_bytes=901)

    assert verdict(world, "d.steady").verdict is CONTRADICTED


def test_a_request_that_speaks_of_two_sessions_is_counted_once() -> None:
    world = a_world()
    first, *_, last = world.contacts
    world.contacts.append(replace(last, trial=first.trial))

    assert verdict(world, "d.steady").findings == 0
    assert verdict(world, "d.noise").findings == 0


def test_steadiness_is_not_shown_by_sessions_that_all_did_the_same() -> None:
    row = verdict(a_world(busy=False), "d.steady")

    assert row.verdict is UNTESTED
    assert "different numbers of actions would settle it" in row.why


def test_stale_noise_is_contradicted_and_few_repetitions_are_not_enough() -> None:
    few = a_world(n=3, weeks=2, fresh=False)
    many = verdict(a_world(fresh=False), "d.noise")

    assert many.verdict is CONTRADICTED
    assert "48 of 64 sessions" in many.why
    assert verdict(few, "d.noise").verdict is INCONCLUSIVE
    assert "bits" in verdict(few, "d.noise").why


def test_what_everybody_answers_is_no_name() -> None:
    """A constant is the same in every week, and in every installation: it tells nobody from anybody."""
    world = a_world()
    world.contacts = [replace(contact, said=(Said("report", GOOD),)) for contact in world.contacts]

    assert verdict(world, "d.noise").verdict is INCONCLUSIVE


def test_one_report_an_installation_can_repeat_nothing() -> None:
    row = verdict(a_world(n=40, weeks=1), "d.noise")

    assert row.verdict is UNTESTED
    assert "nothing could repeat" in row.why


def test_silence_without_a_control_clears_nothing() -> None:
    """Ten sessions in 64 delivered: what the others would have shown is not known."""
    world = a_world()
    world.contacts = world.contacts[:10]

    assert verdict(world, "d.declared").verdict is INCONCLUSIVE


def test_nothing_attested_is_untested() -> None:
    world = World()
    world.cell(HERE, 5, sends=True, content=False, ran_as=condition(version="3.4.3", consent="given"))

    assert verdict(world, "d.declared").verdict is UNTESTED


CLEARED: dict[str, Any] = {
    "events": ["report"],
    "fields": ["a", "b", "c"],
    "values": ["0", "1", "2", "3"],
    "control": {"consent": ["given"]},
}
CATEGORIES = statement("only-categories", kinds=["search"], **CLEARED)
AGGREGATED = statement("aggregated", kinds=["page", "search"], **CLEARED)


@pytest.mark.parametrize("claim", [CATEGORIES, AGGREGATED])
def test_reports_with_room_for_declared_values_only_are_cleared(claim: Claim) -> None:
    row = judged(claim, a_world())[WHOLE]

    assert row.verdict is CONSISTENT
    assert row.bound_percent is not None


@pytest.mark.parametrize("claim", [CATEGORIES, AGGREGATED])
@pytest.mark.parametrize(
    "said",
    [
        (Said("report", (*GOOD, ("uuid", "x"))),),
        (Said("report", (("a", "some words"),)),),
        (Said("visited", GOOD),),
        (),
    ],
)
def test_a_record_with_room_for_more_is_neither_cleared_nor_accused(
    claim: Claim, said: tuple[Said, ...]
) -> None:
    row = judged(claim, last_said(a_world(), *said))[WHOLE]

    assert row.verdict is INCONCLUSIVE
    assert "may say anything" in row.why or "no record that could be read" in row.why


@pytest.mark.parametrize("claim", [CATEGORIES, AGGREGATED])
def test_what_was_planted_contradicts_both_all_the_same(claim: Claim) -> None:
    world = a_world()
    world.leak(world.trials[-1], world.upload(world.trials[-1].id), 55.0)

    assert judged(claim, world)[WHOLE].verdict is CONTRADICTED


def test_a_record_for_each_action_is_not_cleared_of_being_one() -> None:
    """Declared events and values, but more of them where more is done: each may stand for an action."""
    good = Said("report", GOOD)
    more = judged(AGGREGATED, last_said(a_world(), good, good))[WHOLE]
    same_use = judged(AGGREGATED, a_world(busy=False))[WHOLE]

    assert more.verdict is INCONCLUSIVE
    assert "not as much as that of another" in more.why
    assert same_use.verdict is UNTESTED
    assert "every session did as much as every other" in same_use.why
