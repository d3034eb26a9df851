"""Load public statements and judge them against what was observed."""

from hometruth.claims.bounds import upper_bound_percent
from hometruth.claims.evidence import Evidence
from hometruth.claims.judge import judge
from hometruth.claims.load import bundled_claims, bundled_text, load_claims, parse_claims

__all__ = [
    "Evidence",
    "bundled_claims",
    "bundled_text",
    "judge",
    "load_claims",
    "parse_claims",
    "upper_bound_percent",
]
