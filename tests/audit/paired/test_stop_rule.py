"""When a run may leave out what was planned."""

from dataclasses import replace

from hometruth.audit.paired import StopRule
from hometruth.canaries import mint_address
from hometruth.model import Arm, Pairing, Trial
from tests.audit.paired.flows import HOST, INCOGNITO, PAIRING, half, pairs
from tests.peel.exchanges import exchange

ELSEWHERE = "who.example"


def spoken(trial: Trial, *, leaks: bool) -> bytes:
    return b"\x81" * (9000 if leaks and trial.arm is not Arm.SHAM else 200)


def run(rule: StopRule, trials: list[Trial], *, leaks: bool, host: str = HOST) -> list[str]:
    """Run what is needed; ids of what was not."""
    left_out = []
    for trial in trials:
        if not rule.needs(trial):
            left_out.append(trial.id)
            continue
        sent = exchange("/sa", host=host, body=spoken(trial, leaks=leaks))
        rule.saw(type(sent)(**{name: getattr(sent, name) for name in sent.__slots__} | {"trial": trial.id}))
        rule.ended(trial)
    return left_out


def test_a_leak_ends_its_condition_as_soon_as_the_coin_is_over_the_line() -> None:
    trials, canaries = pairs(20)
    left_out = run(StopRule([PAIRING], trials, canaries), trials, leaks=True)

    assert 0 < len(left_out) < 2 * 8
    assert left_out == [trial.id for trial in trials[-len(left_out) :]]
    assert len(left_out) % 2 == 0


def test_silence_runs_to_the_end_whatever_others_depend_on() -> None:
    trials, canaries = pairs(20)

    assert run(StopRule([PAIRING], trials, canaries), trials, leaks=False) == []
    assert run(StopRule([PAIRING], trials, canaries), trials, leaks=True, host=ELSEWHERE) == []


def test_where_the_plan_names_no_endpoint_any_ends_a_condition() -> None:
    trials, canaries = pairs(20)
    rule = StopRule([replace(PAIRING, endpoints=())], trials, canaries)

    assert run(rule, trials, leaks=True, host=ELSEWHERE) != []


def with_content_pairs() -> tuple[Pairing, list[Trial], StopRule]:
    trials, canaries = pairs(20)
    for number in range(21, 31):
        treated, planted = half(number, Arm.CANARIES)
        control, repeated = half(number, Arm.REPEATED)
        trials += [treated, control]
        canaries += [*planted, *repeated]
    return PAIRING, trials, StopRule([PAIRING], trials, canaries)


def test_pairs_of_repeated_addresses_run_only_where_occurrence_was_shown_and_the_barcode_is_silent() -> None:
    _, trials, rule = with_content_pairs()
    repeated = [trial.id for trial in trials if trial.block > 20]

    assert not set(run(rule, trials, leaks=True)) & set(repeated)

    _, trials, rule = with_content_pairs()
    assert run(rule, trials, leaks=False) == [trial.id for trial in trials if trial.block > 20]


def test_sessions_outside_every_pair_are_always_needed() -> None:
    canary = mint_address(cell="t1")
    trial = Trial("t1", "matrix", INCOGNITO, 1, "i1", "phone")
    rule = StopRule([], [trial], [canary])
    rule.ended(trial)

    assert rule.needs(trial)
