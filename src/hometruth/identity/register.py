"""Collect identifiers while exchanges go by."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from hometruth.identity.fields import IDENTIFIER_FIELDS, NOT_IDENTIFIERS, IdentifierField
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
            for field in IDENTIFIER_FIELDS:
                if field.path.match(value.path):
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
