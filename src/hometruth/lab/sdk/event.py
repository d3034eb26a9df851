"""What one event looks like, key by key, in each generation of the SDK.

Era: sa-sdk-android 3.2.10. Today: 6.8.4, from `TrackEventAssemble`; the order of its keys is that of our
recording of the protocol, which was made by a re-implementation, since no Android device was run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hometruth.lab.sdk.variants import WIFI, Variant

SIGN_UP = "track_signup"
BIND, UNBIND = "track_id_bind", "track_id_unbind"
MAX_STRING = 8191
"""Characters of a text property; longer ones are cut and marked with ``$``."""
SOURCE_LINE = "lab.Browser##record##Browser.java##1"
"""``$lib_detail``: class, method, file and line of the call. Invented."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an event is about, as the SDK knows it."""

    anonymous_id: str
    login_id: str | None
    identities: Mapping[str, str]
    """Of today's SDK: everything that names the device or the person."""

    @property
    def distinct_id(self) -> str:
        """The account if signed in, else the anonymous id."""
        return self.login_id or self.anonymous_id


@dataclass(frozen=True, slots=True)
class Occasion:
    """What happened, and everything that the SDK adds to it."""

    track_id: int
    time_ms: int
    type: str
    name: str
    method: str
    """``code``, or ``autoTrack`` for what the SDK itself watches."""
    properties: Mapping[str, Any]
    """The event's own; they win over all others."""
    super_properties: Mapping[str, Any]
    presets: Mapping[str, Any]
    """Facts of the device."""
    network: str
    """What the phone is connected to, one of `NETWORKS`."""
    is_first_day: bool
    person: Person


def event_of(variant: Variant, occasion: Occasion) -> dict[str, Any]:
    """The event as it is recorded, without the time at which it will be sent."""
    return (_today if variant.is_of_today else _era)(variant, occasion)


def _era(variant: Variant, it: Occasion) -> dict[str, Any]:
    lib = {"$lib": "Android", "$lib_version": variant.lib_version}
    event: dict[str, Any] = {
        "_track_id": it.track_id,
        "time": it.time_ms,
        "type": it.type,
        "distinct_id": it.person.distinct_id,
        "lib": _lib(variant, it),
        "event": it.name,
    }
    if it.type == SIGN_UP:
        event["original_id"] = it.person.anonymous_id
    event["properties"] = {
        **it.super_properties,
        **lib,
        **it.presets,
        **_network(it),
        "$is_first_day": it.is_first_day,
        **_cut_all(it.properties),
    }
    return event


def _today(variant: Variant, it: Occasion) -> dict[str, Any]:
    event: dict[str, Any] = {
        "_track_id": it.track_id,
        "time": it.time_ms,
        "type": it.type,
        "distinct_id": it.person.distinct_id,
        "anonymous_id": it.person.anonymous_id,
        "identities": dict(it.person.identities),
        "event": it.name,
        "lib": _lib(variant, it),
    }
    if it.type == SIGN_UP:
        event["original_id"] = it.person.anonymous_id
    event["properties"] = {
        "$lib": "Android",
        "$lib_version": variant.lib_version,
        **it.presets,
        **_network(it),
        "$lib_method": it.method,
        # A sign-up carries none: the source sets it for track, bind and unbind only.
        **({} if it.type == SIGN_UP else {"$is_first_day": it.is_first_day}),
        **it.super_properties,
        **_cut_all(it.properties),
    }
    if it.person.login_id:
        event["login_id"] = it.person.login_id
    return event


def _network(it: Occasion) -> dict[str, Any]:
    return {"$wifi": it.network == WIFI, "$network_type": it.network}


def _lib(variant: Variant, it: Occasion) -> dict[str, Any]:
    return {
        "$lib": "Android",
        "$lib_version": variant.lib_version,
        "$app_version": it.presets["$app_version"],
        "$lib_method": it.method,
        "$lib_detail": SOURCE_LINE,
    }


def _cut_all(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _cut(value) for key, value in properties.items()}


def _cut(value: Any) -> Any:
    return value[:MAX_STRING] + "$" if isinstance(value, str) and len(value) > MAX_STRING else value
