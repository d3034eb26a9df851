"""Paired series: from what was recorded to what each endpoint depends on. Peeling meets the statistics here.

Used by the analysis, and by the run (`run.py`) to know when enough pairs were run.
"""

from hometruth.audit.paired.effects import (
    Flow,
    effects_of,
    sent_in,
    unopened,
    with_recorded_visits,
)
from hometruth.audit.paired.stop_rule import StopRule

__all__ = [
    "Flow",
    "StopRule",
    "effects_of",
    "sent_in",
    "unopened",
    "with_recorded_visits",
]
