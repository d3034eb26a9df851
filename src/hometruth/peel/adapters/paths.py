"""Compares paths of values with the patterns of fields, segment by segment, all fields of an adapter at once.

A path says differently what is the same here: ``.a``, ``?a``, ``["a"]`` and, in form fields, ``[a]`` all name
a member *a*. So both are cut into segments first; a dot within a name cuts too, in both alike.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

_SEGMENT = (
    r'\["((?:[^"\\]|\\.)*)"\]'  # a key that is no identifier
    r"|(\[\d+\])"
    r"|\[([^\[\]]*)\]"  # a nested name in a form field
    r"|[.?]?([^.\[?]+)"
)
_IN_PATH = re.compile(_SEGMENT)
_IN_PATTERN = re.compile(rf"(\[(?:\*{{1,2}}|/.+?/)\])|{_SEGMENT}")
ANY, ANY_DEPTH = "[*]", "[**]"
LONGEST_NAME = 8
"""Segments that a name with dots in it may have."""
REMEMBERED = 1 << 14
"""Paths whose segments are remembered; longer ones than `LONGEST_REMEMBERED` would fill memory."""
LONGEST_REMEMBERED = 256

Segments = tuple[str, ...]


def segments(path: str) -> Segments:
    """The members and indices that *path* goes through."""
    return _remembered(path) if len(path) <= LONGEST_REMEMBERED else tuple(_cut(path))


@lru_cache(REMEMBERED)
def _remembered(path: str) -> Segments:
    return tuple(_cut(path))


@lru_cache(REMEMBERED)
def pattern_segments(pattern: str) -> Segments:
    """The same of a pattern, in which some segments stand for others."""
    found: list[str] = []
    for match in _IN_PATTERN.finditer(pattern):
        found += [match[1]] if match[1] else _named(match, 2)
    return tuple(found)


def _cut(path: str) -> Iterator[str]:
    for match in _IN_PATH.finditer(path):
        yield from _named(match, 1)


def _named(match: re.Match[str], first: int) -> list[str]:
    """What one match names; *first* is the group of a key that is no identifier."""
    key = match[first]
    if key is None:
        return [match[first + 1] or match[first + 2] or match[first + 3] or ""]
    try:
        text = json.loads(f'"{key}"')
    except ValueError:
        text = key
    return str(text).split(".")


@dataclass(slots=True)
class Node:
    """The fields whose pattern ends here, and how patterns go on."""

    ends: list[int] = field(default_factory=list)
    named: dict[str, "Node"] = field(default_factory=dict)
    like: list[tuple[re.Pattern[str], "Node"]] = field(default_factory=list)
    deeper: "Node | None" = None

    def add(self, pattern: Segments, number: int) -> None:
        """Enter the pattern of field *number*."""
        node = self
        for segment in pattern:
            node = node._child(segment)
        node.ends.append(number)

    def _child(self, segment: str) -> "Node":
        if segment == ANY_DEPTH:
            self.deeper = self.deeper or Node()
            return self.deeper
        if segment.startswith("[/"):
            child = Node()
            self.like.append((re.compile(segment[2:-2]), child))
            return child
        return self.named.setdefault(segment, Node())

    def match(self, path: Segments, start: int = 0) -> Iterator[tuple[int, int]]:
        """Fields whose pattern is the beginning of *path*, and how many segments that takes."""
        for number in self.ends:
            yield number, start
        if start < len(path):
            segment = path[start]
            if child := self.named.get(segment):
                yield from child.match(path, start + 1)
            if child := self.named.get(ANY):
                yield from child.match(path, start + 1)
            for pattern, after in self.like:
                yield from _match_name(pattern, after, path, start)
        if self.deeper:
            for later in range(start, len(path) + 1):
                yield from self.deeper.match(path, later)


def _match_name(
    pattern: re.Pattern[str], after: Node, path: Segments, start: int
) -> Iterator[tuple[int, int]]:
    """Go on after a name that is like *pattern*: the longest, if it has dots, that anything follows on."""
    for end in range(min(len(path), start + LONGEST_NAME), start, -1):
        if pattern.search(".".join(path[start:end])) and (found := list(after.match(path, end))):
            yield from found
            return


def build(patterns: Iterable[tuple[int, str]]) -> Node:
    """The patterns of numbered fields, ready to be compared with."""
    root = Node()
    for number, pattern in patterns:
        root.add(pattern_segments(pattern), number)
    return root
