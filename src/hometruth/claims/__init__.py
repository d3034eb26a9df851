"""Load public statements and judge them against what was observed."""

from hometruth.bounds import upper_bound_percent
from hometruth.claims.doubts import doubts_at, doubts_of_the_run
from hometruth.claims.evidence import Evidence
from hometruth.claims.judge import judge
from hometruth.claims.load import (
    bundled_claims,
    bundled_text,
    load_claims,
    parse_claims,
    speaks_of_the_vendor,
)

__all__ = [
    "Evidence",
    "bundled_claims",
    "bundled_text",
    "doubts_at",
    "doubts_of_the_run",
    "judge",
    "load_claims",
    "parse_claims",
    "speaks_of_the_vendor",
    "upper_bound_percent",
]
