"""Recognise an analytics SDK by what it says, not by the host it says it to.

A self-hosted Sensors Analytics server answers under the vendor's own name; only the shape of the request
tells. Shape: a form field or parameter ``data`` or ``data_list`` that peels to events with ``distinct_id``,
``type`` and ``lib.$lib`` (plain), or to envelopes with ``ekey``, ``pkv`` and ``payloads`` (encrypted).
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from hometruth.model import Part, Said, Value

SENSORS_ANALYTICS = "Sensors Analytics"
SENSORS_MAKER = "Sensors Data"
_SOURCE = "data/data_list hold events with distinct_id, type and lib.$lib (official SDK sources)"
_SOURCE_ENCRYPTED = "data_list holds envelopes with ekey, pkv and payloads (official SDK sources)"

_FIELD = re.compile(r"^(?P<record>(?:data|data_list)(?:\[\d+\])?)\.(?P<key>.+)$")
_EVENT_KEYS = frozenset({"distinct_id", "type", "lib.$lib"})
_ENVELOPE_KEYS = frozenset({"ekey", "pkv"})


@dataclass(frozen=True, slots=True)
class Recognised:
    """An SDK's protocol found in one exchange."""

    sdk: str
    maker: str
    source: str
    records: frozenset[str]
    """Paths of the readable records, for example ``data_list[0]``; empty if they are encrypted."""


def recognise_sdk(values: Iterable[Value]) -> Recognised | None:
    """The SDK whose protocol the peeled *values* of one exchange speak, None if no known one."""
    keys: dict[str, set[str]] = defaultdict(set)
    for value in values:
        if value.part in (Part.BODY, Part.QUERY) and (match := _FIELD.match(value.path)):
            keys[match["record"]].add(match["key"])
    records = frozenset(record for record, found in keys.items() if found >= _EVENT_KEYS)
    if records:
        return Recognised(SENSORS_ANALYTICS, SENSORS_MAKER, _SOURCE, records)
    if any(found >= _ENVELOPE_KEYS for found in keys.values()):
        return Recognised(SENSORS_ANALYTICS, SENSORS_MAKER, _SOURCE_ENCRYPTED, frozenset())
    return None


def event_names(recognised: Recognised | None, values: Iterable[Value]) -> tuple[str, ...]:
    """Names of the events in the readable records, in the order of sending; one per record that has one."""
    if recognised is None:
        return ()
    paths = {f"{record}.event" for record in recognised.records}
    return tuple(
        value.data.decode("utf-8", "backslashreplace")
        for value in values
        if value.path in paths and value.part in (Part.BODY, Part.QUERY)
    )


PROPERTIES = "properties."


def said_in(recognised: Recognised | None, values: Iterable[Value]) -> tuple[Said, ...]:
    """Every readable record, in the order of sending."""
    if recognised is None:
        return ()
    names: dict[str, str] = {}
    properties: dict[str, dict[str, bytes]] = defaultdict(dict)
    for value in values:
        if not value.steps or value.steps[-1].layer != "json" or value.is_name:
            continue
        record, _, key = value.path.partition(".")  # the name of a record has no dot
        if record not in recognised.records or value.part not in (Part.BODY, Part.QUERY):
            continue
        if key == "event":
            names.setdefault(record, value.data.decode("utf-8", "backslashreplace"))
        elif key.startswith(PROPERTIES):
            properties[record].setdefault(key.removeprefix(PROPERTIES), value.data)
    return tuple(
        Said.of(names.get(record, ""), properties[record])
        for record in sorted(recognised.records, key=lambda name: (len(name), name))
    )


def digest_of(recognised: Recognised | None, values: Iterable[Value]) -> str:
    """Of everything that readable records say, times and ids included: a retry has that of what it repeats.

    Empty if there are none.
    """
    if recognised is None or not recognised.records:
        return ""
    said = sorted(
        (value.path, value.data)
        for value in values
        if value.part in (Part.BODY, Part.QUERY) and value.path.partition(".")[0] in recognised.records
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()
