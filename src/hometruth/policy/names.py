"""Names that stay from one run to the next: of canaries, of fields, and of what went where."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from hometruth.errors import CanaryError
from hometruth.model import Canary, Condition, Part, PersonalKind, ScanRow, Tells

_INDEX = re.compile(r"\[\d+\]")
_DRAWN = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}|\d{6,}")
"""What differs from run to run in names of fields: UUIDs, digests, and numbers such as times."""
FINGERPRINT_DIGITS = 32
CANARY = "{canary}"


def named(canaries: Iterable[Canary]) -> dict[str, tuple[str, Canary]]:
    """Each canary by its id, with what it is called from run to run.

    That is its id, or its kind if it was minted without a name, with a number from the second of a kind on:
    were two called alike, what is known of one would excuse the other.

    Raises:
        CanaryError: One is a person's own value without a name, which would stand in reports and dashboards.
    """
    canaries = tuple(canaries)
    names = {each.id: each.id for each in canaries if not _is_nameless(each)}
    taken, numbers = set(names), Counter[str]()
    for each in canaries:
        if each.id not in names:
            kind = str(each.kind)
            free = (f"{kind} {number}" if number > 1 else kind for number in count(numbers[kind] + 1))
            names[each.id] = next(name for name in free if name not in taken)
            numbers[kind] += 1
            taken.add(names[each.id])
    return {each.id: (names[each.id], each) for each in canaries}


def _is_nameless(canary: Canary) -> bool:
    if canary.personal and canary.id == canary.value:
        raise CanaryError(
            "a canary is a person's own value without a name, and what a gate prints goes to dashboards: "
            'give it one, as in {"email": "…"}'
        )
    return canary.id == f"c-{canary.value[:8].lower()}"


@dataclass(frozen=True, slots=True)
class Fields:
    """Where a value stands, in words that hold no value."""

    recipient: str
    part: str
    path: str


def stable_path(row: ScanRow, values: Iterable[str], domain: str) -> Fields:
    """Where a sighting is; numbers in lists, and *values* of canaries in names, do not tell fields apart.

    Args:
        domain: Registrable domain of the recipient. It says who that is, so no value is taken out of it.
    """
    pieces = [(piece.part, piece.path) for piece in row.pieces] or [(row.part, row.path)]
    return stable_fields(row.recipient, pieces, values, domain)


def stable_fields(
    recipient: str, pieces: Iterable[tuple[str, str]], values: Iterable[str], domain: str
) -> Fields:
    """The same of parts and paths in which something stands."""
    pieces = tuple(pieces)
    hidden = re.compile(
        "|".join(re.escape(each) for each in sorted(values, key=len, reverse=True)) or "(?!)", re.I
    )
    parts = list(dict.fromkeys(part for part, _ in pieces))
    paths = list(
        dict.fromkeys(_DRAWN.sub("*", _INDEX.sub("[*]", hidden.sub(CANARY, path))) for _, path in pieces)
    )
    host = recipient.removesuffix(".")
    below = host.removesuffix(domain)
    if below and Part.HOST in parts and hidden.sub(CANARY, below) == below:
        return Fields(f"{CANARY}.{domain}", " + ".join(parts), " + ".join(paths))  # told in other letters
    return Fields(hidden.sub(CANARY, below) + host[len(below) :], " + ".join(parts), " + ".join(paths))


def fingerprint(canary: str, fields: Fields, condition: Condition, tells: Tells = Tells.WHOLE) -> str:
    """Of a transfer: depends on names and on how much it tells, never on values or times."""
    told = [canary, fields.recipient, fields.part, fields.path, sorted(condition.levels)]
    if tells is not Tells.WHOLE:
        told.append(tells)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:FINGERPRINT_DIGITS]


def fingerprint_of_unnamed(kind: PersonalKind, fields: Fields, condition: Condition) -> str:
    """Of what nobody named; no canary has the same, whatever it is called."""
    told = [{"unnamed": kind}, fields.recipient, fields.part, fields.path, sorted(condition.levels)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:FINGERPRINT_DIGITS]
