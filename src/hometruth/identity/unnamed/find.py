"""Looks through all that was read of an exchange for what is personal by its form or by its field."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from hometruth.identity.unnamed.fields import said_of, told_by_name
from hometruth.identity.unnamed.shapes import Likeness, shapes_in
from hometruth.model import Part, Value
from hometruth.model.unnamed import PersonalKind, Resemblance

DIGEST_BYTES = 8
"""Of a value, by which equal ones are told within a run."""
LONGEST_FIELD = 1_000
"""Characters; what is longer is no field of a form, and is looked through for forms alone."""
SHORTEST_NAMED = 6
"""Characters of a value somebody named by which a longer one is known as theirs, too."""
_INDEX = re.compile(r"\[\d+\]")
_SIGNS = re.compile(r"[\W_]+")


class _Found(NamedTuple):
    value: Value
    likeness: Likeness

    def holds(self, other: "_Found") -> bool:
        """True if the other is the same, deeper inside."""
        mine, its = self.value, other.value
        return (
            _target(mine.part) == _target(its.part)
            and mine.name == its.name
            and len(mine.steps) < len(its.steps) + (mine.part is Part.PATH and its.part is Part.QUERY)
            and its.steps[: len(mine.steps)] == mine.steps
        )


def resemblances(
    read: Iterable[tuple[Value, bool]],
    kinds: Collection[PersonalKind],
    *,
    named: Collection[str],
    masked: Callable[[str], str],
) -> tuple[Resemblance, ...]:
    """What looks personal in the values of an exchange, by kind and field.

    Args:
        read: Values that are there for certain, each with whether nothing more readable came out of it.
        kinds: Those that are looked for.
        named: What somebody named, as `plain` has it: it is searched for by others.
        masked: How a value is shown.
    """
    by_thing: dict[tuple[PersonalKind, str], list[_Found]] = defaultdict(list)
    for value, ends in read:
        for likeness in _in_value(value, ends=ends):
            if likeness.kind in kinds and not _is_named(likeness.text, named):
                by_thing[likeness.kind, likeness.text].append(_Found(value, likeness))
    rows: dict[tuple[PersonalKind, str, str], list[_Found]] = defaultdict(list)
    for found in by_thing.values():
        for each in found:
            if each.likeness.clues and not any(each.holds(other) for other in found if other is not each):
                part, path = str(each.value.part), without_personal(_INDEX.sub("[*]", each.value.path))
                rows[each.likeness.kind, part, path].append(each)
    return tuple(
        Resemblance(
            *(kind, part, path),
            chain=found[0].value.chain,
            shown=masked(found[0].likeness.text),
            digests=frozenset(_digest(each.likeness.text) for each in found),
            times=len(found),
            clues=found[0].likeness.clues,
        )
        for (kind, part, path), found in rows.items()
    )


def without_personal(path: str) -> str:
    """The name of a field with ``{kind}`` in place of what looks personal in it."""
    for likeness in sorted(shapes_in(path, "", frozenset()), key=lambda each: -each.start):
        path = path[: likeness.start] + f"{{{likeness.kind}}}" + path[likeness.end :]
    return path


def plain(text: str) -> str:
    """A text without signs, in one case: two spellings of one thing."""
    return _SIGNS.sub("", text).casefold()


def _in_value(value: Value, *, ends: bool) -> tuple[Likeness, ...]:
    if value.part is Part.HOST or not value.data:
        return ()
    try:
        text = value.data.decode()
    except UnicodeDecodeError:
        return ()
    look = _likenesses if len(text) <= LONGEST_FIELD else _likenesses.__wrapped__
    # What some layer or other reads as a list of numbers still stands in its field as it is.
    is_field = ends or bool(value.steps and value.steps[-1].label)
    return look(text, value.path, is_field=is_field, is_name=value.is_name)


@lru_cache(1 << 14)
def _likenesses(text: str, path: str, *, is_field: bool, is_name: bool) -> tuple[Likeness, ...]:
    """What is in one value; cookies and headers are the same in every request."""
    said: frozenset[PersonalKind] = frozenset() if is_name else said_of(path)
    shapes = tuple(shapes_in(text, path, said))
    if not is_field or is_name or len(text) > LONGEST_FIELD:
        return shapes
    told = {likeness.kind for likeness in shapes}
    return (*shapes, *(each for each in told_by_name(text, path, said) if each.kind not in told))


def _is_named(text: str, named: Collection[str]) -> bool:
    """True for a value somebody named, one that holds it, and a part of it of some length."""
    bare = plain(text)
    return any(
        bare == each
        or (len(each) >= SHORTEST_NAMED and each in bare)
        or (len(bare) >= SHORTEST_NAMED and bare in each)
        for each in named
    )


def _target(part: Part) -> Part:
    """A query is the end of the path as it was sent."""
    return Part.PATH if part is Part.QUERY else part


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()
