"""What `hometruth relink` tells, in the words of the Article 29 Working Party."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hometruth.model.reidentification import Relink
from hometruth.report.bars import bars, percent, wrapped
from hometruth.report.catalogue import _

if TYPE_CHECKING:
    from hometruth.model.outputs import RelinkJson

HOW = {
    "halves": _("the earlier half of each person's events known, the later half without a name"),
    "coin": _(
        "each event put to a known or a nameless half by a fair coin, so that nothing changes between them: "
        "an upper bound"
    ),
}


def relink_text(found: Relink, noun: str) -> str:
    """Sentences, tables and a plot; rates only."""
    lines = _of_scoreboard(found, noun) if found.split is None else _of_halves(found, noun)
    return "\n".join(
        [*map(wrapped, lines), _("SINGLED OUT (WP216): see `hometruth unicity`. INFERENCE: not tested.")]
    )


def _of_halves(found: Relink, noun: str) -> Iterator[str]:
    assert found.split is not None
    best = found.scores["tfidf"]
    yield _("LINKABLE (WP216)")
    yield _(
        "  A nameless half of a person's events was put back to the right one of {people:,} people in "
        "{percent} of {probes:,} cases [{percent2} to {percent3}]; guessing gives {percent4}.",
        people=found.people,
        percent=percent(best.rank1),
        probes=found.probes,
        percent2=percent(best.low),
        percent3=percent(best.high),
        percent4=percent(found.chance),
    )
    yield _("  How: {HOW}; compared by tfidf.", HOW=HOW[found.split])
    if best.answered.right is None:
        yield _("  Whoever wants to be right 95 times in 100 can answer nothing.")
    else:
        yield _(
            "  Whoever wants to be right 95 times in 100 can answer {percent} of cases (then {percent2} "
            "right; how sure is sure was chosen on other people).",
            percent=percent(best.answered.share),
            percent2=percent(best.answered.right),
        )
    if best.open_set is not None:
        yield _(
            "  If half of the people are strangers, {percent} of the known ones are found and right, at 1 "
            "false alarm in 100 strangers.",
            percent=percent(best.open_set),
        )
    yield _("  Among more people like these the numbers are smaller.")
    yield ""
    yield (
        f"{'score':>8} {'right':>7} {_('rank 1 [95 %]'):>27} {_('rank 5'):>7} "
        f"{_('answered at 95 %'):>17} {_('open set'):>9}"
    )
    for name, score in found.scores.items():
        interval = f"{percent(score.rank1)} [{percent(score.low)}, {percent(score.high)}]"
        is_open = "-" if score.open_set is None else percent(score.open_set)
        yield (
            f"{name:>8} {score.right:>7.0f} {interval:>27} {percent(score.rank5):>7} "
            f"{percent(score.answered.share):>17} {is_open:>9}"
        )
    yield f"{'chance':>8} {found.probes / found.people:>7.0f} {percent(found.chance):>27}"
    yield from _shorter(found, noun)
    yield ""
    yield _("Put back by tfidf, by number of people:")
    everybody = {**found.curve, found.people: best.rank1}
    yield from bars((f"{size:,}", value) for size, value in everybody.items())
    yield ""


def _shorter(found: Relink, noun: str) -> Iterator[str]:
    if found.sessions:
        yield ""
        yield _(
            "One single later session put back by tfidf, by different {noun} in it (sessions):", noun=noun
        )
        yield from bars((f"{band} ({n:,})", value) for band, (value, n) in found.sessions.items())
    if found.few:
        yield ""
        yield _(
            "Only a few {noun} of the nameless half known, drawn as often as they occur (best of the "
            "scores):",
            noun=noun,
        )
        yield from bars((str(number), max(rates.values())) for number, rates in found.few.items())


def _of_scoreboard(found: Relink, noun: str) -> Iterator[str]:
    yield _("LINKABLE (WP216)")
    yield _(
        "  The table holds sets: nothing occurs twice for one person, so that two halves would have nothing "
        "in common. Instead, a few {noun} of a person are known, some of them wrongly:",
        noun=noun,
    )
    for board in found.scoreboard:
        wrong = (
            _(", {wrong} of them wrong (drawn by how popular they are)", wrong=board.wrong)
            if board.wrong
            else ""
        )
        answers = (
            _(
                "; answering only when one stands out, {percent} are answered, {percent2} of these right",
                percent=percent(board.answered),
                percent2=percent(board.right_when_answered),
            )
            if board.right_when_answered is not None
            else _("; nobody stands out")
        )
        yield _(
            "  {points} {noun}{wrong}: the right one of {people:,} people comes first in {percent} of "
            "{tried:,} cases{answers}.",
            points=board.points,
            noun=noun,
            wrong=wrong,
            people=found.people,
            percent=percent(board.rank1),
            tried=board.tried,
            answers=answers,
        )
    yield _("  Guessing gives {percent}.", percent=percent(found.chance))


DIGITS = 6


def relink_json(found: Relink) -> str:
    """JSON text: rates only."""
    document: RelinkJson = {
        "people": found.people,
        "probes": found.probes,
        "chance": round(found.chance, 9),
        "split": found.split,
        "scores": {
            name: {
                "rank1": round(score.rank1, DIGITS),
                "right": round(score.right),
                "low": round(score.low, DIGITS),
                "high": round(score.high, DIGITS),
                "rank5": round(score.rank5, DIGITS),
                "answered_at_95": round(score.answered.share, DIGITS),
                "right_when_answered": _rounded(score.answered.right),
                "open_set": _rounded(score.open_set),
            }
            for name, score in found.scores.items()
        },
        "population_curve": {str(size): round(value, DIGITS) for size, value in found.curve.items()},
        "one_session": None
        if found.sessions is None
        else {
            band: {"rank1": round(value, DIGITS), "sessions": n}
            for band, (value, n) in found.sessions.items()
        },
        "few_events": None
        if found.few is None
        else {
            str(number): {name: round(value, DIGITS) for name, value in rates.items()}
            for number, rates in found.few.items()
        },
        "scoreboard": [
            {
                "points": board.points,
                "wrong": board.wrong,
                "people_tried": board.people,
                "traces_tried": board.tried,
                "rank1": round(board.rank1, DIGITS),
                "answered": round(board.answered, DIGITS),
                "right_when_answered": _rounded(board.right_when_answered),
            }
            for board in found.scoreboard
        ],
    }
    return json.dumps(document, indent=1)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
