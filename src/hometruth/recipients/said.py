"""What the records of a recognised protocol say: names of events, and their properties as they were sent."""

from collections import defaultdict
from collections.abc import Iterable

from hometruth.model import Part, Said, Value
from hometruth.recipients.sdk import Recognised

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
