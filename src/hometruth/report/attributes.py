"""What `hometruth metadata` tells, in the words of the Article 29 Working Party."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from hometruth.model.reidentification import Attributes, Crowd
from hometruth.report.bars import percent, wrapped
from hometruth.report.text import escape_terminal


def attributes_json(found: Attributes, columns: Sequence[str], alike: Crowd | None, people: int) -> str:
    """The answer as JSON text; arguments as `attributes_text`."""
    document = {"columns": list(columns), **asdict(found)}
    return json.dumps(document | {"among": people, "own": asdict(alike) if alike else None}, indent=1)


def attributes_text(found: Attributes, columns: Sequence[str], alike: Crowd | None, people: int) -> str:
    """The answer for people.

    Args:
        columns: Names of the attributes.
        alike: Among how many the tester's own values leave them; None if none were given.
        people: People to speak of.
    """
    own = _of_own_values(alike, people) if alike else ()
    return "\n".join(map(wrapped, (*_of_population(found, columns), *own)))


def _of_population(found: Attributes, columns: Sequence[str]) -> Iterator[str]:
    names = ", ".join(escape_terminal(name) for name in columns)
    yield f"SINGLED OUT (WP216), by {names}, among the {found.people:,} people of the reference"
    yield f"  {percent(found.unique)} are alone, {percent(found.in_small_groups)} among fewer than 5 alike."
    yield (
        f"  The median person is among {found.median_k:g} alike ({found.expected_k:.1f} on average over "
        "people); "
        f"{found.groups:,} different values, {found.bits:.3f} bits."
    )
    if len(columns) > 1:
        yield (
            f"  Adding up the bits of single columns would give {found.bits_added_up:.2f}, which is too "
            "much. If the "
            f"columns had nothing to do with each other, {percent(found.unique_if_independent)} would be "
            "alone."
        )
    yield "LINKABLE, INFERENCE: not tested here."


def _of_own_values(alike: Crowd, people: int) -> Iterator[str]:
    if alike.low == alike.high:
        yield (
            f"Your values leave you among about {alike.high:,.0f} of {people:,} people "
            f"({alike.bits_low:.2f} bits), if "
            "these are like those of the reference."
        )
        return
    yield (
        f"Your values leave you among at most {alike.high:,.0f} of {people:,} people (the rarest alone), "
        "and about "
        f"{alike.low:,.1f} if they had nothing to do with each other: {alike.bits_low:.2f} to "
        f"{alike.bits_high:.2f} "
        "bits. How common the combination is, is not known."
    )
