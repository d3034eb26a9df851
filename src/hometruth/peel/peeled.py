"""Peels a whole exchange into values."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

from hometruth.model import Budget, Exchange, Gap, GapKind, Part, Value
from hometruth.peel.budget import Meter
from hometruth.peel.layers import LAYERS, Layer
from hometruth.peel.parts import answer_roots_of, roots_of
from hometruth.peel.sealed import sealed
from hometruth.peel.walk import Root, Sifted, Span, ValueTree, Worth, peel_root

OPAQUE = "no layer opens it: encrypted, or a format we do not know"
MEDIA = "an image, audio, video or a font: not looked into"


@dataclass(frozen=True, slots=True)
class Peeled:
    """Every intermediate value of an exchange, containers as well as leaves, and what could not be read."""

    values: tuple[Value, ...]
    parents: tuple[int, ...]
    """Index of the value that each was peeled out of, -1 for a raw part; parents come first."""
    spans: tuple[Span, ...]
    """Bytes of the parent that each was made from."""
    echoes: frozenset[int]
    """Values that are bytes of their parent, unchanged, and of no interest of their own."""
    asides: frozenset[int]
    """Values seen beside what their parent was recognised as: searched, but explanations of last resort."""
    gaps: tuple[Gap, ...]
    read_bytes: int
    opaque_bytes: int
    """Bytes that no layer opens, media among them."""
    dropped: int
    """Bodies that the recorder did not keep."""
    media_bytes: int = 0
    """Of those that no layer opens: bytes of images, audio, video and fonts."""


class Memo:
    """Trees of parts already peeled: cookies, headers and bodies repeat from request to request.

    Bounded in bytes; the least recently used go first.
    """

    def __init__(self, max_bytes: int = 32 << 20) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._trees: OrderedDict[tuple[Root, Worth], ValueTree] = OrderedDict()

    def __len__(self) -> int:
        return len(self._trees)

    def get(self, root: Root, worth: Worth = Worth.SEARCH) -> ValueTree | None:
        """The tree of an identical part peeled for the same, if it is still known."""
        tree = self._trees.get((root, worth))
        if tree is not None:
            self._trees.move_to_end((root, worth))
        return tree

    def put(self, root: Root, tree: ValueTree, worth: Worth = Worth.SEARCH) -> None:
        """Keep a tree that was peeled to its end."""
        size = _size_of(tree)
        if size > self._max_bytes // 4:
            return
        self._trees[root, worth] = tree
        self._bytes += size
        while self._bytes > self._max_bytes:
            _, oldest = self._trees.popitem(last=False)
            self._bytes -= _size_of(oldest)


def peel_exchange(
    exchange: Exchange,
    *,
    layers: Sequence[Layer] = LAYERS,
    budget: Budget | None = None,
    memo: Memo | None = None,
    worth: Sequence[Worth] | None = None,
    sifted: Mapping[Worth, Sifted] | None = None,
) -> Peeled:
    """Every value of the request and of the WebSocket messages sent with it.

    Args:
        exchange: What was recorded; its response is not looked at.
        layers: Formats to try, in order.
        budget: Limits for this exchange; each that is reached is a gap.
        memo: Trees of earlier exchanges, to be used and added to.
        worth: For each part (of `roots_of`), what it is opened for; all are by default. A part that is not
            counts as read.
        sifted: Which values need not be opened, by what a part is worth.
    """
    peeled = _peel(exchange, tuple(roots_of(exchange)), layers, budget, memo, worth, sifted)
    named = (*peeled.gaps, *unreadable_at_once(exchange))
    gaps = _joined(named, tuple(_unread(exchange, peeled)))
    return replace(peeled, gaps=gaps, dropped=int(exchange.request_body is None))


def peel_answer(
    exchange: Exchange,
    *,
    layers: Sequence[Layer] = LAYERS,
    budget: Budget | None = None,
    memo: Memo | None = None,
) -> Peeled:
    """Every value of what came back: headers, body, WebSocket messages received. Arguments as above."""
    return _peel(exchange, tuple(answer_roots_of(exchange)), layers, budget, memo)


def _peel(
    exchange: Exchange,
    roots: Sequence[Root],
    layers: Sequence[Layer],
    budget: Budget | None,
    memo: Memo | None,
    worth: Sequence[Worth] | None = None,
    sifted: Mapping[Worth, Sifted] | None = None,
) -> Peeled:
    meter = Meter(budget or Budget())
    trees = [
        _peel_once(root, layers, meter, memo, told, sifted)
        if told is Worth.SEARCH or (told and _answers(root))
        else _unopened(root)
        for root, told in zip(roots, worth or repeat(Worth.SEARCH), strict=worth is not None)
    ]
    raw_bytes = sum(len(root.data) for root in roots if root.counts)
    answering = [tree for root, tree in zip(roots, trees, strict=True) if _answers(root)]
    opaque_bytes = sum(tree.opaque_bytes for tree in answering)
    media_bytes = sum(tree.media_bytes for tree in answering)
    gaps = [
        _gap(exchange, root.part, *problem)
        for root, tree in zip(roots, trees, strict=True)
        for problem in tree.problems
        if _answers(root) or problem[0] is GapKind.BUDGET
    ]
    unread_bytes = opaque_bytes + media_bytes
    peeled = _join(roots, trees, tuple(gaps), raw_bytes - unread_bytes, unread_bytes)
    return replace(peeled, media_bytes=media_bytes)


def unreadable_at_once(exchange: Exchange) -> tuple[Gap, ...]:
    """Gaps that need no peeling: the recorder did not keep the body, or says that it is sealed."""
    if exchange.request_body is None:
        detail = "the recorder did not keep the body"
        return (_gap(exchange, Part.BODY, GapKind.NOT_RECORDED, "", detail),)
    reason = sealed(exchange)
    return (_gap(exchange, Part.BODY, GapKind.OPAQUE, "", reason),) if reason else ()


def _joined(named: tuple[Gap, ...], unread: tuple[Gap, ...]) -> tuple[Gap, ...]:
    """Both, the opaque bytes told by the gap that says what they are, where there is one."""
    first = next((gap for gap in named if gap.kind is GapKind.OPAQUE), None)
    opaque = next((gap for gap in unread if gap.kind is GapKind.OPAQUE), None)
    if first is None or opaque is None:
        return named + unread
    sized = replace(first, size_bytes=opaque.size_bytes, share=opaque.share)
    others = (gap for gap in (*named, *unread) if gap is not first and gap is not opaque)
    return (sized, *others)


def _unread(exchange: Exchange, peeled: Peeled) -> Iterator[Gap]:
    """One gap for the opaque bytes of an exchange, and one for its media."""
    sent = peeled.read_bytes + peeled.opaque_bytes
    for kind, size, detail in (
        (GapKind.OPAQUE, peeled.opaque_bytes - peeled.media_bytes, OPAQUE),
        (GapKind.MEDIA, peeled.media_bytes, MEDIA),
    ):
        if size:
            yield Gap(
                kind,
                exchange.id,
                detail,
                size_bytes=size,
                share=min(1.0, size / sent),
                exchange=exchange.id,
                host=exchange.host,
                trial=exchange.trial,
            )


def peel_value(data: bytes, *, layers: Sequence[Layer] = LAYERS, budget: Budget | None = None) -> Peeled:
    """Every value inside *data*, taken as a body."""
    tree = peel_root(Root(Part.BODY, "", data), layers, Meter(budget or Budget()))
    gaps = [Gap(kind, path or "value", detail) for kind, path, detail in tree.problems]
    for kind, size, detail in (
        (GapKind.OPAQUE, tree.opaque_bytes, OPAQUE),
        (GapKind.MEDIA, tree.media_bytes, MEDIA),
    ):
        if size:
            gaps.append(Gap(kind, "value", detail, size_bytes=size, share=size / len(data)))
    return Peeled(
        tree.values,
        tree.parents,
        tree.spans,
        tree.echoes,
        tree.asides,
        tuple(gaps),
        len(data) - tree.opaque_bytes - tree.media_bytes,
        tree.opaque_bytes + tree.media_bytes,
        0,
        tree.media_bytes,
    )


def _answers(root: Root) -> bool:
    """True if what could not be read of a root is told of it: its path does not tell that of a query."""
    return root.counts or root.part is Part.QUERY


def _peel_once(
    root: Root,
    layers: Sequence[Layer],
    meter: Meter,
    memo: Memo | None,
    worth: Worth,
    sifted: Mapping[Worth, Sifted] | None,
) -> ValueTree:
    told = sifted[worth] if sifted else None
    if memo is None:
        return peel_root(root, layers, meter, sifted=told)
    known = memo.get(root, worth)
    # What is known costs as much again: else an exchange's limits would depend on those before it.
    if known is None or not meter.take_all(known.produced_bytes, len(known.values) - 1):
        known = peel_root(root, layers, meter, sifted=told)
        if not any(kind is GapKind.BUDGET for kind, _, _ in known.problems):
            memo.put(root, known, worth)
    return known


def _unopened(root: Root) -> ValueTree:
    value = Value(root.part, root.name, root.data)
    return ValueTree((value,), (-1,), ((0, len(root.data)),), frozenset(), frozenset(), (), 0)


def _join(
    roots: Sequence[Root],
    trees: Sequence[ValueTree],
    gaps: tuple[Gap, ...],
    read_bytes: int,
    opaque_bytes: int,
) -> Peeled:
    values: list[Value] = []
    parents: list[int] = []
    spans: list[Span] = []
    echoes: set[int] = set()
    asides: set[int] = set()
    target = (0, 0)
    for root, tree in zip(roots, trees, strict=True):
        base = len(values)
        values += tree.values
        parents += (parent + base if parent >= 0 else -1 for parent in tree.parents)
        spans += tree.spans
        echoes.update(index + base for index in tree.echoes)
        asides.update(index + base for index in tree.asides)
        if root.part is Part.PATH:
            target = (base, len(root.data))
        elif root.part is Part.QUERY:
            parents[base] = target[0]
            spans[base] = (target[1] - len(root.data), target[1])
    return Peeled(
        tuple(values),
        tuple(parents),
        tuple(spans),
        frozenset(echoes),
        frozenset(asides),
        gaps,
        read_bytes,
        opaque_bytes,
        0,
    )


def _gap(exchange: Exchange, part: Part, kind: GapKind, path: str, detail: str) -> Gap:
    where = " ".join(filter(None, (exchange.id, str(part), path)))
    return Gap(kind, where, detail, exchange=exchange.id, host=exchange.host, trial=exchange.trial)


def _size_of(tree: ValueTree) -> int:
    """Bytes a tree holds on to, objects included (about 300 a value)."""
    return sum(len(value.data) + 300 for value in tree.values)
