"""The phone sent is not the browser sent: what is held against an app must be known to come from it."""

from dataclasses import replace

import pytest

from hometruth.model import Claim, Scope, Sender, Subject, VerdictKind
from tests.claims.statements import judged, statement
from tests.claims.world import NOBODY, World, condition

CONTRADICTED, INCONCLUSIVE = VerdictKind.CONTRADICTED, VerdictKind.INCONCLUSIVE
MINT = condition(app="mint-browser", mode="incognito")
MUSIC = condition(app="music-player", mode="normal")
PHONE = Subject(
    *("simulated", "phone", "Xiaomi", "Mi Browser", "redmi-note-8"),
    products=(("mint-browser", "Mint Browser"), ("music-player", "Music player")),
)


def absent(*products: str) -> Claim:
    claim = statement("absent", where={"mode": ["incognito"]}, kinds=["page"], control={"mode": ["normal"]})
    return replace(claim, scope=Scope(products))


def leaking(sender: Sender, project: str = "") -> World:
    world = World(subject=PHONE)
    world.cell(MINT, 30, sends=True, sender=sender, project=project)
    return world


def test_an_app_that_the_request_names_is_accused_by_name() -> None:
    world = leaking(Sender("Mint Browser", "user agent"))

    row = judged(absent("Mint Browser"), world)[MINT]

    assert row.verdict is CONTRADICTED
    assert "sent by Mint Browser (known by: user agent)" in row.why


def test_what_nobody_named_sent_is_held_against_the_phone_only() -> None:
    row = judged(absent("Mint Browser"), leaking(NOBODY))[MINT]

    assert row.verdict is INCONCLUSIVE
    assert "what the phone sent" in row.why
    assert row.findings == 30


def test_a_statement_about_the_phone_needs_no_app() -> None:
    row = judged(absent(), leaking(NOBODY))[MINT]

    assert row.verdict is CONTRADICTED
    assert "sent by the device; by which app is not known" in row.why


def test_what_another_app_sent_is_not_held_against_this_one() -> None:
    row = judged(absent("Mint Browser"), leaking(Sender("Keyboard", "user agent")))[MINT]

    assert row.verdict is INCONCLUSIVE
    assert "Keyboard, of which the statement does not speak" in row.why


@pytest.mark.parametrize(("n", "expected"), [(9, INCONCLUSIVE), (10, CONTRADICTED)])
def test_a_control_run_without_the_app_settles_it(n: int, expected: VerdictKind) -> None:
    world = leaking(NOBODY, project="a")
    world.cell(MUSIC, n, sends=True, sender=NOBODY, project="b")

    row = judged(absent("Mint Browser"), world)[MINT]

    assert row.verdict is expected
    assert ("never seen in 10 sessions" in row.why) is (expected is CONTRADICTED)


def test_a_stream_that_goes_on_without_the_app_is_not_its_own() -> None:
    world = leaking(NOBODY, project="a")
    world.cell(MUSIC, 29, sends=True, sender=NOBODY, project="b")
    world.session(MUSIC, sends=True, sender=NOBODY, project="a")

    assert judged(absent("Mint Browser"), world)[MINT].verdict is INCONCLUSIVE


def test_sessions_that_were_not_attested_are_no_control_run() -> None:
    world = leaking(NOBODY, project="a")
    world.cell(MUSIC, 30, sends=False, ran_as=MINT)

    assert judged(absent("Mint Browser"), world)[MINT].verdict is INCONCLUSIVE


def test_one_request_that_names_the_app_is_enough_beside_many_that_do_not() -> None:
    world = leaking(NOBODY)
    world.session(MINT, sends=True, sender=Sender("Mint Browser", "event property"))

    row = judged(absent("Mint Browser"), world)[MINT]

    assert row.verdict is CONTRADICTED
    assert row.findings == 1
    assert "in 1 of 31 sessions" in row.why


@pytest.mark.parametrize(("extensions", "expected"), [(False, CONTRADICTED), (True, INCONCLUSIVE)])
def test_an_extension_sends_under_the_browsers_name_unless_it_is_stated_that_there_is_none(
    extensions: bool, expected: VerdictKind
) -> None:
    world = leaking(Sender("Mint Browser", "user agent"))
    world.subject = replace(PHONE, extensions=extensions)
    row = judged(absent("Mint Browser"), world)[MINT]

    assert row.verdict is expected
    assert ("no extension was installed" in row.why) is extensions
