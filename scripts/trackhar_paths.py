"""Where TrackHAR's decoded variables sit among the values that Hometruth peels.

TrackHAR says step by step how a request is decoded into variables, and then names properties of these. The
peeler takes every wrapping off without being told, and names each value by its path. So the steps are not
run but followed on paper: each variable stands for a place (part, path, how the path goes on from there).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

SMALLEST_PROTOBUF_NUMBER = 1000
"""Smaller numbers in protobuf messages are no values to the peeler, so no condition can be put on them."""

_IDENTIFIER = re.compile(r"[^\W\d][\w$]*|\$[\w$]*")
_STEP = re.compile(r"\.\.|\.?\*|\.?([^.\[\]*]+)|\[\"([^\"]+)\"\]|\[\?\((.*?)\)\](?=[.\[]|$)")
_KEY_MATCHES = re.compile(r"@property\.match\(/(.+)/(i?)\)")
_KEY_STARTS = re.compile(r'@property\.startsWith\("([^"]+)"\)')
_KEY_AND_VALUE = re.compile(r'@property === "([^"]+)" && (!?)@\.match\(/(.+)/i\)')
_STARTS = re.compile(r"@\.startsWith\('([^']+)'\)")
_SIBLING = re.compile(r"@(\.parent|parent)?(?:\.(\w+)|\[(\d+)\]) ={2,3} (?:'([^']*)'|(\d+))")

ROOTS = ("body", "query", "header", "cookie", "path")


class NotMappedError(ValueError):
    """A place that our paths cannot name; the message is the reason told to readers."""


@dataclass(frozen=True)
class Place:
    """A set of values: part, path pattern, and what must hold for them."""

    part: str
    labels: tuple[str, ...] = ()
    form: str = "raw"
    """What the value is, which says how its members are written: json, form, protobuf, text..."""
    several: bool = False
    """It is TrackHAR's list of what was found; our path says where, and needs no index for that."""
    extract: str = ""
    where: tuple[Mapping[str, str], ...] = ()
    only_like: str = ""
    not_like: str = ""

    @property
    def path(self) -> str:
        """The path pattern, as values write theirs."""
        return "".join(self.labels).lstrip(".")

    def below(self, label: str, **changes: Any) -> "Place":
        """A member of this value."""
        return replace(self, labels=(*self.labels, label), **changes)


@dataclass
class Variables:
    """TrackHAR's variables while its steps are followed."""

    places: dict[str, Place] = field(default_factory=lambda: {root: Place(root) for root in ROOTS})
    missing: dict[str, str] = field(default_factory=dict)
    """Variables that cannot be placed, and why."""

    def follow(self, steps: Sequence[Mapping[str, Any]]) -> None:
        """Set every variable that the steps set; of one that cannot be placed, remember the reason."""
        for step in steps:
            try:
                source = self.find(step["in"]) if step["in"] else self._each_of(step["mapIn"])
                found: Place = _DECODERS[step["fn"]](source, step.get("options") or {})
                self.places[step["out"]] = found if step["in"] else replace(found, several=True)
            except NotMappedError as err:
                self.missing[step["out"]] = str(err)

    def find(self, path: str) -> Place:
        """The place of a property of a variable, as a data path names it."""
        steps = list(_steps(path))
        names = [text if kind == "name" else "?" for kind, text in steps]
        for length in range(len(steps), 0, -1):
            variable = ".".join(names[:length])
            if variable in self.missing:
                raise NotMappedError(self.missing[variable])
            if variable in self.places:
                return walk(self.places[variable], steps[length:])
        raise NotMappedError(f"no step of the source sets {path}")

    def _each_of(self, path: str) -> Place:
        """What a step works on that takes the elements of a list one by one."""
        found = self.find(path)
        if found.several:
            return replace(found, several=False)
        return found if "*" in path else found.below("[*]")


def walk(place: Place, steps: Sequence[tuple[str, str]]) -> Place:
    """Go on from *place* along the steps of a JSONPath."""
    for kind, text in steps:
        place = _WALKS[kind](place, text)
    return place


def _steps(path: str) -> Iterator[tuple[str, str]]:
    """The steps of a dotted path or JSONPath: kind and text."""
    pos = 1 if re.match(r"\$(?!\w)", path) else 0
    while pos < len(path):
        match = _STEP.match(path, pos)
        if not match:
            raise NotMappedError(f"path {path} is not understood at {path[pos:]}")
        pos = match.end()
        if match[0] == "..":
            yield "anywhere", ""
        elif match[0].endswith("*"):
            yield "each", ""
        elif match[3] is not None:
            yield "filter", match[3]
        else:
            yield "name", match[1] or match[2]


def _name(place: Place, name: str) -> Place:
    if place.several:
        raise NotMappedError(f"{name} is asked of a list as a whole")
    match place.form:
        case "protobuf" if name.isdigit():
            return place.below(f"[{name}]")
        case "json":
            if name.isdigit():
                return place.below(f"[{name}]")
            return place.below(f".{name}" if _IDENTIFIER.fullmatch(name) else f"[{json.dumps(name)}]")
        case "form":
            return place.below(f".{name}")
        case "relative-url":
            return replace(place, form="text", extract=rf"(?:^|[?&]){re.escape(name)}=([^&#]*)")
        case "raw" if place.part == "header":
            return place.below(name.lower(), form="text")
        case "raw" if place.part == "cookie":
            return place.below(f".{name}", form="text")
    raise NotMappedError(f"{name} is asked of {place.path or place.part}, which the source never decodes")


def _each(place: Place, _: str) -> Place:
    if place.several:
        return replace(place, several=False)
    # Repeated fields of a protobuf message share their number.
    return place if place.form == "protobuf" else place.below("[*]")


def _anywhere(place: Place, _: str) -> Place:
    return place.below("[**]")


def _filter(place: Place, condition: str) -> Place:
    if match := _KEY_MATCHES.fullmatch(condition):
        return place.below(f"[/{'(?i)' if match[2] else ''}{match[1]}/]")
    if match := _KEY_STARTS.fullmatch(condition):
        return place.below(f"[/^{re.escape(match[1])}/]")
    if match := _KEY_AND_VALUE.fullmatch(condition):
        named = _name(place, match[1])
        return replace(named, not_like=match[3]) if match[2] else replace(named, only_like=match[3])
    if (match := _STARTS.fullmatch(condition)) and place.form == "split":
        return replace(place, form="text", extract=rf"(?:^| )({re.escape(match[1])}[^ ]*)")
    return _where(place, condition)


def _where(place: Place, condition: str) -> Place:
    """Conditions on members of each element, or of the object that holds the list."""
    element = place if place.form == "protobuf" else place.below("[*]")
    added = []
    for clause in condition.split(" && "):
        match = _SIBLING.fullmatch(clause)
        if not match:
            raise NotMappedError(f"condition {condition} has no counterpart")
        if match[5] and place.form == "protobuf" and int(match[5]) < SMALLEST_PROTOBUF_NUMBER:
            raise NotMappedError(
                f"depends on field {match[3]} being {match[5]}, and numbers in protobuf below "
                f"{SMALLEST_PROTOBUF_NUMBER} are no values"
            )
        scope = element.labels[:-2] if match[1] else element.labels
        at = "".join(scope).lstrip(".")
        path = f".{match[2]}" if match[2] else f"[{match[3]}]"
        added.append({"at": at, "path": path, "is": match[4] or match[5]})
    return replace(element, where=(*place.where, *added))


_WALKS = {"name": _name, "each": _each, "anywhere": _anywhere, "filter": _filter}


def _get_property(place: Place, options: Mapping[str, str]) -> Place:
    steps = list(_steps(options["path"]))
    found = walk(place, steps)
    many = any(kind != "name" for kind, _ in steps)
    return replace(found, several=True) if many or place.several else found


def _parse_json(place: Place, _: Mapping[str, str]) -> Place:
    return replace(place, form="json")


def _parse_query_string(place: Place, _: Mapping[str, str]) -> Place:
    relative = place.labels[-1:] == (".relative_url",)
    return replace(place, form="relative-url" if relative else "form")


def _decode_protobuf(place: Place, _: Mapping[str, str]) -> Place:
    return replace(place, form="protobuf")


def _decode_jwt(place: Place, _: Mapping[str, str]) -> Place:
    return place.below(".payload", form="json")


def _unwrapped(place: Place, _: Mapping[str, str]) -> Place:
    """What the peeler takes off by itself, without adding to the path."""
    return replace(place, form="text")


def _split(place: Place, options: Mapping[str, str]) -> Place:
    if options["separator"] != " ":
        raise NotMappedError(f"split at {options['separator']!r} has no counterpart")
    return replace(place, form="split")


def _ensure_array(place: Place, _: Mapping[str, str]) -> Place:
    return place


_DECODERS: Mapping[str, Any] = {
    "getProperty": _get_property,
    "parseJson": _parse_json,
    "parseQueryString": _parse_query_string,
    "decodeProtobuf": _decode_protobuf,
    "decodeJwt": _decode_jwt,
    "decodeBase64": _unwrapped,
    "gunzip": _unwrapped,
    "decodeUrl": _unwrapped,
    "split": _split,
    "ensureArray": _ensure_array,
}
