"""A request to the collector -> the events in it.

Shares nothing with the lab's SDK, so that an error here cannot cancel out one there.

Understood: fields ``data`` (one event) and ``data_list`` (an array), base64 of JSON, gzipped if ``gzip=1``,
encrypted if ``gzip`` is 9 or 13; the check ``crc=N`` (Android) or ``ext=crc%3DN`` (Web), Java's
``String.hashCode`` of the value before percent-encoding.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from hometruth.lab.collector.envelopes import EVENT, TRANSPORT, open_envelopes
from hometruth.lab.collector.keys import KeyRing
from hometruth.lab.collector.packing import Rejected, inflate, parse_json

MAX_FIELDS = 64
"""Form fields; the SDKs send at most five."""
TRACKS = frozenset({"track", "track_signup", "track_id_bind", "track_id_unbind"})
OTHERS = frozenset(
    {
        *("profile_set", "profile_set_once", "profile_increment", "profile_append", "profile_unset"),
        *("profile_delete", "item_set", "item_delete"),
    }
)
Keys = Callable[[], KeyRing]
"""Makes or fetches the keys: most requests need none."""


def parse_form(text: bytes) -> dict[str, str]:
    """Fields of a query or form body; of a repeated field the first counts.

    Raises:
        Rejected: If there are too many.
    """
    try:
        pairs = parse_qsl(text.decode("latin-1"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as err:
        raise Rejected(f"the form cannot be read: {err}") from err
    return dict(reversed(pairs))


def decode_events(fields: Mapping[str, str], keys: Keys) -> list[dict[str, Any]]:
    """The events a form carries, exactly as sent.

    Args:
        fields: The form.
        keys: Where the keys are, if the events are encrypted.

    Raises:
        Rejected: If any part of it is damaged; then nothing of the request is taken.
    """
    name = "data_list" if "data_list" in fields else "data"
    if name not in fields:
        raise Rejected("neither data nor data_list is there")
    framing = fields.get("gzip", "0")
    events: Any
    if framing in {EVENT, TRANSPORT}:
        _check_hash(fields, fields[name])
        events = open_envelopes(fields[name], framing, keys())
    else:
        value = fields[name].replace(" ", "+")  # a bare + of base64 that nobody percent-encoded
        _check_hash(fields, value)
        events = parse_json(_unpack(value, framing))
    if isinstance(events, dict):
        events = [events]
    if not isinstance(events, list):
        raise Rejected(f"{name} is a JSON {type(events).__name__}, not an event or an array of them")
    for index, event in enumerate(events):
        _check_event(index, event)
    return events


def java_hash(text: str) -> int:
    """Java's ``String.hashCode``."""
    units = text.encode("utf-16-be", "surrogatepass")
    total = 0
    for high, low in zip(units[::2], units[1::2], strict=True):
        total = (total * 31 + (high << 8 | low)) % 2**32
    return (total ^ 2**31) - 2**31


def _check_hash(fields: Mapping[str, str], value: str) -> None:
    declared = fields.get("crc", dict(parse_qsl(fields.get("ext", ""))).get("crc"))
    if declared is not None and declared != str(java_hash(value)):
        raise Rejected(f"crc is {declared[:20]!r}, but the data hash to {java_hash(value)}")


def _unpack(value: str, packing: str) -> bytes:
    if packing not in {"0", "1"}:
        raise Rejected(f"gzip={packing[:20]!r} is not understood here (0, 1, 9 or 13)")
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as err:
        raise Rejected(f"the data are not base64: {err}") from err
    return inflate(data) if packing == "1" else data


def _check_event(index: int, event: Any) -> None:
    if not isinstance(event, dict):
        raise Rejected(f"item {index} is a JSON {type(event).__name__}, not an event")
    kind = event.get("type")
    if not isinstance(kind, str) or kind not in TRACKS | OTHERS:
        raise Rejected(f"event {index} is of no known type: {str(kind)[:40]!r}")
    if kind in TRACKS and not isinstance(event.get("event"), str):
        raise Rejected(f"event {index} is a {kind} without a name")
