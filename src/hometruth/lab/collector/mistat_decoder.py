"""A MiStat form -> the events in it. Shares nothing with the phone's encoder but what the vendor hands out.

Nothing in the known fields says which app sent a form; the real server's way is not known. Here the keys of
all apps are tried, of which one fits.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any

from hometruth.lab.collector.envelopes import decrypt
from hometruth.lab.collector.packing import Rejected, parse_json
from hometruth.lab.oem.declared import REGISTRATIONS

TYPE = "mistat"
NEEDED = ("device_id", "stat_value", "size")
BESIDE = ("channel", "device_id", "id_type", "policy", "interval", "version", "mistatv")
"""Fields that are kept with each event."""
ANSWER = {"status": "ok", "data": {"delay": 15_000, "configVersion": 1}}
"""Form: decompiled. Values, and that ``delay`` is in milliseconds until the next sending: invented."""


def mistat_events(form: Mapping[str, str]) -> tuple[str, list[dict[str, Any]]]:
    """The app that a form comes from, and its events in the form of the store.

    Raises:
        Rejected: If a field is missing, no app's key fits, or what is inside is not events.
    """
    missing = [name for name in NEEDED if name not in form]
    if missing:
        raise Rejected(f"MiStat: {', '.join(missing)} not there")
    try:
        sealed = base64.b64decode(form["stat_value"], validate=True)
    except (binascii.Error, ValueError) as err:
        raise Rejected(f"MiStat: stat_value is not base64: {err}") from err
    app, inside = _opened(sealed, form["device_id"])
    if not isinstance(inside, list) or form["size"] != str(len(inside)):
        raise Rejected("MiStat: stat_value does not hold as many events as size says")
    beside = {name: form[name] for name in BESIDE if name in form}
    return app, [_stored(index, event, beside) for index, event in enumerate(inside)]


def _opened(sealed: bytes, device_id: str) -> tuple[str, Any]:
    for app, given in REGISTRATIONS.items():
        seed = f"seed:{given.app_id}-{given.app_key}-{device_id}".encode("utf-8", "surrogatepass")
        key = hashlib.md5(seed).hexdigest()[:16].encode("ascii")
        try:
            return app, parse_json(decrypt(key, sealed))
        except Rejected:
            continue
    raise Rejected("MiStat: stat_value is enciphered for no app that is known here, or damaged")


def _stored(index: int, event: Any, beside: Mapping[str, str]) -> dict[str, Any]:
    well_formed = (
        isinstance(event, dict)
        and isinstance(event.get("key"), str)
        and type(event.get("time")) is int
        and isinstance(event.get("params"), dict)
    )
    if not well_formed:
        raise Rejected(f"MiStat: item {index} is not an event (key, time, params)")
    return {
        "type": TYPE,
        "event": event["key"],
        "time": event["time"],
        "properties": event["params"],
        "form": dict(beside),
    }
