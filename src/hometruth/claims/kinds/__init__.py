"""The kinds of proposition, in one visible table.

A kind says what violates a proposition in a cell, to which cells the proposition speaks at all, and what must
have been seen for silence to mean something. The decision itself is the same for all: `claims.decide`.
"""

from collections.abc import Mapping

from hometruth.claims.kinds.base import Kind, Presence, Violation
from hometruth.claims.kinds.consent import NOT_AFTER_WITHDRAWAL, NOT_BEFORE_CONSENT
from hometruth.claims.kinds.contact import PAYLOAD_UNREADABLE, SILENT, TRANSPORT
from hometruth.claims.kinds.contacted import CONTACTED
from hometruth.claims.kinds.content import (
    ABSENT,
    AGGREGATED,
    NO_BROWSING_DEPENDENCE,
    NO_IDENTIFIER,
    ONLY_CATEGORIES,
)
from hometruth.claims.kinds.declared import DECLARED, FRESH_NOISE, STEADY
from hometruth.claims.kinds.destinations import DESTINATIONS
from hometruth.claims.kinds.keeps_token import KEEPS_TOKEN
from hometruth.claims.kinds.presence import ONLY_WHEN, PRESENT
from hometruth.claims.kinds.same_as import SAME_AS
from hometruth.claims.kinds.switch import MATRIX, STOPS_WHEN
from hometruth.claims.kinds.tokens import NOT_LINKED_TO, RANDOM_TOKENS, ROTATES_WITHIN
from hometruth.claims.kinds.unwired import UNTESTED

__all__ = ["KINDS", "Kind", "Presence", "Violation"]

KINDS: Mapping[str, Kind] = {
    "absent": ABSENT,
    "aggregated": AGGREGATED,
    "contacted": CONTACTED,
    "declared": DECLARED,
    "destinations": DESTINATIONS,
    "fresh-noise": FRESH_NOISE,
    "keeps-token": KEEPS_TOKEN,
    "matrix": MATRIX,
    "no-browsing-dependence": NO_BROWSING_DEPENDENCE,
    "no-identifier": NO_IDENTIFIER,
    "not-after-withdrawal": NOT_AFTER_WITHDRAWAL,
    "not-before-consent": NOT_BEFORE_CONSENT,
    "not-linked-to": NOT_LINKED_TO,
    "only-categories": ONLY_CATEGORIES,
    "only-when": ONLY_WHEN,
    "payload-unreadable": PAYLOAD_UNREADABLE,
    "present": PRESENT,
    "random-tokens": RANDOM_TOKENS,
    "rotates-within": ROTATES_WITHIN,
    "same-as": SAME_AS,
    "silent": SILENT,
    "steady": STEADY,
    "stops-when": STOPS_WHEN,
    "transport": TRANSPORT,
    "untested": UNTESTED,
}
