"""What an opaque flow depends on: keep secrets from the app, and see whether the traffic knows them.

Design, power and error rates: docs/explanation/opaque-flows.md.
"""

from hometruth.opaque.assess import assess, may_stop, room_in
from hometruth.opaque.barcode import Barcode
from hometruth.opaque.pairs import ELSEWHERE, EndpointPatterns, Half, Pair, Sent, halves_of, pairs_of

__all__ = [
    "ELSEWHERE",
    "Barcode",
    "EndpointPatterns",
    "Half",
    "Pair",
    "Sent",
    "assess",
    "halves_of",
    "may_stop",
    "pairs_of",
    "room_in",
]
