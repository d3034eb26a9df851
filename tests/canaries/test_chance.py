"""32 bits are met by chance: how often is said, and agrees with throwing dice."""

import random

from hometruth.canaries import chance_of_short
from hometruth.forms import short_digests_of
from hometruth.model import Canary, CanaryKind

CANARY = Canary("c", CanaryKind.KNOWN, "jane@example.org", 40.0)


def test_nothing_searched_is_no_chance_and_much_is_nearly_one() -> None:
    assert chance_of_short(CANARY, 0) == 0
    assert chance_of_short(CANARY, 1 << 20) < 0.01
    assert chance_of_short(CANARY, 1 << 36) > 0.99


def test_it_agrees_with_dice() -> None:
    """With digests cut to 12 bits and as many fewer values, the same share of captures holds one."""
    rng = random.Random(1)
    digests = {int.from_bytes(digest) >> 20 for _, digest in short_digests_of(CANARY.value)}
    values = 300
    hits = sum(any(rng.randrange(1 << 12) in digests for _ in range(values)) for _ in range(2000))

    assert abs(hits / 2000 - chance_of_short(CANARY, 4 * values * 2**20)) < 0.05
