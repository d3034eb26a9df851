"""Which things hang together: union-find."""

from collections import defaultdict
from collections.abc import Hashable
from typing import Generic, TypeVar

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
