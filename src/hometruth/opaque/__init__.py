"""What an opaque flow depends on: keep secrets from the app, and see whether the traffic knows them.

Design, power and error rates: docs/explanation/opaque-flows.md.
"""

from hometruth.opaque.assess import assess, room_in
from hometruth.opaque.barcode import Barcode
from hometruth.opaque.endpoints import ELSEWHERE, Endpoints
from hometruth.opaque.halves import Half, Sent, halves_of
from hometruth.opaque.pair import Pair
from hometruth.opaque.pairing import pairs_of
from hometruth.opaque.stop import may_stop

__all__ = [
    "ELSEWHERE",
    "Barcode",
    "Endpoints",
    "Half",
    "Pair",
    "Sent",
    "assess",
    "halves_of",
    "may_stop",
    "pairs_of",
    "room_in",
]
