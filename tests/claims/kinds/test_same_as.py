"""What is sent here is what others send, too: all four verdicts."""

from hometruth.model import Recipient, VerdictKind
from tests.claims.statements import judged, statement
from tests.claims.world import World, condition

CONTRADICTED, CONSISTENT = VerdictKind.CONTRADICTED, VerdictKind.CONSISTENT
INCONCLUSIVE, UNTESTED = VerdictKind.INCONCLUSIVE, VerdictKind.UNTESTED
HERE = condition(app="mint-browser", mode="incognito")
NORMAL = condition(app="mint-browser", mode="normal")
THERE = condition(app="chromium", mode="incognito")
CLAIM = statement(
    "same-as",
    where={"mode": ["incognito"]},
    kinds=["page", "search"],
    control={"mode": ["normal"]},
    **{"as": {"app": ["chromium"]}},
)
GOOGLE = Recipient("www.google.com", "google.com", "Google", "US")


def world(*, here: bool, there: bool, n: int = 30) -> World:
    made = World()
    made.cell(NORMAL, 30, sends=True)
    made.cell(HERE, 30, sends=here)
    made.cell(THERE, n, sends=there, recipient=GOOGLE)
    return made


def test_sent_here_and_by_nobody_else() -> None:
    assert judged(CLAIM, world(here=True, there=False))[HERE].verdict is CONTRADICTED


def test_sent_here_and_there_to_whomever() -> None:
    row = judged(CLAIM, world(here=True, there=True))[HERE]

    assert row.verdict is CONSISTENT
    assert "the page canary in 30 of 30" in row.why


def test_sent_nowhere_is_alike_with_a_bound() -> None:
    row = judged(CLAIM, world(here=False, there=False))[HERE]

    assert row.verdict is CONSISTENT
    assert row.bound_percent is not None


def test_others_watched_too_briefly_decide_nothing() -> None:
    row = judged(CLAIM, world(here=True, there=False, n=28))[HERE]

    assert row.verdict is INCONCLUSIVE
    assert "watched in 28 sessions only" in row.why


def test_without_the_others_it_is_untested() -> None:
    rows = judged(CLAIM, world(here=True, there=False, n=0))

    assert {row.verdict for row in rows.values()} == {UNTESTED}


def test_without_a_control_silence_here_is_no_likeness() -> None:
    made = World()
    made.cell(HERE, 30, sends=False)
    made.cell(THERE, 30, sends=False)

    assert judged(CLAIM, made)[HERE].verdict is INCONCLUSIVE
