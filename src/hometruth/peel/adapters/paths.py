"""Compares paths of values with the patterns of fields, segment by segment, all fields of an adapter at once.

A path says differently what is the same here: ``.a``, ``?a``, ``["a"]`` and, in form fields, ``[a]`` all name
a member *a*. So both are cut into segments first; a dot within a name cuts too, in both alike.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

_SEGMENT = re.compile(
    r'\["((?:[^"\\]|\\.)*)"\]'  # a key that is no identifier
    r"|(\[(?:\d+|\*{1,2}|/.+/)\])"  # an index, and what stands for segments in patterns
    r"|\[([^\]]*)\]"  # a nested name in a form field
    r"|[.?]?([^.\[?]+)"
)
ANY, ANY_DEPTH = "[*]", "[**]"
LONGEST_NAME = 8
"""Segments that a name with dots in it may have."""
REMEMBERED = 1 << 14
"""Paths whose segments are remembered."""

Segments = tuple[str, ...]


@lru_cache(REMEMBERED)
def segments(path: str) -> Segments:
    """The members and indices that *path* goes through."""
    return tuple(_cut(path))


def _cut(path: str) -> Iterator[str]:
    for match in _SEGMENT.finditer(path):
        if match[1] is not None:
            try:
                yield from json.loads(f'"{match[1]}"').split(".")
            except ValueError:
                yield match[1]
        else:
            yield match[2] or match[3] or match[4] or ""


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
                for end in range(min(len(path), start + LONGEST_NAME), start, -1):
                    if pattern.search(".".join(path[start:end])):
                        yield from after.match(path, end)
                        break
        if self.deeper:
            for later in range(start, len(path) + 1):
                yield from self.deeper.match(path, later)


def build(patterns: Iterable[tuple[int, str]]) -> Node:
    """The patterns of numbered fields, ready to be compared with."""
    root = Node()
    for number, pattern in patterns:
        root.add(segments(pattern), number)
    return root
