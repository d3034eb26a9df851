"""Collects identifiers in fields that are known to hold them, while exchanges go by.

Knowledge about protocols, never about one vendor's values. Identifiers without known names need twin devices.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from hometruth.model import Identifier, Part, Recipient, Value


class IdentifierRegister:
    """Values of known identifier fields, with the trials they were seen in."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, IdentifierField, str], set[str]] = defaultdict(set)

    def add(
        self, values: Iterable[Value], recipient: Recipient, trial_of: Callable[[Value], str | None]
    ) -> None:
        """Note every identifier in the peeled *values* of one exchange.

        Args:
            trial_of: Trial that a value speaks of; None (nobody can say) keeps the identifier, without trial.
        """
        if recipient.sdk is None:
            return
        for value in values:
            if value.part not in (Part.BODY, Part.QUERY) or not _is_field(value):
                continue
            for field in _fields_at(value.path):
                text = value.data.decode("utf-8", "backslashreplace")
                if text not in NOT_IDENTIFIERS:
                    self._seen[text, field, recipient.host].add(trial_of(value) or "")

    def update(self, other: "IdentifierRegister") -> None:
        """Add what another register holds."""
        for seen, trials in other._seen.items():
            self._seen[seen] |= trials

    def identifiers(self) -> tuple[Identifier, ...]:
        """All identifiers seen, sorted by field, recipient and value."""
        rows = sorted(self._seen.items(), key=lambda item: (item[0][1].name, item[0][2], item[0][0]))
        return tuple(
            Identifier(
                value=value,
                kind=field.kind,
                field=field.name,
                recipient=host,
                trials=tuple(sorted(trials - {""})),
                source=field.source,
            )
            for (value, field, host), trials in rows
        )


def _is_field(value: Value) -> bool:
    """True for the field itself; what an identifier happens to decode to is no identifier."""
    return bool(value.steps) and value.steps[-1].layer == "json"


_SDK = "official Sensors Analytics SDK sources"
_PALANT = "Palant 2020-05-04: super property set from the same value as identify()"


@dataclass(frozen=True, slots=True)
class IdentifierField:
    """One field of an event that names somebody or something."""

    name: str
    kind: str
    """``user`` (installation or account, whichever is set), ``installation``, ``device`` or ``account``."""
    path: re.Pattern[str]
    source: str


def _field(name: str, kind: str, source: str) -> IdentifierField:
    return IdentifierField(
        name, kind, re.compile(rf"^(?:data|data_list)(?:\[\d+\])?\.{re.escape(name)}$"), source
    )


NOT_IDENTIFIERS = frozenset({"", "9774d56d682e549c", "0123456789abcdef", "0000000000000000"})
"""Values that many devices share; the SDK itself does not take them for an ANDROID_ID (its sources)."""
IDENTIFIER_FIELDS = (
    _field("distinct_id", "user", f"{_SDK}: login id if set, else the anonymous id"),
    _field("original_id", "installation", f"{_SDK}: the anonymous id that a sign-up replaces"),
    _field("anonymous_id", "installation", f"{_SDK}: kept beside a login id since 4.0.4"),
    _field("login_id", "account", f"{_SDK}: the account name"),
    _field("properties.uuid", "installation", _PALANT),
    _field("properties.$device_id", "device", f"{_SDK}: ANDROID_ID unless disabled"),
)


@lru_cache(1 << 12)
def _fields_at(path: str) -> tuple[IdentifierField, ...]:
    """The fields that stand at *path*: an SDK uses the same paths all the time."""
    return tuple(field for field in IDENTIFIER_FIELDS if field.path.match(path))
