"""What the values of one exchange are, as far as an adapter knows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from hometruth.model import Exchange, Part, Step, Value
from hometruth.peel.adapters.adapter import Adapter, Field, Sibling
from hometruth.peel.adapters.endpoints import Endpoints, known_endpoints
from hometruth.peel.adapters.paths import Node, Segments, build, segments

ESCAPED = frozenset({"form", "query", "cookie", "url"})
"""Layers whose fields are written with percent escapes; what is meant is the field without them."""

Spot = tuple[str, tuple[Step, ...]]
"""Name and steps up to the last that adds to the path: one place, whatever was peeled off there."""


class Known(NamedTuple):
    """A value that an adapter knows."""

    field: Field
    value: Value
    path: str
    text: str
    """The value, or what of it is meant, as text; undecodable bytes are shown as ``\\xNN``."""


def explain(
    exchange: Exchange, values: Sequence[Value], endpoints: Endpoints | None = None
) -> tuple[Adapter, list[Known]] | None:
    """The adapter that knows the endpoint, and what it knows of the peeled *values*; None if there is none.

    Where several adapters know one URL (JSON and forms to the same address), the one that explains most; of
    two that explain as much, the one whose body is like that.
    """
    adapters = (endpoints or known_endpoints()).matching(exchange)
    explained = [(adapter, fields_of(adapter, values)) for adapter in adapters]
    if len(explained) < 2:
        return explained[0] if explained else None
    layers = {_first_layer(value) for value in values if value.part is Part.BODY}
    return max(explained, key=lambda item: (len(item[1]), item[0].body in layers))


def fields_of(adapter: Adapter, values: Sequence[Value]) -> list[Known]:
    """Every value that *adapter* knows, in the order of its fields. A container is known by its leaves."""
    compiled = _compile(adapter)
    spots: dict[int, dict[Spot, _Spot]] = defaultdict(dict)
    for value in values:
        root = compiled.get(value.part)
        if root is None or value.path.endswith("~"):
            continue
        path = _segments_of(value)
        for number, length in root.match(path):
            spot = spots[number].setdefault(_spot_of(value), _Spot(path, length, []))
            spot.values.append(value)
    siblings = _Siblings(values)
    found: list[Known] = []
    for number, places in sorted(spots.items()):
        field = adapter.fields[number]
        for value, spot in _outermost(places):
            if all(siblings.hold(field, sibling, value, spot) for sibling in field.siblings):
                found += _known(field, value)
    return found


def _first_layer(value: Value) -> str:
    """The layer that first added to the path: what the part is made of."""
    return next((step.layer for step in value.steps if step.label), "")


class _Spot(NamedTuple):
    path: Segments
    length: int
    """Segments of the path that are the field's; more if the value is inside the field."""
    values: list[Value]


@cache
def _compile(adapter: Adapter) -> dict[Part, Node]:
    parts: dict[Part, list[tuple[int, str]]] = defaultdict(list)
    for number, field in enumerate(adapter.fields):
        path = field.path.lower() if field.part is Part.HEADER and "." not in field.path else field.path
        parts[field.part].append((number, path))
    return {part: build(patterns) for part, patterns in parts.items()}


def _segments_of(value: Value) -> Segments:
    """Segments of the path; names of headers are compared without case."""
    if value.part is Part.HEADER:
        return segments(value.name.lower() + value.path[len(value.name) :])
    return segments(value.path)


def _spot_of(value: Value) -> Spot:
    return value.name, value.steps[: _labelled(value)]


def _labelled(value: Value) -> int:
    """Number of steps up to the last one that adds to the path."""
    for number in range(len(value.steps), 0, -1):
        if value.steps[number - 1].label:
            return number
    return 0


def _outermost(spots: dict[Spot, _Spot]) -> Iterator[tuple[Value, _Spot]]:
    """One value for each spot that is not inside another one: what it decodes to is not sent beside it."""
    for (name, steps), spot in spots.items():
        outer = any((name, steps[:length]) in spots for length in range(len(steps)))
        if not outer:
            yield _unescaped(spot.values), spot


def _unescaped(values: Sequence[Value]) -> Value:
    """Of a value and what it was decoded to at the same spot, the field as its sender meant it."""
    first = values[0]
    length = _labelled(first)
    if length and first.steps[length - 1].layer in ESCAPED:
        for value in reversed(values):
            if [step.layer for step in value.steps[length:]] == ["percent"]:
                return value
    return first


class _Siblings:
    """Values by where they are, listed when first asked for."""

    def __init__(self, values: Iterable[Value]) -> None:
        self._values = values
        self._by_path: dict[tuple[Part, Segments], list[Value]] = {}

    def hold(self, field: Field, sibling: Sibling, value: Value, spot: _Spot) -> bool:
        """True if the sibling of *value*, in the same element, has the text it must have."""
        if not self._by_path:
            for item in self._values:
                self._by_path.setdefault((item.part, _segments_of(item)), []).append(item)
        after = len(segments(field.path)) - len(segments(sibling.at))
        scope = spot.path[: spot.length - after]
        wanted = sibling.text.encode()
        return any(
            item.data == wanted and _share(item, value, scope)
            for item in self._by_path.get((value.part, scope + segments(sibling.path)), ())
        )


def _share(one: Value, other: Value, scope: Segments) -> bool:
    """True if both are in the same element: repeated fields of a message have the same path."""
    label = ""
    for number, step in enumerate(one.steps, 1):
        label += step.label
        if step.label and segments(one.name + label) == scope:
            return one.steps[:number] == other.steps[:number]
    return True


def _known(field: Field, value: Value) -> Iterator[Known]:
    text = value.data.decode("utf-8", "backslashreplace")
    if field.extract:
        match = field.extract.search(text)
        if not match:
            return
        text = match[1] or ""
    if text == "null" or not field.condition.holds(text):  # nothing was sent there
        return
    yield Known(field, value, value.path, text)
