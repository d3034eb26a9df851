"""Curves say the numbers that were measured, in a picture that does nothing and says what it is about."""

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from hometruth.model.reidentification import (
    Answered,
    RandomPoints,
    Relink,
    Score,
    Scoreboard,
    SessionStart,
    Unicity,
)
from hometruth.report.curves import PLOT, relink_svg, unicity_svg
from tests.report.test_first_screen import EVIL
from tests.report.test_pictures import DRAWN

UNICITY = Unicity(
    people=300,
    items=401,
    eligible={1: 300, 4: 290},
    random={
        1: RandomPoints(0.25, 0.2, 0.3, exact=True, all_people=0.25),
        4: RandomPoints(0.981, 0.97, 0.99, exact=False, all_people=0.98),
    },
    session_start={1: SessionStart(0.125, 900, 17)},
    rarest={1: 0.5, 4: 1.0},
    point_of_their_own=0.1,
    sets_of_their_own=300,
    different_sets=300,
    curve={100: 0.999},
    n_draws=10,
)
SCORE = Score(0.963, 289, 0.94, 0.983, 0.98, Answered(0.9, 0.95), open_set=None)

BOARD = Scoreboard(4, 1, 9, 9, 0.5, 0.5, None)
NEVER_COMPARED: dict[str, object] = {
    "split": None,
    "scores": {},
    "curve": {},
    "sessions": None,
    "scoreboard": (BOARD,),
}


def relinked(**changed: object) -> Relink:
    facts: dict[str, object] = {
        "people": 300,
        "probes": 300,
        "split": "halves",
        "scores": {"tfidf": SCORE},
        "curve": {100: 0.98},
        "sessions": {"1": (0.25, 80), "2 to 4": (0.5, 40)},
        "few": None,
        "scoreboard": (),
    }
    return Relink(**{**facts, **changed})  # type: ignore[arg-type]


def said(drawing: str) -> str:
    return next(item.text or "" for item in ET.fromstring(drawing).iter() if item.tag.endswith("desc"))


def test_the_numbers_are_those_that_were_measured() -> None:
    drawing = unicity_svg(UNICITY, "sites", "visits.csv")
    told = said(drawing)

    assert (
        "by sites known, drawn at random from the person's own (95 % interval): 1: 25.0 %, 4: 98.1 %" in told
    )
    assert "the rarest of the person's own: 1: 50.0 %, 4: 100.0 %" in told
    assert "the first of a session: 1: 12.5 %" in told
    assert "4 random points: 100: 99.9 %, 300: 98.1 %" in told
    told = said(relink_svg(relinked(), "sites", "visits.csv"))
    assert "compared by tfidf: 100: 98.0 %, 300: 96.3 %; " in told
    assert "guessing: 100: 1.0 %, 300: 0.3 %" in told
    assert "by tfidf: 1: 25.0 %, 2 to 4: 50.0 %" in told


def test_a_higher_share_is_drawn_higher() -> None:
    drawing = unicity_svg(UNICITY, "sites", "visits.csv")
    first = next(item for item in ET.fromstring(drawing).iter() if "mark-symbol" in item.get("class", ""))
    (x_1, y_1), (x_4, y_4) = (
        map(float, re.findall(r"[\d.]+", point.get("transform", ""))) for point in list(first)[:2]
    )

    assert x_1 < x_4
    assert (y_1 - y_4) / PLOT == pytest.approx(0.981 - 0.25, abs=0.001)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: unicity_svg(UNICITY, EVIL, f"</svg><script>{EVIL}"),
        lambda: relink_svg(relinked(), EVIL, f"</svg><script>{EVIL}"),
        lambda: relink_svg(relinked(**NEVER_COMPARED), EVIL, EVIL),
    ],
    ids=["unicity", "relink", "never compared"],
)
def test_hostile_names_draw_nothing_and_the_stamp_stays(draw: Callable[[], str]) -> None:
    drawing = draw()
    tree = list(ET.fromstring(drawing).iter())

    assert {item.tag.rpartition("}")[2] for item in tree} <= {*DRAWN, "path"}
    assert not [name for item in tree for name in item.attrib if name.startswith("on") or "href" in name]
    assert (tree[-1].text or "").startswith("300 people of ")
    assert (tree[-1].text or "").endswith(": about these people only")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", drawing)


def test_where_nothing_was_measured_it_says_so() -> None:
    drawing = relink_svg(relinked(scores={}, curve={}, sessions=None), "sites", "t.csv")

    assert "nothing was measured" in drawing and "<path" not in drawing
