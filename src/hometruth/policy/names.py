"""Names that stay from one run to the next: of canaries, of fields, and of what went where."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from hometruth.errors import CanaryError
from hometruth.model import Canary, Condition, ScanRow

_INDEX = re.compile(r"\[\d+\]")
_DRAWN = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}|\d{6,}")
"""What differs from run to run in names of fields: UUIDs, digests, and numbers such as times."""
FINGERPRINT_DIGITS = 32
CANARY = "{canary}"


def name_of(canary: Canary) -> str:
    """What a canary is called from run to run: its id, or its kind if it was minted without a name.

    Raises:
        CanaryError: It is a person's own value without a name, which would stand in reports and dashboards.
    """
    if canary.id == f"c-{canary.value[:8].lower()}":
        return str(canary.kind)
    if canary.personal and canary.id == canary.value:
        raise CanaryError(
            "a canary is a person's own value without a name, and what a gate prints goes to dashboards: "
            'give it one, as in {"email": "…"}'
        )
    return canary.id


@dataclass(frozen=True, slots=True)
class Fields:
    """Where a value stands, in words that hold no value."""

    recipient: str
    part: str
    path: str


def stable_path(row: ScanRow, values: Iterable[str]) -> Fields:
    """Where a sighting is; numbers in lists, and *values* of canaries in names, do not tell fields apart."""
    hidden = re.compile(
        "|".join(re.escape(each) for each in sorted(values, key=len, reverse=True)) or "(?!)", re.I
    )
    pieces = [(piece.part, piece.path) for piece in row.pieces] or [(row.part, row.path)]
    parts = list(dict.fromkeys(part for part, _ in pieces))
    paths = list(
        dict.fromkeys(_DRAWN.sub("*", _INDEX.sub("[*]", hidden.sub(CANARY, path))) for _, path in pieces)
    )
    return Fields(hidden.sub(CANARY, row.recipient), " + ".join(parts), " + ".join(paths))


def fingerprint(canary: str, fields: Fields, condition: Condition) -> str:
    """Of a transfer: depends on names, never on values or times."""
    told = [canary, fields.recipient, fields.part, fields.path, sorted(condition.levels)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:FINGERPRINT_DIGITS]
