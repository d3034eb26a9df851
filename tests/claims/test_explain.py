"""Every verdict is explained: plain words, proof, objection, answer, and steps to check it."""

import shlex
import subprocess
import sys
from dataclasses import replace

import pytest

from hometruth.claims import bundled_claims
from hometruth.model import Canary, CanaryKind, Explanation, Subject, TrialStatus, Verdict, VerdictKind
from tests.claims.test_judge import SENDING, SILENT, a_world
from tests.claims.world import World, said_of_any_version, told

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
UNTESTED = VerdictKind.UNTESTED


def explained(world: World) -> list[tuple[Verdict, Explanation]]:
    rows = told(said_of_any_version(bundled_claims()), world.evidence())
    return [(row, row.explanation) for row in rows if row.explanation]


def of(world: World, proposition: str, where: object) -> Explanation:
    return next(
        told for row, told in explained(world) if (row.proposition, row.condition) == (proposition, where)
    )


def test_every_verdict_has_every_part() -> None:
    rows = told(said_of_any_version(bundled_claims()), a_world().evidence())
    parts = explained(a_world())

    assert len(parts) == len(rows)
    assert {row.verdict for row, _ in parts} == {CONTRADICTED, CONSISTENT, UNTESTED}
    for row, item in parts:
        assert all((item.plain, item.proof, item.objection, item.answer, item.check)), row.proposition
        assert "\n" not in item.plain
        assert "simulation" in item.plain


def test_a_contradiction_shows_the_request_the_value_and_the_commands() -> None:
    item = of(a_world(), "x03.content", SENDING)

    assert (
        "Entry 30 of traffic.mitm (counted from 0), to sa.api.intl.miui.com: its body > base64 > json holds"
        in item.proof
    )
    assert "which was planted in session t0031 only" in item.proof
    assert "made at random for session t0031" in item.answer
    assert item.check[0].startswith("hometruth scan CASE/traffic.mitm --canaries CASE/canaries.jsonl")
    assert item.check[1] == "hometruth peel --from CASE/traffic.mitm --entry 30"


def test_an_all_clear_shows_its_arithmetic_and_admits_what_it_cannot_say() -> None:
    item = of(a_world(), "x03.content", SILENT)

    assert "That does not make it true" in item.plain
    assert "at most 9.6 % do otherwise (Clopper-Pearson)" in item.proof
    assert "Later: not answered" in item.answer
    assert _printed(item.check[0]) == pytest.approx(9.503, abs=0.001)


def test_the_arithmetic_by_hand_gives_the_verdicts_own_number_with_nothing_but_python() -> None:
    world = a_world()
    world.cell(SENDING, 0, sends=False)
    world.trials[-1] = replace(world.trials[-1], status=TrialStatus.LOST)
    for rows in (explained(a_world()), explained(world)):
        bounded = [(row, item) for row, item in rows if row.bound_percent is not None]
        commands = {item.check[0]: row.bound_percent for row, item in bounded}

        assert len(commands) > 1
        for command, percent in commands.items():
            assert _printed(command) == pytest.approx(percent, abs=0.01)


def test_only_a_quotation_stands_in_quotation_marks() -> None:
    rows = explained(a_world())
    quotes = {claim.id: claim.quote for claim in bundled_claims()}

    assert any(quotes[row.claim] for row, _ in rows)
    for row, item in rows:
        said = item.plain.split("Here that is taken to say")[0]
        assert said.count("“") == bool(quotes[row.claim])
        assert not quotes[row.claim] or f"“{quotes[row.claim]}”" in said


def _printed(command: str) -> float:
    """What a one-line command of Python prints."""
    code = shlex.split(command)[2]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def test_personal_values_are_named_and_not_told() -> None:
    world = a_world()
    device = Canary("android-id", CanaryKind.DEVICE_ID, "a1b2c3d4e5f60718", 64.0, personal=True)
    trial = next(trial for trial in world.trials if trial.condition == SENDING)
    world.known(device, {trial: 60.0})

    item = of(world, "x02.no-identity", SENDING)

    assert "the known value “android-id”" in item.proof
    assert "a1b2c3d4e5f60718" not in str(item)


@pytest.mark.parametrize(("kind", "simulated"), [("simulated", True), ("real", False)])
def test_a_simulation_says_so_and_a_real_device_does_not(kind: str, simulated: bool) -> None:
    world = a_world()
    world.subject = Subject(kind, "phone", "Xiaomi", "Mint Browser", "phone")

    item = of(world, "x03.content", SENDING)

    assert f"This {kind} phone was watched in 30 sessions" in item.plain
    assert ("simulation" in item.plain) is simulated
    assert ("simulation" in item.answer) is simulated
