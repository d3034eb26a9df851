"""What a plan cannot test is UNTESTED: each kind names the pairs of sessions that it compares."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from hometruth.claims.kinds import KINDS
from hometruth.model import ActionRecord, Condition, Identifier, Trial, VerdictKind
from tests.claims.statements import judged, statement
from tests.claims.world import HOST, World, condition

UNTESTED = VerdictKind.UNTESTED
INCOGNITO = condition(version="1", mode="incognito", switch="off", consent="given")
NORMAL = condition(version="1", mode="normal", switch="off", consent="given")
ON = condition(version="1", mode="incognito", switch="on", consent="given")
OTHER = condition(app="other", version="1", mode="normal", consent="given")
WHOLE = Condition(())
CONTROL = {"mode": ["normal"]}
NOT_RANDOM = "f" * 16


def ids(world: World) -> None:
    """Thirty installations with two sessions in each mode, on days far apart; each sends its own token."""
    for number in range(30):
        name = f"i{number}"
        for day, where in ((0.0, NORMAL), (0.0, INCOGNITO), (100.0, NORMAL), (100.0, INCOGNITO)):
            trial = world.session(where, sends=True, content=False, installation=name, day=day)
            world.token(f"{number:032x}", trial.id)
    for number in range(30):
        world.session(ON, sends=False, content=False, installation=f"on{number}")
    world.cell(OTHER, 30, sends=True)
    shorter = [replace(trial, actions=()) if n % 3 else trial for n, trial in enumerate(world.trials)]
    world.trials[:] = shorter


@dataclass(frozen=True)
class Case:
    """A kind, its options, and what takes away the pairs that it needs."""

    kind: str
    options: dict[str, object]
    without: Callable[[list[Trial]], list[Trial]]


def one_session_each(trials: list[Trial]) -> list[Trial]:
    return list({trial.installation: trial for trial in reversed(trials)}.values())


def same_day(trials: list[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.subject_day == 0.0]


def one_installation(trials: list[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.installation == "i0"]


def one_position(trials: list[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.condition.get("switch") != "on"]


def all_alike(trials: list[Trial]) -> list[Trial]:
    return [replace(trial, actions=(ActionRecord("visit", None, 1, True),)) for trial in trials]


def no_other_product(trials: list[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.condition.get("app") is None]


CASES = (
    Case("not-linked-to", {"with": CONTROL, "control": CONTROL}, one_session_each),
    Case("not-linked-to", {"with": {"mode": ["incognito"]}, "control": CONTROL}, same_day),
    Case("random-tokens", {"fields": ["distinct_id"]}, one_installation),
    Case("rotates-within", {"days": 90}, same_day),
    Case("keeps-token", {"days": 90, "fields": ["distinct_id"]}, same_day),
    Case("stops-when", {"control": CONTROL}, one_position),
    Case("steady", {"control": CONTROL}, all_alike),
    Case("aggregated", {"kinds": ["song"], "control": CONTROL}, all_alike),
    Case("no-identifier", {"kinds": ["account"], "others": True, "control": CONTROL}, one_session_each),
    Case("same-as", {"kinds": ["page"], "as": {"app": ["other"]}, "control": CONTROL}, no_other_product),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}-{case.without.__name__}")
def test_without_its_pairs_a_proposition_is_untested_and_says_which_are_missing(case: Case) -> None:
    claim = statement(case.kind, where={"mode": ["incognito"]}, **case.options)
    world = World()
    ids(world)
    before = judged(claim, world)[WHOLE]
    world.trials[:] = case.without(world.trials)
    kept = {trial.id for trial in world.trials}
    world.identifiers[:] = [_only(item, kept) for item in world.identifiers if kept & set(item.trials)]
    after = judged(claim, world)[WHOLE]

    assert before.verdict is not UNTESTED, before.why
    assert after.verdict is UNTESTED
    assert after.reasons[0].kind.value in _MISSING


_MISSING = frozenset(
    {
        *("no-partner", "one-installation", "not-days-apart", "never-twice", "one-position", "alike-use"),
        *("codes-not-comparable", "no-other-product"),
    }
)


def _only(item: Identifier, kept: set[str]) -> Identifier:
    return replace(item, trials=tuple(name for name in item.trials if name in kept))


def test_every_kind_that_compares_sessions_is_tried() -> None:
    assert {name for name, kind in KINDS.items() if kind.pairs} - {"fresh-noise"} == {
        case.kind for case in CASES
    }


def test_a_partner_of_another_version_is_no_partner() -> None:
    world = World()
    newer = condition(version="2", mode="normal", switch="off", consent="given")
    for number in range(30):
        for where in (INCOGNITO, newer):
            trial = world.session(where, sends=True, content=False, installation=f"i{number}")
            world.identifiers.append(Identifier(NOT_RANDOM, "device", "hw", HOST, (trial.id,), "test", 64.0))
    claim = statement("not-linked-to", where={"version": ["1"]}, control=CONTROL, **{"with": CONTROL})

    assert judged(claim, world)[WHOLE].verdict is UNTESTED


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ((0, 1, 2, 3), VerdictKind.INCONCLUSIVE),
        ((0, 3, 1, 2), VerdictKind.CONTRADICTED),
        ((0, 2, 1, 3), VerdictKind.CONTRADICTED),
    ],
    ids=["one after the other", "one within the other", "in turns"],
)
def test_what_changes_with_time_is_not_the_installations(
    times: tuple[int, int, int, int], expected: VerdictKind
) -> None:
    """A server hands out one value for a while: installations that do not overlap tell nothing apart."""
    claim = statement("not-linked-to", where={"mode": ["incognito"]}, control=CONTROL, **{"with": CONTROL})
    world = World()
    for number in range(30):
        for turn, where in enumerate((INCOGNITO, NORMAL)):
            trial = world.session(where, sends=True, content=False, installation=f"i{number}")
            started = 10 * (number // 2) + times[2 * (number % 2) + turn]
            world.trials[-1] = replace(trial, started_ns=started)
            world.token(f"{number:032x}", trial.id)

    assert judged(claim, world)[WHOLE].verdict is expected


def test_a_value_of_the_time_is_nobodys_where_installations_take_turns() -> None:
    claim = statement("not-linked-to", where={"mode": ["incognito"]}, control=CONTROL, **{"with": CONTROL})
    world = World()
    for pair in range(15):
        for hour, where in enumerate((INCOGNITO, NORMAL)):
            for name in "ab":
                trial = world.session(where, sends=True, content=False, installation=f"{name}{pair}")
                world.trials[-1] = replace(trial, started_ns=len(world.trials))
                world.token(f"{2 * pair + hour:032x}", trial.id)

    assert judged(claim, world)[WHOLE].verdict is not VerdictKind.CONTRADICTED
