"""What `hometruth digests` tells: where the tester's own digests stand, and what one costs a stranger."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from hometruth.model.reidentification import GPU_SOURCE, OwnDigests
from hometruth.report.text import escape_terminal

NEVER_S = 4e17
"""Seconds: the age of the universe."""


def own_digests_json(found: OwnDigests) -> str:
    """The answer as JSON text."""
    document = {
        "found": [
            {**asdict(known), "where": where, "times": n} for (known, where), n in found.places.items()
        ],
        "gaps": [{"kind": str(gap.kind), "where": gap.where, "detail": gap.detail} for gap in found.gaps],
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
        "demonstration": asdict(found.sweep) if found.sweep else None,
    }
    return json.dumps(document, indent=1)


def own_digests_text(found: OwnDigests, *, looked: bool) -> str:
    """The answer for people.

    Args:
        looked: False if there was nothing to look into.
    """
    return "\n".join(_lines(found, looked=looked))


def _lines(found: OwnDigests, *, looked: bool) -> Iterator[str]:
    for (known, where), times in found.places.items():
        yield (
            f"{escape_terminal(where)}: this is your {known.kind}, {known.algorithm} of it "
            f"({known.spelling}), {times} x"
        )
    if looked and not found.places:
        yield "No digest of your values was found. Other spellings, and secret salts, would not be seen."
    if sweep := found.sweep:
        yield (
            f"Demonstration: your IMEI was found again from its {sweep.algorithm} and the 8 public digits of "
            f"your phone's model, after {sweep.tried_until_found:,} of {sweep.tried:,} guesses; all of them "
            f"took {sweep.seconds:.1f} s on one core."
        )
    yield "What finding a value from its digest costs a stranger (all guesses; half of that on average):"
    yield f"  {'value':<56} {'digest':<7} {'one core here':>16} {'one graphics card':>18}"
    for cost in found.costs:
        yield (
            f"  {cost.space.what:<56} {cost.algorithm:<7} {duration(cost.here_s):>16} "
            f"{duration(cost.gpu_s):>18}"
        )
    yield (
        "  e-mail addresses are a list, not a space: those that leaked elsewhere are tried, a million a "
        "second"
    )
    yield (
        f"  Graphics card: {GPU_SOURCE}. A salt shipped in the app stops nobody; a secret one not its owner."
    )
    yield (
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
