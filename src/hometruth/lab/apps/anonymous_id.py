"""The random token of Mint Browser, with the defect that keeps it for good.

The token was meant to be renewed after 90 days. But the time of its birth is rewritten at every start of
the app's process, so only a gap of 90 days without any start renews it. Source: the decompiled code in
https://palant.info/2020/05/04/are-xiaomi-browsers-spyware-yes-they-are.../ (names of the preferences
included).
"""

import uuid
from collections.abc import MutableMapping
from random import Random
from typing import Any

LIFETIME_MS = 7_776_000_000
"""90 days: the default of the preference ``anonymous_ei``."""


def anonymous_id_at_start(preferences: MutableMapping[str, Any], now_ms: int, rng: Random) -> str:
    """The token that holds for this process of the app; called once at its start.

    Args:
        preferences: The app's stored ``anonymous_id``, ``aigt`` (its "birth") and ``anonymous_ei``; updated.
        now_ms: The phone's clock.
        rng: Where a new token comes from.
    """
    token = preferences.get("anonymous_id")
    lifetime_ms = preferences.setdefault("anonymous_ei", LIFETIME_MS)
    if token is None or now_ms - preferences["aigt"] >= lifetime_ms:
        token = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        preferences["anonymous_id"] = token
    # The defect: this belongs inside the branch above.
    preferences["aigt"] = now_ms
    return str(token)
