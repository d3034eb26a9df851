"""What `hometruth unicity` tells, in the words of the Article 29 Working Party."""

import json
from collections.abc import Iterator

from hometruth.model.reidentification import Unicity
from hometruth.report.bars import bars, percent, wrapped

SAID = 4
"""Points of which the sentence speaks, where the table has them: what the literature asks for."""


def unicity_text(found: Unicity, noun: str) -> str:
    """Sentences, a table and a plot."""
    if not found.random:
        most = min(found.eligible)
        return f"Nobody of {found.people:,} people has {most} {noun}; ask for fewer with --points."
    sentences = (wrapped(line) for line in _sentences(found, noun))
    return "\n".join([*sentences, "", *_table(found), "", *_plot(found), *_curve(found)])


def _sentences(found: Unicity, noun: str) -> Iterator[str]:
    everybody = f"among these {found.people:,} people"
    number = SAID if SAID in found.random else max(found.random)
    random = found.random[number]
    yield "SINGLED OUT (WP216)"
    yield (
        f"  {number} {noun} drawn at random from a person's own single that person out {everybody} in "
        f"{percent(random.value)} of cases [{percent(random.low)} to {percent(random.high)}; "
        f"{found.eligible[number]:,} people have {number} or more; {_how(found, number)}]."
    )
    yield (
        f"  Their {number} rarest {noun}, which somebody who knows them may know, single out "
        f"{percent(found.rarest[number])} of the same people."
    )
    yield (
        f"  {percent(found.point_of_their_own)} have something that nobody else has, and "
        f"{found.sets_of_their_own:,} "
        f"of {found.people:,} have a whole set that is nobody else's ({found.different_sets:,} different "
        "sets)."
    )
    if found.session_start is None:
        yield "  What the start of a session singles out was not measured: the table has no times."
    else:
        start = found.session_start.get(number) or found.session_start[max(found.session_start)]
        first = number if number in found.session_start else max(found.session_start)
        yield (
            f"  The first {first} different {noun} of a session, which is what a receiver of telemetry "
            f"sees, single out the person in {percent(start.value)} of {start.eligible:,} sessions. The "
            f"median beginning is shared by {start.median_holders:g} of {found.people:,} people."
        )
    yield "LINKABLE (WP216): see `hometruth relink`. INFERENCE: not tested."
    yield f"  Among more people like these than {found.people:,} every one of these numbers is smaller."


def _how(found: Unicity, number: int) -> str:
    return "every choice looked at" if found.random[number].exact else f"{found.n_draws} draws a person"


def _table(found: Unicity) -> Iterator[str]:
    starts = found.session_start
    yield (
        f"{'points':>6} {'people':>10} {'random [95 %]':>27} {'all people':>10} {'rarest':>8} "
        f"{'session start':>14}"
    )
    for number in found.eligible:
        if number not in found.random:
            yield f"{number:>6} {0:>10}   nobody has so many"
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
    yield "Singled out by random points:"
    yield from bars((f"{number}", random.value) for number, random in found.random.items())


def _curve(found: Unicity) -> Iterator[str]:
    if not found.curve:
        return
    yield ""
    yield f"Singled out by {SAID} random points, by number of people:"
    sizes = dict(found.curve)
    if SAID in found.random:
        sizes[found.people] = found.random[SAID].value
    yield from bars((f"{size:,}", value) for size, value in sizes.items())


DIGITS = 6


def unicity_json(found: Unicity) -> str:
    """JSON text: numbers of points are keys, shares are 0 to 1."""
    starts = found.session_start
    document = {
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
