"""What the values of one exchange are, as far as an adapter knows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from hometruth.model import Exchange, Part, Step, Value
from hometruth.peel.adapters.adapter import Adapter, Field, Sibling
from hometruth.peel.adapters.endpoints import Endpoints, known_endpoints
from hometruth.peel.adapters.paths import Node, Segments, build, pattern_segments, segments

ESCAPED = frozenset({"form", "query", "cookie", "url"})
"""Layers whose fields are written with percent escapes; what is meant is the field without them."""

Spot = tuple[str, tuple[Step, ...]]
"""Name and steps up to the last that adds to the path: one place, whatever was peeled off there."""
Element = tuple[str, Segments, tuple[Step, ...]]
"""Name, path and steps of an element of a list; no steps where its path alone says which."""


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
        if root is None or value.is_name:
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
    """The elements of lists that have a certain sibling, looked for when first asked for."""

    def __init__(self, values: Sequence[Value]) -> None:
        self._values = values
        self._elements: dict[tuple[Part, Sibling], set[Element]] = {}

    def hold(self, field: Field, sibling: Sibling, value: Value, spot: _Spot) -> bool:
        """True if the sibling of *value*, in the same element, has the text it must have."""
        after = len(pattern_segments(field.path)) - len(pattern_segments(sibling.at))
        having = self._elements.get((field.part, sibling))
        if having is None:
            having = self._elements[field.part, sibling] = set(self._having(field.part, sibling))
        return _element(value, spot.path[: spot.length - after]) in having

    def _having(self, part: Part, sibling: Sibling) -> Iterator[Element]:
        wanted = sibling.text.encode()
        tail = segments(sibling.path)
        for value in self._values:
            if value.part is part and value.data == wanted:
                path = _segments_of(value)
                if path[-len(tail) :] == tail:
                    yield _element(value, path[: -len(tail)])


def _element(value: Value, scope: Segments) -> Element:
    """The element at *scope* that *value* is in: repeated fields of a message differ only by their step."""
    label = ""
    for number, step in enumerate(value.steps, 1):
        label += step.label
        if step.label and segments(value.name + label) == scope:
            return value.name, scope, value.steps[:number]
    return value.name, scope, ()


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
