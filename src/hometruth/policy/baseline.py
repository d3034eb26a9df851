"""The baseline: leaks that were there when somebody began to look, so that only new ones fail."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from hometruth.errors import PolicyError
from hometruth.handed_in import Place, Table, Text, checked, json_lines, read_text
from hometruth.model import KnownLeak, Transfer


class _WrittenLeak(Table, frozen=True):
    fingerprint: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    canary: Text
    recipient: Text
    part: str = ""
    path: str = ""


class _WrittenBaseline(Table, frozen=True):
    schema: Literal["hometruth-baseline-1"]
    leaks: tuple[_WrittenLeak, ...]


def load_baseline(path: Path) -> tuple[KnownLeak, ...]:
    """Leaks known before.

    Raises:
        PolicyError: It cannot be read, or is no baseline.
    """
    text = read_text(path, PolicyError)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as err:
        raise PolicyError(f"{path}: not valid JSON: {err}") from err
    written = checked(document, _WrittenBaseline, Place(str(path), document, PolicyError, json_lines(text)))
    return tuple(
        KnownLeak(each.fingerprint, each.canary, each.recipient, each.part, each.path)
        for each in written.leaks
    )


def dump_baseline(leaks: Iterable[Transfer]) -> str:
    """These leaks as a baseline, in an order that keeps differences of two small."""
    rows = [
        {
            "fingerprint": each.fingerprint,
            "canary": each.canary,
            "recipient": each.recipient,
            "part": each.part,
            "path": each.path,
        }
        for each in leaks
    ]
    rows.sort(
        key=lambda row: tuple(row[key] for key in ("canary", "recipient", "part", "path", "fingerprint"))
    )
    return json.dumps({"schema": "hometruth-baseline-1", "leaks": rows}, indent=1) + "\n"
