"""What the collector's remote configuration tells SDKs."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from hometruth.errors import LabError
from hometruth.lab.collector.keys import KeyRing, key_config
from hometruth.lab.collector.schemes import Scheme

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {"disableDebugMode": False, "autoTrackMode": -1, "disableSDK": False}
)
"""Settings that change nothing: auto-tracking as coded, the SDK on."""
EXAMPLE = '{"disableSDK": true, "effect_mode": 1}'
KINDS: Mapping[str, type] = MappingProxyType(
    {
        "disableDebugMode": bool,
        "autoTrackMode": int,
        "disableSDK": bool,
        "event_blacklist": list,
        "nv": str,
        "effect_mode": int,
    }
)
"""Everything that can be set, and of what type it is."""


@dataclass(frozen=True)
class Offer:
    """Keys, or none, and settings."""

    scheme: Scheme | None = Scheme.RSA_EVENT
    """How SDKs are to encrypt; None hands out no key, so that they send in plain text."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What differs from `DEFAULTS`."""

    def configs(self, keys: Callable[[], KeyRing]) -> dict[str, Any]:
        """The ``configs`` of the answer; *keys* makes or fetches them, if they are needed."""
        handed_out = {} if self.scheme is None else key_config(keys(), self.scheme)
        return {**DEFAULTS, **self.settings, **handed_out}


def parse_settings(text: str) -> dict[str, Any]:
    """Settings that a person wrote as a JSON object.

    Raises:
        LabError: If it is none, or holds what no SDK knows.
    """
    try:
        settings = json.loads(text)
    except ValueError as err:
        raise LabError(f"remote configuration {text!r} is not JSON: {err}") from err
    if not isinstance(settings, dict):
        raise LabError(f"remote configuration {text!r} is not a JSON object such as {EXAMPLE}")
    for name, value in settings.items():
        if name not in KINDS:
            raise LabError(f"remote configuration knows no {name!r} (has: {', '.join(KINDS)})")
        if type(value) is not KINDS[name]:
            raise LabError(
                f"remote configuration: {name} is {value!r}; it must be of type {KINDS[name].__name__}"
            )
    return settings
