"""What a twin does not hold: by place, with its size and the reason."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hometruth.model import Part


@dataclass(frozen=True, slots=True)
class Left:
    """One thing left out."""

    where: str
    """Entry or flow, and the part of it."""
    why: str
    size_bytes: int


@dataclass(slots=True)
class LeftOut:
    """What to leave out of a recording because the proof found something in it, and what was left out."""

    keep_responses: bool = False
    keep_opaque: bool = False
    told: dict[str, Left] = field(default_factory=dict)
    """By place."""
    beside: set[int] = field(default_factory=set)
    """Places in the file of which only the request stays, and nothing that a recorder noted beside it."""
    _sighted: Mapping[int, set[tuple[Part, str]]] = field(default_factory=lambda: defaultdict(set))

    def sight_beside(self, place: int) -> bool:
        """The same of what stands beside the request of that place in the file."""
        known = place in self.beside
        self.beside.add(place)
        return not known

    def sight(self, entry: int, part: Part, name: str) -> bool:
        """Note that something removed still stands there; False if that was known."""
        known = (part, name) in self._sighted[entry]
        self._sighted[entry].add((part, name))
        return not known

    def has(self, entry: int, *parts: Part, name: str | None = None) -> bool:
        """True if one of these parts of an entry is left out; of headers those called *name*."""
        return any(
            part in parts and (name is None or name.lower() == called.lower())
            for part, called in self._sighted.get(entry, ())
        )

    def tell(self, where: str, why: str, size_bytes: int) -> None:
        """Note that something was left out."""
        self.told[where] = Left(where, why, size_bytes)

    def rows(self) -> Iterable[Left]:
        """All of it, in the order of the recording."""
        return self.told.values()
