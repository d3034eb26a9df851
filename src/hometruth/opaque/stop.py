"""When enough pairs were run: the coin's e-value may be looked at after every pair."""

from collections.abc import Iterable, Mapping, Sequence

from hometruth.opaque.assess import WAYS_TO_CONTENT, coin, content_follow_p
from hometruth.opaque.dose import FOLLOWS_LEVEL
from hometruth.opaque.halves import Half
from hometruth.opaque.pair import Pair


def may_stop(
    pairs: Sequence[Pair],
    halves: Iterable[Mapping[str, Half]],
    *,
    tests: int,
    alpha: float,
    content: bool = False,
) -> bool:
    """True if one of the groups of endpoints went over the line of its rung.

    The number of pairs planned ends a rung otherwise. The barcode ends none: it costs no pair of its own,
    and the coin is wanted beside it.

    Args:
        halves: For each group, trial -> what it sent.
        tests: Groups of endpoints times conditions of the plan (K).
        content: Look at the pairs of random against repeated addresses, instead of those against a sham.
    """
    line = (WAYS_TO_CONTENT if content else 1) * tests / alpha
    whole = [pair for pair in pairs if pair.content is content and pair.treated_valid and pair.control_valid]
    return any(
        coin(whole, sent)[0] >= line and (not content or content_follow_p(whole, sent) <= FOLLOWS_LEVEL)
        for sent in halves
    )
