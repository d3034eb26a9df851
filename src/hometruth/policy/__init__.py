"""Who may get what under which condition: a gate's policy, its baseline, and what they decide."""

from hometruth.policy.baseline import dump_baseline, load_baseline
from hometruth.policy.decide import controls_of, decide, obstacles, unseen
from hometruth.policy.load import NO_POLICY, NOBODY_NAMED, Policy, load_policy, parse_policy
from hometruth.policy.names import (
    Fields,
    fingerprint,
    fingerprint_of_unnamed,
    named,
    stable_fields,
    stable_path,
)

__all__ = [
    "NOBODY_NAMED",
    "NO_POLICY",
    "Fields",
    "Policy",
    "controls_of",
    "decide",
    "dump_baseline",
    "fingerprint",
    "fingerprint_of_unnamed",
    "load_baseline",
    "load_policy",
    "named",
    "obstacles",
    "parse_policy",
    "stable_fields",
    "stable_path",
    "unseen",
]
