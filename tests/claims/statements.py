"""Statements made up for one proposition, and what is judged of them."""

from collections.abc import Mapping, Sequence

from hometruth.claims.kinds import KINDS
from hometruth.model import Claim, Condition, Proposition, Reading, ReadingKind, Verdict, Wording
from tests.claims.world import World, told


def statement(kind: str, *, where: Mapping[str, Sequence[str]] | None = None, **options: object) -> Claim:
    """A claim of one reading with one proposition of *kind*."""
    known = KINDS[kind].needs | KINDS[kind].takes
    assert KINDS[kind].needs <= options.keys() <= known, f"{kind} takes {known}"
    proposition = Proposition(
        id=f"c.{kind}",
        kind=kind,
        says="it is so",
        where={factor: tuple(levels) for factor, levels in (where or {}).items()},
        options=options,
    )
    reading = Reading(ReadingKind.ORDINARY, (proposition,), Wording.QUOTED)
    source = ("https://example.org/",)
    return Claim("c", "vendor", "somebody", "2020-05-01", "It is so.", source, (reading,))


def judged(claim: Claim, world: World) -> dict[Condition, Verdict]:
    """Verdicts by condition; the whole under the empty one."""
    return {row.condition: row for row in told([claim], world.evidence())}
