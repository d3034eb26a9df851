"""What is declared of one endpoint: who runs it, where it is, which values it is sent."""

import re
from dataclasses import dataclass

from hometruth.model import Part


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests go: a URL without its query, or a regular expression for such URLs."""

    url: str
    is_regex: bool = False


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another value that must be there: ``path`` below the element ``at`` must be ``text``."""

    at: str
    """The beginning of the field's own path."""
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class ValueTest:
    """What a value must be like to count; placeholders such as ``0`` or ``OPTOUT`` are nobody's."""

    never: frozenset[str] = frozenset()
    never_like: re.Pattern[str] | None = None
    only: frozenset[str] = frozenset()
    only_like: re.Pattern[str] | None = None

    def holds(self, text: str) -> bool:
        """True if *text* counts."""
        return (
            text not in self.never
            and (not self.only or text in self.only)
            and (self.only_like is None or self.only_like.search(text) is not None)
            and (self.never_like is None or self.never_like.search(text) is None)
        )


@dataclass(frozen=True, slots=True)
class Field:
    """One kind of data, where it sits, and why we believe that."""

    kind: str
    """What it is: ``advertisingId``, ``osVersion``..."""
    part: Part
    path: str
    """As `Value.path`; ``[*]`` is any one member or element, ``[**]`` any depth, ``[/regex/]`` a name."""
    reason: str
    """A page that says so, or in words what gave it away."""
    extract: re.Pattern[str] | None = None
    """What of the value is meant: the first group."""
    condition: ValueTest = ValueTest()
    siblings: tuple[Sibling, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Adapter:
    """Declared knowledge about one endpoint. Compared by identity: there is one of each."""

    slug: str
    name: str
    company: str
    endpoints: tuple[Endpoint, ...]
    fields: tuple[Field, ...]
    source: str
    """Where all of this was taken from."""
    body: str = ""
    """Layer that the body is made of (``json``, ``form``, ``protobuf``), where that is known."""
