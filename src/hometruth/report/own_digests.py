"""What `hometruth digests` tells: where the tester's own digests stand, and what one costs a stranger."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from hometruth.model.reidentification import GPU_SOURCE, OwnDigests
from hometruth.report.catalogue import _
from hometruth.report.text import escape_terminal

if TYPE_CHECKING:
    from hometruth.model.outputs import DigestsJson

NEVER_S = 4e17
"""Seconds: the age of the universe."""


def own_digests_json(found: OwnDigests) -> str:
    """The answer as JSON text."""
    document: DigestsJson = {
        "found": [
            {
                "kind": known.kind,
                "spelling": known.spelling,
                "algorithm": known.algorithm,
                "where": where,
                "times": n,
            }
            for (known, where), n in found.places.items()
        ],
        "gaps": [{"kind": gap.kind, "where": gap.where, "detail": gap.detail} for gap in found.gaps],
        "stranger": [
            {
                "kind": cost.space.kind,
                "what": cost.space.what,
                "guesses": cost.space.guesses,
                "algorithm": cost.algorithm,
                "here_s": cost.here_s,
                "gpu_s": cost.gpu_s,
            }
            for cost in found.costs
        ],
        "demonstration": found.sweep,
    }
    return json.dumps(document, default=asdict, indent=1)


def own_digests_text(found: OwnDigests, *, looked: bool) -> str:
    """The answer for people.

    Args:
        looked: False if there was nothing to look into.
    """
    return "\n".join(_lines(found, looked=looked))


def _lines(found: OwnDigests, *, looked: bool) -> Iterator[str]:
    for (known, where), times in found.places.items():
        yield _(
            "{escape_terminal}: this is your {kind}, {algorithm} of it ({spelling}), {times} x",
            escape_terminal=escape_terminal(where),
            kind=known.kind,
            algorithm=known.algorithm,
            spelling=known.spelling,
            times=times,
        )
    if looked and not found.places:
        yield _("No digest of your values was found. Other spellings, and secret salts, would not be seen.")
    if sweep := found.sweep:
        yield _(
            "Demonstration: your IMEI was found again from its {algorithm} and the 8 public digits of your "
            "phone's model, after {tried_until_found:,} of {tried:,} guesses; all of them took "
            "{seconds:.1f} s on one core.",
            algorithm=sweep.algorithm,
            tried_until_found=sweep.tried_until_found,
            tried=sweep.tried,
            seconds=sweep.seconds,
        )
    yield _("What finding a value from its digest costs a stranger (all guesses; half of that on average):")
    yield f"  {'value':<56} {'digest':<7} {_('one core here'):>16} {_('one graphics card'):>18}"
    for cost in found.costs:
        yield (
            f"  {cost.space.what:<56} {cost.algorithm:<7} {duration(cost.here_s):>16} "
            f"{duration(cost.gpu_s):>18}"
        )
    yield _(
        "  e-mail addresses are a list, not a space: those that leaked elsewhere are tried, a million a "
        "second"
    )
    yield _(
        "  Graphics card: {GPU_SOURCE}. A salt shipped in the app stops nobody; a secret one not its owner.",
        GPU_SOURCE=GPU_SOURCE,
    )
    yield _(
        "  A digest that is never reversed is still one number per person (WP216: pseudonymous, not "
        "anonymous)."
    )


def duration(seconds: float) -> str:
    """Seconds in the unit a person would use."""
    units = (
        ("years", 31_557_600.0),
        ("days", 86_400.0),
        ("h", 3_600.0),
        ("min", 60.0),
        ("s", 1.0),
        ("ms", 1e-3),
    )
    if seconds > NEVER_S:
        return "never"
    for name, size in units:
        if seconds >= size:
            amount = seconds / size
            return f"{amount:,.0f} {name}" if amount >= 10 else f"{amount:.1f} {name}"
    return f"{seconds * 1e6:.1f} µs"
