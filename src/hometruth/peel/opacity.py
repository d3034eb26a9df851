"""How much of a part nobody could read.

A value is opaque if it has at least 64 bytes, is not readable, and no layer opens it. Its size is shared out
to the bytes it was made from: if half of a decompressed body is opaque, so is half of the compressed body.
Where a layer turns a value as a whole into another, the most readable result counts; where layers cut pieces
out of it, each byte of the value counts as its piece does.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence

from hometruth.model import Value
from hometruth.peel.text_check import is_readable

SMALLEST_OPAQUE = 64
"""Bytes; below it are keys, digests and checksums, which carry next to nothing."""


def opaque_share(
    values: Sequence[Value],
    parents: Sequence[int],
    spans: Sequence[tuple[int, int]],
    closed: Collection[int],
) -> float:
    """Share of the first value, in [0, 1], that ends in opaque values."""
    children: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index in range(1, len(values)):
        if index not in closed:
            children[parents[index]][values[index].steps[-1].layer].append(index)
    shares = [0.0] * len(values)
    for index in range(len(values) - 1, -1, -1):
        shares[index] = _share(values[index].data, children.get(index, {}), shares, spans)
    return shares[0] if values else 0.0


def _share(
    data: bytes, views: dict[str, list[int]], shares: Sequence[float], spans: Sequence[tuple[int, int]]
) -> float:
    wholes = [shares[i] for view in views.values() for i in view if spans[i] == (0, len(data))]
    if wholes:
        return min(wholes)
    cut = [_cut_share(len(data), view, shares, spans) for view in views.values()]
    if len(data) >= SMALLEST_OPAQUE and not is_readable(data):
        covered = max((_covered(view, spans) for view in views.values()), default=0)
        return min(1.0, 1 - covered / len(data) + max(cut, default=0.0))
    return min(1.0, max(cut, default=0.0))


def _cut_share(
    size: int, view: Sequence[int], shares: Sequence[float], spans: Sequence[tuple[int, int]]
) -> float:
    return sum(shares[i] * (spans[i][1] - spans[i][0]) for i in view) / size


def _covered(view: Sequence[int], spans: Sequence[tuple[int, int]]) -> int:
    """Bytes in any of the spans: a list in a damaged document is a piece beside its own items."""
    covered = reached = 0
    for start, end in sorted(spans[i] for i in view):
        covered += max(0, end - max(start, reached))
        reached = max(reached, end)
    return covered
