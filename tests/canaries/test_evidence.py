"""Evidence: bits of the form, less what chance had to try."""

from hometruth.canaries import mint, weigh
from hometruth.model import DECIDING_BITS, Form, Part, Sighting, Value
from tests.peel.exchanges import exchange


def sighting(bits: float) -> Sighting:
    form = Form("plain", b"needle", bits)
    return Sighting(mint("page"), form, Value(Part.BODY, "", b"needle"), exchange(), 0, 0.0)


def test_places_searched_are_taken_off() -> None:
    (weighed,) = weigh([sighting(84.0)], 1 << 30)

    assert weighed.evidence_bits == 54.0 > DECIDING_BITS


def test_nothing_searched_takes_nothing_off() -> None:
    assert [item.evidence_bits for item in weigh([sighting(20.0)], 0)] == [20.0]
