"""Peels a whole exchange into values."""

from collections import OrderedDict
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

from hometruth.model import Budget, Exchange, Gap, GapKind, Part, Value
from hometruth.peel.budget import Meter
from hometruth.peel.layers import LAYERS, Layer
from hometruth.peel.parts import answer_roots_of, roots_of
from hometruth.peel.sealed import sealed
from hometruth.peel.walk import Root, Span, Tree, peel_root


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
    dropped: int
    """Bodies that the recorder did not keep."""


class Memo:
    """Trees of parts already peeled: cookies, headers and bodies repeat from request to request.

    Bounded in bytes; the least recently used go first.
    """

    def __init__(self, max_bytes: int = 32 << 20) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._trees: OrderedDict[Root, Tree] = OrderedDict()

    def __len__(self) -> int:
        return len(self._trees)

    def get(self, root: Root) -> Tree | None:
        """The tree of an identical part, if it is still known."""
        tree = self._trees.get(root)
        if tree is not None:
            self._trees.move_to_end(root)
        return tree

    def put(self, root: Root, tree: Tree) -> None:
        """Keep a tree that was peeled to its end."""
        size = _size_of(tree)
        if size > self._max_bytes // 4:
            return
        self._trees[root] = tree
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
    worth: Sequence[bool] | None = None,
    dull: Container[bytes] | None = None,
) -> Peeled:
    """Every value of the request and of the WebSocket messages sent with it.

    Args:
        exchange: What was recorded; its response is not looked at.
        layers: Formats to try, in order.
        budget: Limits for this exchange; each that is reached is a gap.
        memo: Trees of earlier exchanges, to be used and added to.
        worth: For each part (of `roots_of`), whether it is opened; all are by default. A part that is not
            counts as read: what was opaque in it is not known then.
        dull: Values that need not be opened; with these, too, nothing counts as opaque.
    """
    peeled = _peel(exchange, tuple(roots_of(exchange)), layers, budget, memo, worth, dull)
    gaps = (*peeled.gaps, *unreadable_at_once(exchange))
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
    worth: Sequence[bool] | None = None,
    dull: Container[bytes] | None = None,
) -> Peeled:
    meter = Meter(budget or Budget())
    trees = [
        _peel_once(root, layers, meter, memo, dull) if opened else _unopened(root)
        for root, opened in zip(roots, worth or repeat(True), strict=worth is not None)
    ]
    raw_bytes = sum(len(root.data) for root in roots if root.counts)
    opaque_bytes = sum(tree.opaque_bytes for root, tree in zip(roots, trees, strict=True) if _answers(root))
    gaps = [
        _gap(exchange, root.part, *problem)
        for root, tree in zip(roots, trees, strict=True)
        for problem in tree.problems
        if _answers(root) or problem[0] is GapKind.BUDGET
    ]
    return _join(roots, trees, tuple(gaps), raw_bytes - opaque_bytes, opaque_bytes)


def unreadable_at_once(exchange: Exchange) -> tuple[Gap, ...]:
    """Gaps that need no peeling: the recorder did not keep the body, or says that it is sealed."""
    if exchange.request_body is None:
        detail = "the recorder did not keep the body"
        return (_gap(exchange, Part.BODY, GapKind.NOT_RECORDED, "", detail),)
    reason = sealed(exchange)
    return (_gap(exchange, Part.BODY, GapKind.OPAQUE, "", reason),) if reason else ()


def peel_value(data: bytes, *, layers: Sequence[Layer] = LAYERS, budget: Budget | None = None) -> Peeled:
    """Every value inside *data*, taken as a body."""
    tree = peel_root(Root(Part.BODY, "", data), layers, Meter(budget or Budget()))
    gaps = tuple(Gap(kind, path or "value", detail) for kind, path, detail in tree.problems)
    return Peeled(
        tree.values,
        tree.parents,
        tree.spans,
        tree.echoes,
        tree.asides,
        gaps,
        len(data) - tree.opaque_bytes,
        tree.opaque_bytes,
        0,
    )


def _answers(root: Root) -> bool:
    """True if what could not be read of a root is told of it: its path does not tell that of a query."""
    return root.counts or root.part is Part.QUERY


def _peel_once(
    root: Root, layers: Sequence[Layer], meter: Meter, memo: Memo | None, dull: Container[bytes] | None
) -> Tree:
    if memo is None:
        return peel_root(root, layers, meter, dull=dull)
    known = memo.get(root)
    # What is known costs as much again: else an exchange's limits would depend on those before it.
    if known is None or not meter.take_all(known.produced_bytes, len(known.values) - 1):
        known = peel_root(root, layers, meter, dull=dull)
        if not any(kind is GapKind.BUDGET for kind, _, _ in known.problems):
            memo.put(root, known)
    return known


def _unopened(root: Root) -> Tree:
    value = Value(root.part, root.name, root.data)
    return Tree((value,), (-1,), ((0, len(root.data)),), frozenset(), frozenset(), (), 0)


def _join(
    roots: Sequence[Root],
    trees: Sequence[Tree],
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


def _size_of(tree: Tree) -> int:
    """Bytes a tree holds on to, objects included (about 300 a value)."""
    return sum(len(value.data) + 300 for value in tree.values)
