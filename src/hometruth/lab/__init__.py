"""The system under test: simulated phones, the SDK inside their apps, and the collector they report to.

Knows nothing of the investigation. The names below are imported when first used: phones and collectors run in
processes of their own, and neither needs what the other is made of.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hometruth.lab.android.profiles import PROFILES
    from hometruth.lab.apps.aggregate import Defect
    from hometruth.lab.apps.behaviour import Mutation
    from hometruth.lab.apps.catalogue import APPS
    from hometruth.lab.apps.declare import TELEMETRY_HOST
    from hometruth.lab.apps.leaks import Leak
    from hometruth.lab.apps.mint_browser import SEARCH_HOST, behaviour_sends
    from hometruth.lab.collector.handle import CollectorHandle, start_collector
    from hometruth.lab.collector.store import DeadLetter, read_dead_letters, read_events
    from hometruth.lab.oem.declared import CHANNELS, VENDOR_HOSTS
    from hometruth.lab.other_sites import serving_pages
    from hometruth.lab.phones.remote import (
        Change,
        Identity,
        Observation,
        Phone,
        Screen,
        last_clock_ms,
        start_phone,
    )

__all__ = [
    "APPS",
    "CHANNELS",
    "PROFILES",
    "SEARCH_HOST",
    "TELEMETRY_HOST",
    "VENDOR_HOSTS",
    "Change",
    "CollectorHandle",
    "DeadLetter",
    "Defect",
    "Identity",
    "Leak",
    "Mutation",
    "Observation",
    "Phone",
    "Screen",
    "behaviour_sends",
    "last_clock_ms",
    "read_dead_letters",
    "read_events",
    "serving_pages",
    "start_collector",
    "start_phone",
]

_HOMES = {
    "PROFILES": "android.profiles",
    "Defect": "apps.aggregate",
    "Mutation": "apps.behaviour",
    "APPS": "apps.catalogue",
    "TELEMETRY_HOST": "apps.declare",
    "Leak": "apps.leaks",
    **dict.fromkeys(("SEARCH_HOST", "behaviour_sends"), "apps.mint_browser"),
    **dict.fromkeys(("CollectorHandle", "start_collector"), "collector.handle"),
    **dict.fromkeys(("DeadLetter", "read_dead_letters", "read_events"), "collector.store"),
    **dict.fromkeys(("CHANNELS", "VENDOR_HOSTS"), "oem.declared"),
    "serving_pages": "other_sites",
    **dict.fromkeys(
        ("Change", "Identity", "Observation", "Phone", "Screen", "last_clock_ms", "start_phone"),
        "phones.remote",
    ),
}
"""Name to the module it comes from."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"hometruth.lab.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
