"""The baseline: leaks that were there when somebody began to look, so that only new ones fail."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hometruth.errors import PolicyError
from hometruth.handed_in import BYTE_ORDER_MARK, Place, Table, Text, checked, json_lines, read_text
from hometruth.model import Condition, KnownLeak, Tells, Transfer
from hometruth.policy.names import Fields, fingerprint


class _WrittenLeak(Table, frozen=True):
    fingerprint: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    canary: Text
    recipient: Text
    part: str = ""
    path: str = ""
    under: dict[str, Text] = msgspec.field(default_factory=dict)
    tells: Tells = Tells.WHOLE

    def leak(self) -> KnownLeak:
        return KnownLeak(
            *(self.fingerprint, self.canary, self.recipient, self.part, self.path),
            Condition(tuple(sorted(self.under.items()))),
            self.tells,
        )


class _WrittenBaseline(Table, frozen=True):
    schema: Literal["hometruth-baseline-1"]
    leaks: tuple[_WrittenLeak, ...]


def load_baseline(path: Path) -> tuple[KnownLeak, ...]:
    """Leaks known before.

    Raises:
        PolicyError: It cannot be read, is no baseline, or has a fingerprint of another leak than it names.
    """
    text = read_text(path, PolicyError).removeprefix(BYTE_ORDER_MARK)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as err:
        raise PolicyError(f"{path}: not valid JSON: {err}") from err
    place = Place(str(path), document, PolicyError, json_lines(text))
    leaks = tuple(each.leak() for each in checked(document, _WrittenBaseline, place).leaks)
    for number, each in enumerate(leaks):
        fields = Fields(each.recipient, each.part, each.path)
        if each.fingerprint != fingerprint(each.canary, fields, each.condition, each.tells):
            place.at("leaks", number).fail(
                "fingerprint is that of another leak than is named here; write the baseline again with "
                "--write-baseline",
                "fingerprint",
            )
    return leaks


def dump_baseline(leaks: Iterable[Transfer]) -> str:
    """These leaks as a baseline, in an order that keeps differences of two small."""
    by_name = {each.fingerprint: each for each in leaks}
    ranked = sorted(
        by_name.values(),
        key=lambda each: (each.canary, each.recipient, each.part, each.path, each.fingerprint),
    )
    rows = [
        {
            "fingerprint": each.fingerprint,
            "canary": each.canary,
            "recipient": each.recipient,
            "part": each.part,
            "path": each.path,
            "under": each.condition.as_dict(),
            "tells": each.tells,
        }
        for each in ranked
    ]
    return json.dumps({"schema": "hometruth-baseline-1", "leaks": rows}, indent=1) + "\n"
