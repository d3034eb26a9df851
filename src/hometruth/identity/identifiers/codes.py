"""Puts together what is the same at several places: people count codes, not fields."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from hometruth.model.identified import Code, Undecided
from hometruth.model.identifier import Basis, Documented, Found


def codes(found: Iterable[Found]) -> tuple[Code, ...]:
    """*found*, put together where a value is the same; what is certain first, then what is sent most."""
    union: Union[Found | str] = Union()
    for item in found:
        for token in item.tokens:
            union.join(item, token)
    groups = ([item for item in group if isinstance(item, Found)] for group in union.groups())
    ordered = (sorted(group, key=_weight) for group in groups)
    return tuple(
        sorted(
            (Code(tuple(group)) for group in ordered),
            key=lambda code: (not code.is_certain, _weight(code.found[0])),
        )
    )


def _weight(found: Found) -> tuple[int, int, int, int, str, str, str]:
    """What tells most comes first: most sessions, a lifetime that is known, a kind that is."""
    asked = sum(kept.asked for _, kept in found.lifetime.survived)
    return (
        -len(found.sessions),
        -asked,
        _BASES.index(found.basis),
        len(found.place.path),
        *_names(found),
    )


_BASES = (Basis.OWN, Basis.OBSERVED, Basis.DOCUMENTED, Basis.NONE)


def _names(found: Found) -> tuple[str, str, str]:
    return found.place.host, found.place.path, found.place.app


Node = TypeVar("Node", bound=Hashable)


class Union(Generic[Node]):
    """Sets that grow together, with path halving."""

    def __init__(self) -> None:
        self._parent: dict[Node, Node] = {}

    def find(self, node: Node) -> Node:
        """The node that stands for the set of *node*."""
        parent = self._parent.setdefault(node, node)
        while parent != node:
            self._parent[node] = self._parent[parent]
            node, parent = parent, self._parent[parent]
        return node

    def join(self, one: Node, other: Node) -> None:
        """Make one set of two."""
        self._parent[self.find(one)] = self.find(other)

    def groups(self) -> list[list[Node]]:
        """All sets, in the order in which their first node came."""
        groups: dict[Node, list[Node]] = defaultdict(list)
        for node in list(self._parent):
            groups[self.find(node)].append(node)
        return list(groups.values())


def grouped(items: Iterable[Undecided]) -> tuple[tuple[Undecided, ...], ...]:
    """*items*, put together where a value, or what a document says of it, is the same; open ones first."""
    union: Union[Undecided | str | Documented] = Union()
    for item in items:
        for token in item.tokens:
            union.join(item, token)
        if item.meaning and not item.is_open:
            union.join(item, item.meaning)
    groups = (tuple(item for item in group if isinstance(item, Undecided)) for group in union.groups())
    return tuple(sorted(groups, key=lambda group: (not group[0].is_open, group[0].reason, group[0].place)))
