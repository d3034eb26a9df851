"""Codes that nobody named: what contradicts, and what must not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from hometruth.model import Identifier, VerdictKind
from tests.claims.statements import judged, statement
from tests.claims.world import HOST, World, condition

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE, UNTESTED = VerdictKind.INCONCLUSIVE, VerdictKind.UNTESTED
HERE = condition(mode="normal")
KINDS, CONTROL = ["account", "device-id"], {"mode": ["normal"]}
NOBODY = statement("no-identifier", kinds=KINDS, control=CONTROL, others=True)
NO_KNOWN = statement("no-identifier", kinds=KINDS, control=CONTROL)
ROTATES = statement("rotates-within", fields=["distinct_id"], days=90, others=True)
Code = Callable[[int, int], str]
"""From the number of an installation and the day of a session to what was sent in field ``zz``."""


def kept(number: int, _day: int) -> str:
    return f"kept-{number}"


def same(_number: int, _day: int) -> str:
    return "same"


def fresh(number: int, day: int) -> str:
    return f"fresh-{number}-{day}"


def world(code: Code, *, days: tuple[int, ...] = (0, 95), devices: int = 1) -> World:
    """Sixteen installations; the named token is new on each day, and the other is what *code* says."""
    made = World()
    for number in range(16):
        for day in days:
            token = f"{number}-{day}"
            trial = made.session(
                HERE,
                sends=True,
                content=False,
                installation=f"i{number}",
                day=day,
                token=token,
                series="matrix",
            )
            made.trials[-1] = replace(trial, device=f"phone-{number % devices}")
            made.token(code(number, day), trial.id, "zz")
    return made


@pytest.mark.parametrize("code", [fresh, same])
def test_what_the_installation_does_not_keep_or_what_all_send_names_none(code: Code) -> None:
    assert judged(NOBODY, world(code))[HERE].verdict is CONSISTENT
    assert judged(ROTATES, world(code))[HERE].verdict is not CONTRADICTED


def test_a_code_that_the_installation_keeps_contradicts_where_others_are_asked_for() -> None:
    row = judged(NOBODY, world(kept))[HERE]

    assert row.verdict is CONTRADICTED
    assert f"in 32 of 32 sessions a code that the installation keeps was sent to {HOST} (zz)" in row.why
    assert judged(NO_KNOWN, world(kept))[HERE].verdict is CONSISTENT


def test_another_code_that_outlives_the_promised_time_contradicts_rotation() -> None:
    row = judged(ROTATES, world(kept))[HERE]

    assert row.verdict is CONTRADICTED
    assert "another code, zz, was the same on days 0, 95" in row.why
    named_alone = statement("rotates-within", fields=["distinct_id"], days=90)
    assert judged(named_alone, world(kept))[HERE].verdict is not CONTRADICTED
    assert judged(ROTATES, world(kept, days=(0, 80)))[HERE].verdict is not CONTRADICTED


def test_without_fields_every_identifier_is_asked() -> None:
    anything = statement("rotates-within", days=90)

    row = judged(anything, world(kept))[HERE]

    assert row.verdict is CONTRADICTED
    assert "zz was the same on days 0, 95" in row.why


def test_what_differs_between_devices_only_may_be_their_model() -> None:
    row = judged(NOBODY, world(kept, devices=16))[HERE]

    assert row.verdict is UNTESTED
    assert "fewer than two installations had two sessions each" in row.why


def test_what_the_vendor_was_not_sent_does_not_count() -> None:
    made = world(kept)
    made.identifiers = [replace(item, recipient="elsewhere.example") for item in made.identifiers]

    assert judged(NOBODY, made)[HERE].verdict is CONSISTENT


@pytest.mark.parametrize("kind", ["account", "device", "advertising"])
def test_a_known_kind_is_not_taken_for_the_installations(kind: str) -> None:
    made = world(kept)
    made.identifiers = [replace(item, kind=kind) for item in made.identifiers]

    assert judged(NOBODY, made)[HERE].verdict is CONSISTENT


def test_a_code_that_all_installations_on_the_only_device_send_leaves_a_doubt() -> None:
    made = world(fresh)
    ids = tuple(trial.id for trial in made.trials)
    made.lookalikes = [Identifier("5a1b2c3d4e5f6071", "unknown", "body hw", HOST, ids, "looks random")]

    row = judged(NO_KNOWN, made)[HERE]

    assert row.verdict is INCONCLUSIVE
    assert "body hw" in row.why
    assert "a second device of that model would tell" in row.why
    no_account = statement("no-identifier", kinds=["account"], control=CONTROL)
    assert judged(no_account, made)[HERE].verdict is CONSISTENT


def test_without_fields_what_no_installation_differs_in_does_not_count() -> None:
    """A build that is the same for a year is the software's."""
    anything = statement("rotates-within", days=90)

    assert judged(anything, world(same))[HERE].verdict is not CONTRADICTED
