"""Fields that are known to hold identifiers, each with the reason.

Knowledge about protocols, never about one vendor's values. Identifiers without known names need twin devices.
"""

import re
from dataclasses import dataclass

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
