"""Is a sighting the action itself? Expected flows are narrow and were sealed before the run."""

import re
from collections.abc import Iterable

from hometruth.model import ActionRecord, ExpectedFlow, HostPattern, Sighting

_NS = 1_000_000_000


def is_expected(sighting: Sighting, flows: Iterable[ExpectedFlow], planted: ActionRecord | None) -> bool:
    """True if *sighting* is one of the declared *flows* of its canary, inside the time window of the action.

    Args:
        planted: The action that planted the canary; None expects nothing. One that was not observed to happen
            expects only what reached nobody: a search submitted while its engine is out of reach.
    """
    if planted is None or not (planted.happened or sighting.exchange.delivered.is_attempt):
        return False
    return any(_matches(sighting, flow, planted) for flow in flows)


def _matches(sighting: Sighting, flow: ExpectedFlow, planted: ActionRecord) -> bool:
    exchange, canary = sighting.exchange, sighting.canary
    if flow.kind is not canary.kind or exchange.method not in flow.methods:
        return False
    if sighting.value.part not in flow.parts or exchange.started_ns is None:
        return False
    since_s = (exchange.started_ns - planted.at_ns) / _NS
    if not -flow.before_s <= since_s <= flow.within_s:
        return False
    if not HostPattern(flow.host.replace("{canary}", canary.value)).fits(exchange.host):
        return False
    path = exchange.target.split(b"?", 1)[0].decode("utf-8", "backslashreplace")
    return re.fullmatch(flow.path.replace("{canary}", re.escape(canary.value)), path) is not None
