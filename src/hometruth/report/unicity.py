"""What `hometruth unicity` tells, in the words of the Article 29 Working Party."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hometruth.model.reidentification import Unicity
from hometruth.report.bars import bars, percent, wrapped
from hometruth.report.catalogue import _

if TYPE_CHECKING:
    from hometruth.model.outputs import UnicityJson

SAID = 4
"""Points of which the sentence speaks, where the table has them: what the literature asks for."""


def unicity_text(found: Unicity, noun: str) -> str:
    """Sentences, a table and a plot."""
    if not found.random:
        most = min(found.eligible)
        return _(
            "Nobody of {people:,} people has {most} {noun}; ask for fewer with --points.",
            people=found.people,
            most=most,
            noun=noun,
        )
    sentences = (wrapped(line) for line in _sentences(found, noun))
    return "\n".join([*sentences, "", *_table(found), "", *_plot(found), *_curve(found)])


def _sentences(found: Unicity, noun: str) -> Iterator[str]:
    everybody = _("among these {people:,} people", people=found.people)
    number = SAID if SAID in found.random else max(found.random)
    random = found.random[number]
    yield _("SINGLED OUT (WP216)")
    yield _(
        "  {number} {noun} drawn at random from a person's own single that person out {everybody} in "
        "{percent} of cases [{percent2} to {percent3}; {eligible:,} people have {number} or more; {how}].",
        number=number,
        noun=noun,
        everybody=everybody,
        percent=percent(random.value),
        percent2=percent(random.low),
        percent3=percent(random.high),
        eligible=found.eligible[number],
        how=_how(found, number),
    )
    yield _(
        "  Their {number} rarest {noun}, which somebody who knows them may know, single out {percent} of "
        "the same people.",
        number=number,
        noun=noun,
        percent=percent(found.rarest[number]),
    )
    yield _(
        "  {percent} have something that nobody else has, and {sets_of_their_own:,} of {people:,} have a "
        "whole set that is nobody else's ({different_sets:,} different sets).",
        percent=percent(found.point_of_their_own),
        sets_of_their_own=found.sets_of_their_own,
        people=found.people,
        different_sets=found.different_sets,
    )
    if found.session_start is None:
        yield _("  What the start of a session singles out was not measured: the table has no times.")
    else:
        start = found.session_start.get(number) or found.session_start[max(found.session_start)]
        first = number if number in found.session_start else max(found.session_start)
        yield _(
            "  The first {first} different {noun} of a session, which is what a receiver of telemetry sees, "
            "single out the person in {percent} of {eligible:,} sessions. The median beginning is shared by "
            "{median_holders:g} of {people:,} people.",
            first=first,
            noun=noun,
            percent=percent(start.value),
            eligible=start.eligible,
            median_holders=start.median_holders,
            people=found.people,
        )
    yield _("LINKABLE (WP216): see `hometruth relink`. INFERENCE: not tested.")
    yield _(
        "  Among more people like these than {people:,} every one of these numbers is smaller.",
        people=found.people,
    )


def _how(found: Unicity, number: int) -> str:
    return (
        _("every choice looked at")
        if found.random[number].exact
        else _("{n_draws} draws a person", n_draws=found.n_draws)
    )


def _table(found: Unicity) -> Iterator[str]:
    starts = found.session_start
    yield (
        f"{'points':>6} {'people':>10} {_('random [95 %]'):>27} {_('all people'):>10} {'rarest':>8} "
        f"{_('session start'):>14}"
    )
    for number in found.eligible:
        if number not in found.random:
            yield _("{number:>6} {part:>10}   nobody has so many", number=number, part=0)
            continue
        random = found.random[number]
        interval = f"{percent(random.value)} [{percent(random.low)}, {percent(random.high)}]"
        start = percent(starts[number].value) if starts and number in starts else "-"
        yield (
            f"{number:>6} {found.eligible[number]:>10,} {interval:>27} {percent(random.all_people):>10} "
            f"{percent(found.rarest[number]):>8} {start:>14}"
        )
    for number in sorted(set(starts or {}) - set(found.eligible)):
        yield f"{number:>6} {'':>10} {'':>27} {'':>10} {'':>8} {percent((starts or {})[number].value):>14}"


def _plot(found: Unicity) -> Iterator[str]:
    yield _("Singled out by random points:")
    yield from bars((f"{number}", random.value) for number, random in found.random.items())


def _curve(found: Unicity) -> Iterator[str]:
    if not found.curve:
        return
    yield ""
    yield _("Singled out by {SAID} random points, by number of people:", SAID=SAID)
    sizes = dict(found.curve)
    if SAID in found.random:
        sizes[found.people] = found.random[SAID].value
    yield from bars((f"{size:,}", value) for size, value in sizes.items())


DIGITS = 6


def unicity_json(found: Unicity) -> str:
    """JSON text: numbers of points are keys, shares are 0 to 1."""
    starts = found.session_start
    document: UnicityJson = {
        "people": found.people,
        "items": found.items,
        "eligible": {str(number): n for number, n in found.eligible.items()},
        "random": {
            str(number): {
                "value": round(random.value, DIGITS),
                "low": round(random.low, DIGITS),
                "high": round(random.high, DIGITS),
                "exact": random.exact,
                "all_people": round(random.all_people, DIGITS),
            }
            for number, random in found.random.items()
        },
        "session_start": None
        if starts is None
        else {
            str(number): {
                "value": round(start.value, DIGITS),
                "eligible": start.eligible,
                "median_holders": start.median_holders,
            }
            for number, start in starts.items()
        },
        "rarest": {str(number): {"value": round(value, DIGITS)} for number, value in found.rarest.items()},
        "point_of_their_own": round(found.point_of_their_own, DIGITS),
        "sets_of_their_own": found.sets_of_their_own,
        "different_sets": found.different_sets,
        "population_curve_4": {str(size): round(value, DIGITS) for size, value in found.curve.items()},
        "draws": found.n_draws,
    }
    return json.dumps(document, indent=1)
