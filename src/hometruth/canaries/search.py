"""Searches values for every form of every canary: one automaton, one pass over all values of an exchange."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ahocorasick_rs import BytesAhoCorasick

from hometruth.canaries.digests import DigestTable
from hometruth.canaries.disguises import Disguise, Disguises
from hometruth.canaries.images import images_of
from hometruth.forms import plain_forms
from hometruth.model import Canary, Form, Value

if TYPE_CHECKING:
    from hometruth.canaries.suspects import Suspects

SEPARATOR = b"\x00"
"""Stands between values; a match that runs across one is no match, see `Search._locate`."""


SPLIT_WHOLLY = frozenset({"json", "multipart", "query", "cookie", "target", "gzip", "zlib", "zstd"})
"""Layers after which a disguise is looked for inside, not in the value they opened."""


class Values(Protocol):
    """What can be searched: the values of one exchange, and how they hang together."""

    @property
    def values(self) -> Sequence[Value]:
        """Every value, containers before what is inside them."""

    @property
    def parents(self) -> Sequence[int]:
        """Index of the value each was peeled out of, or -1."""

    @property
    def spans(self) -> Sequence[tuple[int, int]]:
        """Bytes of the parent each was made from."""

    @property
    def echoes(self) -> frozenset[int]:
        """Values that are bytes of their parent, unchanged: seeing a canary there again is no news."""

    @property
    def asides(self) -> frozenset[int]:
        """Values that explain a canary only where nothing else does."""


class Hit(NamedTuple):
    """One match: which form of which canary, in which value, at which byte."""

    canary: Canary
    form: Form
    index: int  # type: ignore[assignment]  # a tuple has a method of that name, which nobody needs here
    offset: int


class Trace(NamedTuple):
    """Bytes that look like an encoded canary: an encoding shown by its image, not yet by a layer."""

    canary: Canary
    encoding: str
    index: int  # type: ignore[assignment]  # a tuple has a method of that name, which nobody needs here
    offset: int


class Search:
    """Every form of a set of canaries, compiled."""

    def __init__(self, canaries: Iterable[Canary], salts: Iterable[str] = ()) -> None:
        self.canaries = tuple(canaries)
        owners: dict[bytes, list[tuple[Canary, Form]]] = defaultdict(list)
        images: dict[bytes, list[tuple[Canary, str]]] = defaultdict(list)
        for canary in self.canaries:
            for form in plain_forms(canary.value, canary.bits):
                owners[form.needle.lower()].append((canary, form))
            # A phantom's image would prove nothing that its plain form does not: its chance is the same.
            for encoding, image in () if canary.phantom else images_of(canary.value):
                images[image].append((canary, encoding))
        self._owners = list(owners.values())
        self._images = list(images.values())
        self._digests = DigestTable(self.canaries, salts)
        self._disguises: Disguises | None = None
        self._forms = BytesAhoCorasick(list(owners)) if owners else None
        self._traces = BytesAhoCorasick(list(images)) if images else None

    def find(self, peeled: Values) -> list[Hit]:
        """Every match in every value, echoes left out."""
        if self._forms is None:
            return []
        indexes, starts, text = _joined(peeled)
        hits = []
        for pattern, start, end in self._forms.find_matches_as_indexes(text.lower(), overlapping=True):
            place = _locate(starts, start, end, len(text))
            if place is None:
                continue
            index, offset = indexes[place], start - starts[place]
            for canary, form in self._owners[pattern]:
                hits.append(Hit(canary, form, index, offset))
        hits += (
            Hit(canary, form, index, offset)
            for index in indexes
            for canary, form, offset in self._digests.find(peeled.values[index])
        )
        return hits

    def suspects(self) -> "Suspects":
        """The same, compiled to tell quickly where a search could not find anything."""
        from hometruth.canaries.suspects import Suspects  # noqa: PLC0415  # numpy, for who sifts

        return Suspects(self.canaries, self._digests)

    def disguises(self, peeled: Values) -> list[Disguise]:
        """Values that hold a canary under a disguise with a key, and the key."""
        if not self.canaries:
            return []
        if self._disguises is None:
            self._disguises = Disguises(self.canaries)
        parents = {
            parent
            for parent, value in zip(peeled.parents, peeled.values, strict=True)
            if value.steps and value.steps[-1].layer in SPLIT_WHOLLY
        }
        indexes, starts, text = _joined(peeled, without=parents)
        return [
            Disguise(indexes[place], layer, key)
            for start, end, layer, key in self._disguises.find(text)
            if (place := _locate(starts, start, end, len(text))) is not None
        ]

    def traces(self, peeled: Values) -> list[Trace]:
        """Every place where the image of a canary under an alignment-dependent encoding stands."""
        if self._traces is None:
            return []
        indexes, starts, text = _joined(peeled)
        found: list[Trace] = []
        for pattern, start, end in self._traces.find_matches_as_indexes(text, overlapping=True):
            place = _locate(starts, start, end, len(text))
            if place is not None:
                found += (
                    Trace(canary, encoding, indexes[place], start - starts[place])
                    for canary, encoding in self._images[pattern]
                )
        return found


def compile_search(canaries: Iterable[Canary], salts: Iterable[str] = ()) -> Search:
    """One search for all forms of all canaries; with salts, also for their salted digests."""
    return Search(canaries, salts)


def _joined(peeled: Values, without: Collection[int] = ()) -> tuple[list[int], list[int], bytes]:
    """Indexes of the values searched, where each starts in the joined text, and that text."""
    indexes = [
        index for index in range(len(peeled.values)) if index not in peeled.echoes and index not in without
    ]
    datas = [peeled.values[index].data for index in indexes]
    starts = []
    position = 0
    for data in datas:
        starts.append(position)
        position += len(data) + len(SEPARATOR)
    return indexes, starts, SEPARATOR.join(datas)


def _locate(starts: Sequence[int], start: int, end: int, total: int) -> int | None:
    """Position in *starts* of the value that holds the match; None if it runs across two."""
    place = bisect_right(starts, start) - 1
    value_end = starts[place + 1] - len(SEPARATOR) if place + 1 < len(starts) else total
    return place if end <= value_end else None
