"""What `hometruth metadata` tells, in the words of the Article 29 Working Party."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from hometruth.model.reidentification import Attributes, Crowd
from hometruth.report.bars import percent, wrapped
from hometruth.report.catalogue import _
from hometruth.report.text import escape_terminal

if TYPE_CHECKING:
    from hometruth.model.outputs import MetadataJson


def attributes_json(found: Attributes, columns: Sequence[str], alike: Crowd | None, people: int) -> str:
    """The answer as JSON text; arguments as `attributes_text`."""
    document: MetadataJson = {
        "columns": list(columns),
        "people": found.people,
        "groups": found.groups,
        "bits": found.bits,
        "unique": found.unique,
        "in_small_groups": found.in_small_groups,
        "median_k": found.median_k,
        "expected_k": found.expected_k,
        "bits_added_up": found.bits_added_up,
        "unique_if_independent": found.unique_if_independent,
        "among": people,
        "own": alike,
    }
    return json.dumps(document, default=asdict, indent=1)


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
    yield _(
        "SINGLED OUT (WP216), by {names}, among the {people:,} people of the reference",
        names=names,
        people=found.people,
    )
    yield _(
        "  {percent} are alone, {percent2} among fewer than 5 alike.",
        percent=percent(found.unique),
        percent2=percent(found.in_small_groups),
    )
    yield _(
        "  The median person is among {median_k:g} alike ({expected_k:.1f} on average over people); "
        "{groups:,} different values, {bits:.3f} bits.",
        median_k=found.median_k,
        expected_k=found.expected_k,
        groups=found.groups,
        bits=found.bits,
    )
    if len(columns) > 1:
        yield _(
            "  Adding up the bits of single columns would give {bits_added_up:.2f}, which is too much. If "
            "the columns had nothing to do with each other, {percent} would be alone.",
            bits_added_up=found.bits_added_up,
            percent=percent(found.unique_if_independent),
        )
    yield _("LINKABLE, INFERENCE: not tested here.")


def _of_own_values(alike: Crowd, people: int) -> Iterator[str]:
    if alike.low == alike.high:
        yield _(
            "Your values leave you among about {high:,.0f} of {people:,} people ({bits_low:.2f} bits), if "
            "these are like those of the reference.",
            high=alike.high,
            people=people,
            bits_low=alike.bits_low,
        )
        return
    yield _(
        "Your values leave you among at most {high:,.0f} of {people:,} people (the rarest alone), and about "
        "{low:,.1f} if they had nothing to do with each other: {bits_low:.2f} to {bits_high:.2f} bits. How "
        "common the combination is, is not known.",
        high=alike.high,
        people=people,
        low=alike.low,
        bits_low=alike.bits_low,
        bits_high=alike.bits_high,
    )
