"""Evidence: bits of the form, less what chance had to try; how often 32 bits are met by chance."""

import random

from hometruth.canaries import chance_of_short, mint, weigh
from hometruth.forms import short_digests_of
from hometruth.model import DECIDING_BITS, Canary, CanaryKind, Form, Part, Sighting, Value
from tests.peel.exchanges import exchange

CANARY = Canary("c", CanaryKind.KNOWN, "jane@example.org", 40.0)


def sighting(bits: float) -> Sighting:
    form = Form("plain", b"needle", bits)
    return Sighting(mint("page"), form, Value(Part.BODY, "", b"needle"), exchange(), 0, 0.0)


def test_places_searched_are_taken_off() -> None:
    (weighed,) = weigh([sighting(84.0)], 1 << 30)

    assert weighed.evidence_bits == 54.0 > DECIDING_BITS


def test_nothing_searched_takes_nothing_off() -> None:
    assert [item.evidence_bits for item in weigh([sighting(20.0)], 0)] == [20.0]


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
