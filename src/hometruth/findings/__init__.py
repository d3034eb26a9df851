"""Sightings and trials to findings: who got what under which condition, how often."""

from hometruth.findings.attribute import NO_TRIAL, attribute
from hometruth.findings.derived import MARK, derived_texts, shared_domain, usual_addresses
from hometruth.findings.expected import is_expected
from hometruth.findings.random_fields import random_fields
from hometruth.findings.receipts import receipts
from hometruth.findings.sessions import session_of_value, sessions_of

__all__ = [
    "MARK",
    "NO_TRIAL",
    "attribute",
    "derived_texts",
    "is_expected",
    "random_fields",
    "receipts",
    "session_of_value",
    "sessions_of",
    "shared_domain",
    "usual_addresses",
]
