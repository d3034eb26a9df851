"""From halves to effects."""

from dataclasses import replace
from random import Random

import pytest

from hometruth.model import Condition, Effect, Reason, ReasonKind, Rung
from hometruth.opaque import Barcode, Half, Pair, assess, may_stop

CONDITION = Condition.of({"mode": "incognito"})
BITS = 5.95


def pair(number: int, rng: Random, visits: int = 20, *, content: bool = False) -> Pair:
    drawn = tuple(rng.randint(16, 3000) for _ in range(visits))
    return Pair(
        f"c{number}" if content else f"t{number}",
        f"r{number}" if content else f"s{number}",
        treated_valid=True,
        control_valid=True,
        barcode=Barcode((100,) * visits, drawn),
        planted_bits=tuple(BITS * (100 + length) for length in drawn),
        content=content,
    )


def background(rng: Random) -> tuple[int, ...]:
    return tuple(rng.randrange(320, 640, 16) for _ in range(rng.randint(8, 25)))


def half(atoms: tuple[int, ...]) -> Half:
    return Half(round(sum(atoms) * 4 / 3), atoms)


def events(item: Pair, *, whole: bool) -> tuple[int, ...]:
    if not whole:
        return (416,) * len(item.barcode.drawn)
    return tuple((400 + round(0.755 * (100 + length))) // 16 * 16 + 32 for length in item.barcode.drawn)


def judged(pairs: list[Pair], sent: dict[str, Half], *, planned: int = 60, others: int = 11) -> Effect:
    halves = {"leaky": sent, **{f"other-{n}": {} for n in range(others)}}
    found = assess(CONDITION, pairs, halves, planned_pairs=planned, alpha=0.001, rng=Random(0))
    assert len(found) == 1 + others
    return found[0]


def world(n: int, *, leak: str, seed: int = 1) -> tuple[list[Pair], dict[str, Half]]:
    rng = Random(seed)
    pairs = [pair(number, rng) for number in range(n)]
    sent = {}
    for item in pairs:
        more = () if leak == "none" else events(item, whole=leak == "whole")
        sent[item.treated] = half((*background(rng), *more))
        sent[item.control] = half(background(rng))
    return pairs, sent


def test_a_whole_address_is_content_from_the_first_pair() -> None:
    effect = judged(*world(1, leak="whole"))

    assert effect.rung is Rung.CONTENT
    assert effect.barcode_trial == "t0"
    assert effect.barcode_p <= effect.barcode_level == pytest.approx(0.001 / (2 * 12 * 60))


def test_a_bare_event_is_occurrence_after_eighteen_pairs_and_never_content() -> None:
    effect = judged(*world(18, leak="bare"))

    assert effect.rung is Rung.OCCURRENCE
    assert (effect.wins, effect.untied, effect.threshold) == (18, 18, 12_000)
    assert effect.barcode_p > effect.barcode_level


def test_an_honest_endpoint_shows_nothing_and_had_no_room() -> None:
    effect = judged(*world(60, leak="none"))

    assert effect.rung is Rung.NONE
    assert effect.objections == ()
    assert effect.room[0].trials_with_room == 0
    assert effect.room[0].bound_percent < 5
    assert effect.per_planted_byte is not None
    assert effect.per_planted_byte.low < 0.05


def test_random_against_repeated_addresses_of_equal_length_show_content() -> None:
    rng = Random(7)
    pairs, sent = world(18, leak="bare")
    for number in range(19):
        item = pair(number, rng, content=True)
        pairs.append(item)
        size = round(sum(item.planted_bits) / 8 * 4 / 3)
        sent[item.treated] = Half(size + rng.randint(0, 4000), (size,))
        sent[item.control] = Half(9_000 + rng.randint(0, 4000), (9_000,))
    effect = judged(pairs, sent)

    assert effect.rung is Rung.CONTENT
    assert effect.content_follow_p <= effect.content_follow_level
    assert effect.content_pairs == 19
    assert effect.content_threshold == 2 * effect.threshold
    assert effect.pairs == 18


def test_a_single_address_of_each_session_is_followed_too() -> None:
    rng = Random(7)
    pairs, sent = world(18, leak="bare")
    for number in range(19):
        item = pair(number, rng, content=True)
        pairs.append(item)
        size = 2_000 + round(item.planted_bits[3] / 8 * 4 / 3)
        sent[item.treated] = Half(size + rng.randint(0, 100), (size,))
        sent[item.control] = Half(2_000 + rng.randint(0, 100), (2_000,))
    effect = judged(pairs, sent)

    assert effect.rung is Rung.CONTENT


def test_an_app_that_is_merely_busier_at_random_addresses_shows_no_content() -> None:
    rng = Random(7)
    pairs, sent = world(18, leak="bare")
    for number in range(40):
        item = pair(number, rng, content=True)
        pairs.append(item)
        sent[item.treated] = Half(30_000 + rng.randint(0, 4000), (30_000,))
        sent[item.control] = Half(9_000 + rng.randint(0, 4000), (9_000,))
    effect = judged(pairs, sent)

    assert effect.content_is_larger
    assert effect.rung is Rung.OCCURRENCE
    assert not effect.by_random_addresses


def test_lost_trials_are_an_objection() -> None:
    pairs, sent = world(60, leak="none")
    few = [replace(item, treated_valid=n >= 7) for n, item in enumerate(pairs)]
    uneven = [replace(item, treated_valid=n >= 6) for n, item in enumerate(pairs)]

    assert judged(few, sent).objections[0] == Reason.of(ReasonKind.TRIALS_LOST, n=7, of=120)
    assert judged(few, sent).lost_treated == 7
    assert judged(uneven, sent).objections[0].kind is ReasonKind.TRIALS_LOST_UNEVENLY


def test_a_run_broken_off_is_an_objection() -> None:
    assert Reason.of(ReasonKind.PAIRS_NOT_RUN, n=30, of=60) in judged(*world(30, leak="none")).objections


def test_noise_that_would_hide_the_dose_is_an_objection() -> None:
    pairs, sent = world(60, leak="none")
    rng = Random(3)
    loud = {name: Half(round(rng.lognormvariate(14, 1.5)), ()) for name in sent}

    assert Reason.of(ReasonKind.SPIKE_MISSED) in judged(pairs, loud).objections


def test_large_evidence_below_the_line_is_suspicious() -> None:
    pairs, sent = world(60, leak="none")
    biased = {
        name: Half(half.size_bytes + 10_000 * (name[0] == "t" and int(name[1:]) < 34))
        for name, half in sent.items()
    }
    effect = judged(pairs, biased)

    assert any(each.kind is ReasonKind.PAIRS_SUSPICIOUS for each in effect.objections)


def test_pinned_connections_count_by_their_bytes_alone() -> None:
    pairs, _ = world(18, leak="none")
    sent = {item.treated: Half(5000) for item in pairs} | {item.control: Half(100) for item in pairs}
    effect = judged(pairs, sent, others=0)

    assert effect.rung is Rung.OCCURRENCE


def test_content_has_half_of_alpha_for_each_of_its_two_ways() -> None:
    pairs, sent = world(18, leak="whole")
    (effect,) = assess(CONDITION, pairs, {"e": sent}, planned_pairs=60, alpha=0.001, rng=Random(0), tests=12)

    assert effect.threshold == pytest.approx(12 / 0.001)
    assert effect.content_threshold == pytest.approx(12 / 0.0005)
    assert effect.barcode_level == pytest.approx(0.0005 / (12 * 60))


def run_of(n: int, *, content: bool = False) -> list[Pair]:
    kind = "c" if content else "o"
    return [
        Pair(f"t{kind}{i}", f"s{kind}{i}", True, True, Barcode((), ()), (8.0 * i,), content) for i in range(n)
    ]


def larger_when_treated(run: list[Pair]) -> dict[str, Half]:
    treated = {
        item.treated: Half(9000 + round(item.planted_bits[0]), (9000 + round(item.planted_bits[0]),))
        for item in run
    }
    return treated | {item.control: Half(100) for item in run}


def test_thirteen_straight_wins_stop_a_single_test_and_not_twelve() -> None:
    run = run_of(14)
    sent = [larger_when_treated(run)]

    assert may_stop(run, sent, tests=1, alpha=0.001)
    assert not may_stop(run[:12], sent, tests=1, alpha=0.001)
    assert not may_stop(run, sent, tests=12, alpha=0.001)
    assert may_stop(run_of(18), [larger_when_treated(run_of(18))], tests=12, alpha=0.001)


def test_content_pairs_have_a_line_of_their_own() -> None:
    run = [*run_of(14), *run_of(13, content=True)]
    sent = [larger_when_treated(run)]

    assert may_stop(run, sent, tests=1, alpha=0.001)
    assert not may_stop(run, sent, tests=1, alpha=0.001, content=True)
    longer = [*run[:14], *run_of(14, content=True)]
    assert may_stop(longer, [larger_when_treated(longer)], tests=1, alpha=0.001, content=True)


def test_content_pairs_go_on_while_what_leaves_does_not_grow_with_the_lengths() -> None:
    run = run_of(60, content=True)
    busier = {item.treated: Half(9000, (9000,)) for item in run} | {item.control: Half(100) for item in run}

    assert may_stop(run, [larger_when_treated(run)], tests=1, alpha=0.001, content=True)
    assert not may_stop(run, [busier], tests=1, alpha=0.001, content=True)


def test_silence_never_stops() -> None:
    assert not may_stop(run_of(60), [{}], tests=1, alpha=0.001)
