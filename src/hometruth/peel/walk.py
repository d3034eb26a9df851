"""Peels one part of an exchange: every layer on every value, breadth first, until nothing opens any more."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Protocol

from hometruth.errors import as_gap
from hometruth.model import GapKind, Part, Step, Value
from hometruth.peel.budget import Meter
from hometruth.peel.layers import SPLITS, Context, Cuts, Gives, Layer, On, Opened, Piece
from hometruth.peel.opacity import opaque_shares
from hometruth.peel.opaque_runs import opaque_runs
from hometruth.peel.text_check import is_text

SHORTEST = 4
"""Bytes; shorter values are searched, not peeled: no canary is shorter, and every layer makes it longer."""
SHORTEST_DAMAGED = 32
"""Bytes inside a part, from which on damage is that of a format: random identifiers are shorter, and begin
like one now and then. What is shorter is searched as it stands."""

LONGEST_REMEMBERED = 256
"""Bytes of a value that is remembered as barren: what repeats thousands of times is short."""
AMPLE_ROOM = 1 << 18
"""Bytes: more than a value that short inflates to."""
MOST_REMEMBERED = 1 << 16
"""Barren values remembered at a time: about 20 MB."""

Span = tuple[int, int]
Table = tuple[list[tuple[Layer, ...]], list[tuple[Layer, ...]]]


@dataclass(frozen=True, slots=True)
class Root:
    """A part of an exchange as it was sent."""

    part: Part
    name: str
    data: bytes
    split: Layer | None = None
    """How it falls into fields, where its place says so."""
    declared: frozenset[str] = frozenset()
    """Content codings that its headers declare."""
    counts: bool = True
    """False if another root holds its bytes too, and answers for what could not be read of them."""


class Worth(IntEnum):
    """What a part is peeled for."""

    NOTHING = 0
    OPAQUE = 1
    """Only to tell how much of it nobody can read."""
    SEARCH = 2


@dataclass(frozen=True, slots=True)
class ValueTree:
    """All values inside one root; the root is the first, and parents come before their children."""

    values: tuple[Value, ...]
    parents: tuple[int, ...]
    spans: tuple[Span, ...]
    echoes: frozenset[int]
    asides: frozenset[int]
    problems: tuple[tuple[GapKind, str, str], ...]
    """Kind of gap, path and detail of what could not be read to its end."""
    opaque_bytes: int
    """Bytes of the root that no layer opens, media left out."""
    media_bytes: int = 0
    """Bytes of the root that are an image, audio, video or a font."""

    @property
    def produced_bytes(self) -> int:
        """Bytes that the layers produced."""
        return sum(len(value.data) for value in self.values[1:])


class Sifted(Protocol):
    """What is known of values before they are opened."""

    @property
    def only_counts(self) -> bool:
        """True if only what is opaque matters: barren fields of a readable value need not be listed."""

    def is_barren(self, data: bytes) -> bool:
        """True if nothing is inside, nor anything opaque."""

    def fitting(self, data: bytes, layers: Sequence[Layer], *, text: bool) -> Sequence[Layer]:
        """Those of the layers that may open it."""


def peel_root(
    root: Root, layers: Sequence[Layer], meter: Meter, *, sifted: Sifted | None = None
) -> ValueTree:
    """Every value inside *root*, within the budget.

    Args:
        root: What to peel.
        layers: Formats to try, in order.
        meter: What is left of the budget.
        sifted: Tells which values are not worth opening.
    """
    walk = _Walk(root, layers, meter, sifted)
    walk.run()
    return walk.tree()


class _Walk:
    def __init__(self, root: Root, layers: Sequence[Layer], meter: Meter, sifted: Sifted | None) -> None:
        self.root = root
        self.sifted = sifted
        self.plan = _plan(tuple(layers))
        self.meter = meter
        self.values = [Value(root.part, root.name, root.data)]
        self.parents = [-1]
        self.spans: list[Span] = [(0, len(root.data))]
        self.echoes: set[int] = set()
        self.asides: set[int] = set()
        self.closed: set[int] = set()
        """Values that are searched, but whose content is looked into elsewhere."""
        self.doubtful: set[int] = set()
        """Values that came of bytes which may as well be something else."""
        self.empty: set[int] = set()
        """Values in which nothing is."""
        self.problems: list[tuple[GapKind, str, str]] = []
        self.damaged: list[tuple[int, str, str]] = []
        """Value, layer that could not open it to its end, and what was wrong."""
        self.exhausted = False

    def run(self) -> None:
        index = 0
        while index < len(self.values) and not self.exhausted:
            if index not in self.closed and self._is_long_enough(index):
                self._open(index)
            index += 1

    def _is_long_enough(self, index: int) -> bool:
        """True if something may be inside; ``c=a`` is a field however short, and ``%40`` one character."""
        data = self.values[index].data
        return len(data) >= SHORTEST or (bool(data and not index and self.root.split) or data[:1] == b"%")

    def tree(self) -> ValueTree:
        size = len(self.root.data)
        is_target = self.root.split is SPLITS["target"]  # its query is a root of its own
        until = self.root.data.index(b"?") if is_target else None
        shares = opaque_shares(
            self.values, self.parents, self.spans, self.closed, self.empty, self.doubtful, until
        )
        return ValueTree(
            values=tuple(self.values),
            parents=tuple(self.parents),
            spans=tuple(self.spans),
            echoes=frozenset(self.echoes),
            asides=frozenset(self.asides),
            problems=(*self.problems, *self._unread()),
            opaque_bytes=round(shares.opaque * size),
            media_bytes=round(shares.media * size),
        )

    def _open(self, index: int) -> None:
        """Try every layer on one value, unless it is known that none of them opens it."""
        value = self.values[index]
        last = value.steps[-1].layer if value.steps else ""
        known = (value.data, last)
        if value.steps and self.sifted and self.sifted.is_barren(value.data):
            self.empty.add(index)
            return
        if known in self.plan.barren:
            return
        context = Context(last, self.meter.room_for(len(value.data)), self.meter.pieces_left)
        certain = False
        # With little room left, a layer might give up what it opens elsewhere.
        barren = (
            bool(value.steps) and len(value.data) <= LONGEST_REMEMBERED and context.room_bytes >= AMPLE_ROOM
        )
        for layer in self._candidates(value):
            if certain and layer.gives is not Gives.BESIDE:
                continue
            try:
                opened = layer.open(value.data, context)
            except Exception as err:  # noqa: BLE001 (a defect costs what it met, not the recording)
                self._note(GapKind.DEFECT, value, f"layer {layer.name}: {as_gap(err)}")
                barren = False
                continue
            if opened is None:
                continue
            barren = False
            if len(value.steps) >= self.meter.budget.depth:
                self._note(
                    GapKind.BUDGET, value, f"more than {self.meter.budget.depth} layers inside each other"
                )
                return
            added = self._add(index, layer, opened, closed=certain)
            if self.exhausted:
                return
            certain = certain or (
                layer.is_certain and added and not (opened.damage or opened.stopped or opened.perhaps)
            )
            context = Context(last, self.meter.room_for(len(value.data)), self.meter.pieces_left)
        if barren:
            self.plan.remember(known)

    def _candidates(self, value: Value) -> Iterator[Layer]:
        at_root = not value.steps
        if at_root and self.root.split:
            yield self.root.split
        text = is_text(value.data)
        layers: Sequence[Layer] = self.plan.by_first_byte[text][value.data[0]]
        if self.sifted and (not at_root or (self.sifted.only_counts and not self.root.split)):
            layers = self.sifted.fitting(value.data, layers, text=text)
        for layer in layers:
            if layer.name == "form" and at_root and self.root.split:
                continue  # its place has already said what it is
            if (
                layer.on is On.PACKED
                and text
                and not (at_root and self.root.declared.intersection(layer.codings))
            ):
                continue
            yield layer

    def _add(self, index: int, layer: Layer, opened: Opened, *, closed: bool) -> bool:
        """Append the pieces; True if any of them is news."""
        value = self.values[index]
        if opened.damage and not self._may_be_chance(value, layer):
            self.damaged.append((index, layer.name, opened.damage))
        if opened.stopped:
            self._note(GapKind.BUDGET, value, f"{layer.name}: {opened.stopped}")
        if opened.sealed:
            self._note(GapKind.OPAQUE, value, opened.sealed)
        placed = not value.steps and self.root.split not in (None, layer)
        # In packed bytes, runs of another format are what packing happened to leave as it was.
        aside = closed or placed or (opened.perhaps and not is_text(value.data))
        doubtful = opened.perhaps and not _is_read(value.data)
        before = len(self.values)
        sifted = self.sifted if self.sifted and self.sifted.only_counts and _is_read(value.data) else None
        left_out = False
        for number, piece in enumerate(opened.pieces):
            if not piece.data or piece.data == value.data:
                continue
            if sifted and (piece.start > 0 or piece.end < len(value.data)) and sifted.is_barren(piece.data):
                left_out = True
                continue
            if not self.meter.take(len(piece.data)):
                self._note(GapKind.BUDGET, value, self.meter.reason)
                self.exhausted = True
                break
            shown = layer.cuts is Cuts.UNPACKED
            self._append(index, Step(layer.name, number, piece.label, shown, layer.key_bits), piece)
            if layer.cuts is Cuts.VERBATIM:
                self.echoes.add(len(self.values) - 1)
            if aside or (
                layer.cuts is not Cuts.UNPACKED and not piece.label
            ):  # the path, beside its segments
                self.asides.add(len(self.values) - 1)
            if closed:
                self.closed.add(len(self.values) - 1)
            if doubtful:
                self.doubtful.add(len(self.values) - 1)
        return left_out or len(self.values) > before

    def _may_be_chance(self, value: Value, layer: Layer) -> bool:
        """True for a few bytes that were guessed, or a few characters that are no text of the format's."""
        if not value.steps or len(value.data) >= SHORTEST_DAMAGED:
            return False
        guessed = any(step.layer in self.plan.guesses for step in value.steps)
        return guessed or (is_text(value.data) and layer.name != "json")

    def _append(self, parent: int, step: Step, piece: Piece) -> None:
        outer = self.values[parent]
        self.values.append(Value(outer.part, outer.name, piece.data, (*outer.steps, step)))
        self.parents.append(parent)
        self.spans.append((piece.start, piece.end))

    def _unread(self) -> Iterator[tuple[GapKind, str, str]]:
        """Damage, but not where another reading of the same bytes (a plus as a space) has none."""
        if not self.damaged:
            return
        damaged = {(index, layer) for index, layer, _ in self.damaged}
        read = set()
        for value, parent in zip(self.values, self.parents, strict=True):
            if value.steps and (parent, value.steps[-1].layer) not in damaged:
                read.add((_way(self.values[parent]), value.steps[-1].layer))
        until = self._opened_until()
        for index, layer, detail in self.damaged:
            if (_way(self.values[index]), layer) not in read and not self._goes_on(index, until):
                yield GapKind.UNREADABLE, self.values[index].path, detail

    def _opened_until(self) -> dict[tuple[int, int], int]:
        """By value and place in it: where the longest piece from there ends that was opened undamaged."""
        damaged = {index for index, _, _ in self.damaged}
        until: dict[tuple[int, int], int] = {}
        for index in set(self.parents) - damaged - {-1}:
            start, end = self.spans[index]
            key = (self.parents[index], start)
            until[key] = max(end, until.get(key, 0))
        return until

    def _goes_on(self, index: int, until: Mapping[tuple[int, int], int]) -> bool:
        """True inside the beginning of what was cut into several pieces, and opened as one beside them."""
        while (parent := self.parents[index]) >= 0:
            start, end = self.spans[index]
            if until.get((parent, start), 0) > end:
                return True
            index = parent
        return False

    def _note(self, kind: GapKind, value: Value, detail: str) -> None:
        self.problems.append((kind, value.path, detail))


def _is_read(data: bytes) -> bool:
    return is_text(data) and not opaque_runs(data)


def _way(value: Value) -> tuple[tuple[str, str, int], ...]:
    """The steps to a value, alike for two readings of the same bytes: no label tells these apart."""
    return tuple((step.layer, step.label, step.piece if step.label else 0) for step in value.steps)


class _Plan:
    """What is known about a list of layers: which are worth trying on what, and what none of them opens."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        fits = [[each for each in layers if each.may_start(byte)] for byte in range(256)]
        binary = [tuple(layer for layer in row if layer.on is not On.TEXT) for row in fits]
        self.by_first_byte: Table = binary, [tuple(row) for row in fits]
        """Layers to try on bytes that are not text, and on text, for each first byte."""
        self.guesses = frozenset(layer.name for layer in layers if not layer.is_certain)
        self.barren: set[tuple[bytes, str]] = set()
        """Values inside a part, with the layer they came out of, that no layer opens."""

    def remember(self, value: tuple[bytes, str]) -> None:
        """Note that no layer opens a value."""
        if len(self.barren) >= MOST_REMEMBERED:
            self.barren.clear()
        self.barren.add(value)


@lru_cache(maxsize=8)
def _plan(layers: tuple[Layer, ...]) -> _Plan:
    return _Plan(layers)
