"""The baseline: leaks that were there when somebody began to look, so that only new ones fail."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hometruth.errors import PolicyError
from hometruth.handed_in import BYTE_ORDER_MARK, Place, Table, Text, checked, json_lines, read_text
from hometruth.model import Condition, KnownLeak, PersonalKind, SentField, Tells, Transfer, Unnamed
from hometruth.policy.names import Fields, fingerprint, fingerprint_of_unnamed


class _WrittenLeak(Table, frozen=True):
    fingerprint: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    recipient: Text
    canary: Text | None = None
    unnamed: PersonalKind | None = None
    part: str = ""
    path: str = ""
    under: dict[str, Text] = msgspec.field(default_factory=dict)
    tells: Tells = Tells.WHOLE

    def leak(self) -> KnownLeak:
        return KnownLeak(
            *(self.fingerprint, self.canary or "", self.recipient, self.part, self.path),
            Condition(tuple(sorted(self.under.items()))),
            self.tells,
            self.unnamed,
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
        if (each.unnamed is None) == (not each.canary):
            place.at("leaks", number).fail("needs canary, or unnamed in its place, and not both")
        made = (
            fingerprint(each.canary, fields, each.condition, each.tells)
            if each.unnamed is None
            else fingerprint_of_unnamed(each.unnamed, fields, each.condition)
        )
        if each.fingerprint != made:
            place.at("leaks", number).fail(
                "fingerprint is that of another leak than is named here; write the baseline again with "
                "--write-baseline",
                "fingerprint",
            )
    return leaks


def dump_baseline(leaks: Iterable[SentField]) -> str:
    """These leaks as a baseline, in an order that keeps differences of two small."""
    by_name = {each.fingerprint: each for each in leaks}
    ranked = sorted(
        by_name.values(),
        key=lambda each: (*_what(each).values(), each.recipient, each.part, each.path, each.fingerprint),
    )
    rows = [
        {
            "fingerprint": each.fingerprint,
            **_what(each),
            "recipient": each.recipient,
            "part": each.part,
            "path": each.path,
            "under": each.condition.as_dict(),
            **({"tells": each.tells} if isinstance(each, Transfer) else {}),
        }
        for each in ranked
    ]
    return json.dumps({"schema": "hometruth-baseline-1", "leaks": rows}, indent=1) + "\n"


def _what(sent: SentField) -> dict[str, str]:
    """A canary by its name, or what nobody named by its kind."""
    if isinstance(sent, Unnamed):
        return {"unnamed": sent.kind}
    assert isinstance(sent, Transfer)
    return {"canary": sent.canary}
