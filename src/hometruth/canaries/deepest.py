"""Of all matches that are one physical sighting, keeps the deepest explanation.

A canary inside JSON inside base64 is seen in the JSON leaf and in the JSON document; percent-decoding a whole
query shows what percent-decoding its field shows. One of them is reported. A match in a container is left out
only if what is inside accounts for it: pieces made from those bytes hold the canary at least as often.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf

from hometruth.canaries.haystack import Values
from hometruth.canaries.search import Hit
from hometruth.model import Form

Span = tuple[int, int]


@dataclass(slots=True)
class _Node:
    """What is reported from a value and everything inside it, for one canary."""

    own: list[Hit] = field(default_factory=list)
    inside: list[int] = field(default_factory=list)
    """Children that report something."""
    reported: list[Hit] = field(default_factory=list)


def deepest(hits: Sequence[Hit], peeled: Values) -> list[Hit]:
    """One hit for each value, none that only shows again what another one shows; in the order of values."""
    groups: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        groups[hit.canary.id].append(hit)
    kept: dict[tuple[int, str, str], Hit] = {}
    for group in groups.values():
        for hit in sorted(
            _deepest_of_group(_longest(group), peeled), key=lambda hit: (hit.index, hit.offset)
        ):
            kept.setdefault((hit.index, hit.canary.id, hit.form.name), hit)
    return [kept[key] for key in sorted(kept)]


def _longest(hits: Sequence[Hit]) -> list[Hit]:
    """The hits without those inside a longer one (half a digest); of overlapping parts, the most telling."""
    by_value: dict[int, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_value[hit.index].append(hit)
    kept = []
    for group in by_value.values():
        group.sort(key=lambda hit: (hit.offset, -_end(hit)))
        covered = -1
        longest = []
        for hit in group:
            if _end(hit) > covered:
                longest.append(hit)
                covered = _end(hit)
        kept += _apart(longest)
    return kept


def _apart(hits: Sequence[Hit]) -> list[Hit]:
    """Those that overlap nothing that tells more."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: -_most_bits([hit])):
        span = (hit.offset, _end(hit))
        if not hit.form.is_part or not any(_overlap(span, (other.offset, _end(other))) for other in kept):
            kept.append(hit)
    return kept


def _deepest_of_group(hits: Sequence[Hit], peeled: Values) -> list[Hit]:
    nodes: dict[int, _Node] = defaultdict(_Node)
    for hit in hits:
        nodes[hit.index].own.append(hit)
    waiting = sorted(nodes)
    known = set(waiting)
    for index in list(waiting):
        while (index := peeled.parents[index]) >= 0 and index not in known:
            known.add(index)
    reported = []
    for index in sorted(known, reverse=True):  # children come after their parents
        node = nodes[index]
        _settle(node, nodes, peeled)
        parent = peeled.parents[index]
        if parent < 0:
            reported += node.reported
        elif node.reported:
            nodes[parent].inside.append(index)
    return reported


def _settle(node: _Node, nodes: dict[int, _Node], peeled: Values) -> None:
    """Decide what is reported from one value."""
    taken: list[Span] = []
    for child in _ranked(node.inside, nodes, peeled):
        span = peeled.spans[child]
        if not any(_overlap(span, other) for other in taken):
            own = [hit for hit in node.own if _within(hit, span)]
            shown = nodes[child].reported
            of_own, of_shown = _most_bits(own), _most_bits(shown)
            accounted = of_own < of_shown or (of_own == of_shown and len(own) <= len(shown))
            if accounted and not _is_spelt_in_hex(own, shown, child, peeled):
                taken.append(span)
                node.reported += shown
    node.reported += [hit for hit in _distinct(node.own) if not any(_within(hit, span) for span in taken)]


def _ranked(children: Sequence[int], nodes: dict[int, _Node], peeled: Values) -> list[int]:
    """Children, best explanation first: the view that shows most, the shortest chain, the longest path.

    What was only cut out comes last among equals: a URL stays whole, though it has fields of its own.
    """
    shown: dict[str, int] = defaultdict(int)
    most: dict[str, float] = defaultdict(float)
    for child in children:
        view = _view(child, peeled)
        shown[view] += len(nodes[child].reported)
        most[view] = max(most[view], _most_bits(nodes[child].reported))

    def rank(child: int) -> tuple[float, int, bool, bool, int, bool, int, int]:
        best = [peeled.values[hit.index] for hit in nodes[child].reported]
        return (
            -most[_view(child, peeled)],
            -shown[_view(child, peeled)],
            child in peeled.asides,
            bool(_view(child, peeled)),  # the query, before the target it stands in
            max(len(value.chain) for value in best),
            child in peeled.echoes,
            -max(len(value.path) for value in best),
            child,
        )

    return sorted(_readings(children, nodes, peeled), key=rank)


def _readings(children: Iterable[int], nodes: dict[int, _Node], peeled: Values) -> Iterable[int]:
    """The children; where one layer reads the same bytes in two ways (a plus, or a space), the
    more telling, then the deeper."""
    deeper: dict[tuple[str, Span], int] = {}

    def rank(child: int) -> tuple[float, int, int]:
        reported = nodes[child].reported
        return -_most_bits(reported), -_depth(reported, peeled), child

    for child in sorted(children, key=rank):
        deeper.setdefault((_view(child, peeled), peeled.spans[child]), child)
    return deeper.values()


def _most_bits(hits: Sequence[Hit]) -> float:
    """Of those that say a part of a value; one that says the whole tells more than any of them."""
    return max((hit.form.bits if hit.form.is_part else inf for hit in hits), default=0.0)


def _depth(hits: Sequence[Hit], peeled: Values) -> int:
    return max(len(peeled.values[hit.index].steps) for hit in hits)


def _view(index: int, peeled: Values) -> str:
    """The layer a value came out of; its siblings from the same layer are one view of their parent."""
    steps = peeled.values[index].steps
    return steps[-1].layer if steps else ""


def _is_spelt_in_hex(own: Sequence[Hit], shown: Sequence[Hit], child: int, peeled: Values) -> bool:
    """True if the child is only the raw bytes of what the parent spells in hex: a digest, an identifier."""
    if not own or _view(child, peeled) not in {"hex", "byte-list"}:
        return False
    is_digest = not _is_raw(own[0].form) and own[0].form.name != "plain"
    return is_digest or all(":bytes" in hit.form.name for hit in shown)


def _is_raw(form: Form) -> bool:
    return not form.caseless


def _distinct(hits: Sequence[Hit]) -> list[Hit]:
    """One hit for each offset: composed and decomposed spellings may agree."""
    return list({hit.offset: hit for hit in hits}.values())


def _end(hit: Hit) -> int:
    return hit.offset + len(hit.form.needle)


def _within(hit: Hit, span: Span) -> bool:
    return span[0] <= hit.offset and _end(hit) <= span[1]


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
